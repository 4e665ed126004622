//! Random lists against a plain model: what comes out, how many have begun by then, and how
//! many were waited for.
//!
//! The model knows no deferreds. Members have priorities; of those that run the one with the
//! highest comes to its outcome next, and makes room for another one. That gives one order of
//! events, and each function is a fold over a part of it.

mod support;

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use defer::list::{self, Losers};
use defer::prelude::*;
use defer::{Chain, Wrapped};
use proptest::prelude::*;
use support::poll_once;

/// The place is the value and the error, so that mistaken identities show.
type Outcome = Result<usize, usize>;
type Event = (usize, Outcome);

#[derive(Clone, Debug)]
struct Case {
    /// Of each member its priority and whether it succeeds.
    members: Vec<(u8, bool)>,
    limit: usize,
    losers: Losers,
}

fn cases() -> impl Strategy<Value = Case> {
    let members = prop::collection::vec((any::<u8>(), any::<bool>()), 0..12);
    let losers = prop::sample::select(vec![Losers::Drop, Losers::Cancel, Losers::Finish]);
    (members, 1..14_usize, losers).prop_map(|(members, limit, losers)| Case {
        members,
        limit,
        losers,
    })
}

impl Case {
    fn outcome(&self, place: usize) -> Outcome {
        if self.members[place].1 {
            Ok(place)
        } else {
            Err(place)
        }
    }

    fn first_of(&self, running: impl Iterator<Item = usize>) -> Option<usize> {
        running.min_by_key(|place| (self.members[*place].0, *place))
    }

    /// All events, if nothing is decided before the end.
    fn events(&self) -> Vec<Event> {
        let mut to_come = 0..self.members.len();
        let mut running: Vec<_> = to_come.by_ref().take(self.limit).collect();
        let mut events = Vec::new();
        while let Some(place) = self.first_of(running.iter().copied()) {
            running.retain(|one| *one != place);
            running.extend(to_come.next());
            events.push((place, self.outcome(place)));
        }
        events
    }

    /// After which a function is decided that `decides` so; with all of them if it never does.
    fn until(&self, mut decides: impl FnMut(&[Event]) -> bool) -> Vec<Event> {
        let events = self.events();
        let decided = (0..=events.len()).find(|count| decides(&events[..*count]));
        events[..decided.unwrap_or(events.len())].to_vec()
    }

    /// How many have begun, and how many of those are waited for, after `events`.
    fn counts(&self, events: usize) -> (usize, usize) {
        let count = self.members.len();
        // What decides makes no room any more.
        let begun = match events {
            0 => 0,
            _ => count.min(self.limit.saturating_add(events - 1)),
        };
        let waited = if self.losers == Losers::Finish {
            begun
        } else {
            events
        };
        (begun, waited)
    }

    /// The members, and who fires them.
    fn members(
        &self,
    ) -> (
        Gates,
        impl Iterator<Item = Deferred<Outcome, Wrapped<Gate>>> + use<>,
    ) {
        let gates = Gates {
            case: self.clone(),
            states: Arc::new(Mutex::new(vec![State::default(); self.members.len()])),
        };
        let states = gates.states.clone();
        let count = self.members.len();
        let members = (0..count).map(move |place| {
            defer(Gate {
                states: states.clone(),
                place,
            })
        });
        (gates, members)
    }
}

#[derive(Clone, Default)]
struct State {
    begun: bool,
    outcome: Option<Outcome>,
    fired: bool,
    waker: Option<Waker>,
}

struct Gate {
    states: Arc<Mutex<Vec<State>>>,
    place: usize,
}

impl Future for Gate {
    type Output = Outcome;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let state = &mut self.states.lock().unwrap()[self.place];
        state.begun = true;
        state.waker = Some(cx.waker().clone());
        state.outcome.take().map_or(Poll::Pending, Poll::Ready)
    }
}

struct Gates {
    case: Case,
    states: Arc<Mutex<Vec<State>>>,
}

impl Gates {
    /// Fire the one of those that run whose turn it is.
    fn fire(&self) {
        let waker = {
            let mut states = self.states.lock().unwrap();
            let runs = |place: &usize| states[*place].begun && !states[*place].fired;
            let place = self.case.first_of((0..states.len()).filter(runs));
            let place = place.expect("something runs, or it would not be pending");
            states[place].fired = true;
            states[place].outcome = Some(self.case.outcome(place));
            states[place].waker.clone().expect("it was polled")
        };
        waker.wake();
    }

    fn count(&self, of: impl Fn(&State) -> bool) -> usize {
        self.states
            .lock()
            .unwrap()
            .iter()
            .filter(|state| of(state))
            .count()
    }

    /// What comes out, how many have begun, how many were fired.
    fn drive<O, F: Chain<Output = O>>(&self, deferred: Deferred<O, F>) -> (O, (usize, usize)) {
        let mut deferred = pin!(deferred);
        loop {
            if let Poll::Ready(out) = poll_once(deferred.as_mut()) {
                return (
                    out,
                    (self.count(|one| one.begun), self.count(|one| one.fired)),
                );
            }
            self.fire();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_outcome_comes_in_order(case in cases()) {
        let (gates, members) = case.members();
        let (all, counts) = gates.drive(list::with().limit(case.limit).deferred_list(members));
        let expected: Vec<_> = (0..case.members.len()).map(|place| case.outcome(place)).collect();
        prop_assert_eq!(all, expected);
        prop_assert_eq!(counts, (case.members.len(), case.members.len()));
    }

    #[test]
    fn gathers_end_with_the_first_failure(case in cases()) {
        let (gates, members) = case.members();
        let options = list::with().limit(case.limit).losers(case.losers);
        let (out, counts) = gates.drive(options.gather(members));
        let events = case.until(|events| events.iter().any(|(_, out)| out.is_err()));
        let expected = match events.last() {
            Some((_, Err(place))) => Err(*place),
            _ => Ok((0..case.members.len()).collect::<Vec<_>>()),
        };
        prop_assert_eq!(out, expected);
        prop_assert_eq!(counts, case.counts(events.len()));
    }

    #[test]
    fn the_first_success_or_all_failures(case in cases()) {
        let (gates, members) = case.members();
        let options = list::with().limit(case.limit).losers(case.losers);
        let (out, counts) = gates.drive(options.first_success(members));
        let events = case.until(|events| events.iter().any(|(_, out)| out.is_ok()));
        let expected = match events.last() {
            Some((place, Ok(value))) => Ok((*place, *value)),
            _ => Err((0..case.members.len()).collect::<Vec<_>>()),
        };
        prop_assert_eq!(out, expected);
        prop_assert_eq!(counts, case.counts(events.len()));
    }

    #[test]
    fn the_first_success_or_the_last_failure(case in cases()) {
        let (gates, members) = case.members();
        let options = list::with().limit(case.limit).losers(case.losers);
        let (out, counts) = gates.drive(options.any_success_or_last_failure(members));
        let events = case.until(|events| events.iter().any(|(_, out)| out.is_ok()));
        let expected = match events.last() {
            Some((place, Ok(value))) => Ok(Some((*place, *value))),
            Some((_, Err(error))) => Err(*error),
            None => Ok(None),
        };
        prop_assert_eq!(out, expected);
        prop_assert_eq!(counts, case.counts(events.len()));
    }

    #[test]
    fn the_first_of_a_race(case in cases()) {
        let (gates, members) = case.members();
        let options = list::with().limit(case.limit).losers(case.losers);
        let (out, counts) = gates.drive(options.race(members));
        let events = case.until(|events| !events.is_empty());
        prop_assert_eq!(out, events.first().copied());
        prop_assert_eq!(counts, case.counts(events.len()));
    }

    #[test]
    fn so_many_successes_or_too_few(case in cases(), n in 0..8_usize) {
        let (gates, members) = case.members();
        let options = list::with().limit(case.limit).losers(case.losers);
        let (out, counts) = gates.drive(options.n_of(members, n));
        let of = |events: &[Event], ok: bool| -> Vec<(usize, usize)> {
            let wanted = events.iter().filter(|(_, out)| out.is_ok() == ok);
            wanted.map(|(place, _)| (*place, *place)).collect()
        };
        let most = |events: &[Event]| case.members.len() - of(events, false).len();
        let events = case.until(|events| of(events, true).len() >= n || most(events) < n);
        let failures = of(&events, false);
        match out {
            Ok(successes) => prop_assert_eq!(successes, of(&events, true)),
            Err(error) => {
                prop_assert!(of(&events, true).len() < n);
                prop_assert_eq!(error.failures(), &failures);
                prop_assert_eq!((error.asked(), error.most()), (n, most(&events)));
            }
        }
        prop_assert_eq!(counts, case.counts(events.len()));
    }

    #[test]
    fn a_stream_has_all_events(case in cases()) {
        let (gates, members) = case.members();
        let mut stream = list::with().limit(case.limit).select_all(members);
        for event in case.events() {
            let (out, _) = gates.drive(stream.next());
            prop_assert_eq!(out, Some(event));
        }
        let (out, _) = gates.drive(stream.next());
        prop_assert_eq!(out, None);
    }
}
