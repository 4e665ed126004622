//! Lists that some of their members decide: `race`, `n_of`, `any_success_or_last_failure`,
//! `first_success` with options; limits; what becomes of losers.

mod support;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::list::{
    self, Left, LetGo, Losers, TooFew, any_success_or_last_failure, first_success, n_of, race,
};
use defer::prelude::*;
use defer::{Chain, HandMade, Resolver};
use futures::executor::block_on;
use support::{Watched, leaf, never, poll_once, poll_to_end};
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
struct Oops(usize);

type Made = (Resolver<u8>, Deferred<Result<u8, Failure>, HandMade<u8>>);

fn made() -> Made {
    Deferred::new()
}

type One = Watched<Result<usize, Oops>>;

#[test]
fn a_race_is_won_by_the_first_outcome_of_either_kind() {
    let failing = [leaf(5, Ok(0)).0, leaf(2, Err(Oops(1))).0, leaf(3, Ok(2)).0];
    assert_eq!(block_on(race(failing)), Some((1, Err(Oops(1)))));
    let succeeding: [One; 2] = [leaf(5, Err(Oops(0))).0, leaf(2, Ok(1)).0];
    assert_eq!(block_on(race(succeeding)), Some((1, Ok(1))));
    assert_eq!(block_on(race([never().0, leaf(1, "b").0])), Some((1, "b")));
}

#[test]
fn of_nothing_at_once() {
    let nothing = Vec::<One>::new;
    assert_eq!(poll_to_end(race(nothing())), (None, 1));
    assert_eq!(poll_to_end(first_success(nothing())), (Err(vec![]), 1));
    assert_eq!(
        poll_to_end(any_success_or_last_failure(nothing())),
        (Ok(None), 1)
    );
    assert_eq!(poll_to_end(n_of(nothing(), 0)), (Ok(vec![]), 1));
    let (too_few, polls) = poll_to_end(n_of(nothing(), 1));
    assert_eq!((too_few.unwrap_err().most(), polls), (0, 1));
    for losers in [Losers::Drop, Losers::Cancel, Losers::Finish] {
        let options = list::with().limit(1).losers(losers);
        assert_eq!(poll_to_end(options.race(nothing())), (None, 1));
    }
}

#[test]
fn tuples_hold_members_of_different_types() {
    let (resolver, made) = made();
    let other = succeed(1).add_callback(|n| Ok::<u8, Failure>(n + 1));
    let call = race((made, other, defer(async { Ok(9) })));
    let Some((1, Ok(2))) = block_on(call) else {
        panic!("the second is there at once")
    };
    assert!(resolver.is_cancelled());
    let failing = fail::<usize, _>(Oops(0));
    let won = first_success((
        failing,
        never::<Result<usize, Oops>>().0,
        leaf(1, Ok(2)).0.boxed(),
    ));
    assert_eq!(block_on(won), Ok((2, 2)));
    let all = n_of((leaf(2, Ok::<usize, Oops>(0)).0, defer(async { Ok(1) })), 2);
    assert_eq!(block_on(all), Ok(vec![(1, 1), (0, 0)]));
    let twelve = (
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        never().0,
        succeed(12),
    );
    assert_eq!(block_on(race(twelve)), Some((11, 12)));
}

#[test]
fn n_successes_come_in_the_order_of_completion() {
    let pages: [One; 5] = [
        leaf(9, Ok(0)).0,
        leaf(3, Ok(1)).0,
        leaf(1, Err(Oops(2))).0,
        leaf(2, Ok(3)).0,
        leaf(4, Ok(4)).0,
    ];
    assert_eq!(block_on(n_of(pages, 3)), Ok(vec![(3, 3), (1, 1), (4, 4)]));
}

#[test]
fn n_of_fails_as_soon_as_there_cannot_be_so_many() {
    let (pending, seen) = never();
    let pages = [
        leaf(1, Err(Oops(0))).0,
        leaf(0, Ok(1)).0,
        leaf(2, Err(Oops(2))).0,
        pending,
    ];
    let error = block_on(n_of(pages, 3)).unwrap_err();
    assert_eq!(error.failures(), [(0, Oops(0)), (2, Oops(2))]);
    assert_eq!((error.asked(), error.most()), (3, 2));
    assert_eq!(
        error.to_string(),
        "3 successes asked for: 2 failures leave 2 at most"
    );
    assert!(seen.dropped());
    assert_eq!(error.into_failures(), [(0, Oops(0)), (2, Oops(2))]);
}

#[test]
fn none_begins_where_none_or_too_many_are_asked_for() {
    for losers in [Losers::Drop, Losers::Cancel, Losers::Finish] {
        for (n, most) in [(0, None), (3, Some(2))] {
            let ((a, seen_a), (b, seen_b)) = (never::<Result<u8, Oops>>(), never());
            let (out, polls) = poll_to_end(list::with().losers(losers).n_of([a, b], n));
            assert_eq!(polls, 1);
            assert_eq!(out.as_ref().err().map(TooFew::most), most);
            assert_eq!((seen_a.polls(), seen_b.polls()), (0, 0));
            assert!(seen_a.dropped() && seen_b.dropped());
        }
    }
    let unknown = (0..2).map(|n| leaf(0, Ok::<_, Oops>(n)).0).filter(|_| true);
    let error = block_on(list::with().limit(1).n_of(unknown, 3)).unwrap_err();
    assert_eq!((error.most(), error.failures().len()), (2, 0));
    assert_eq!(
        error.to_string(),
        "3 successes asked for: there can be 2 at most"
    );
    let one = block_on(n_of([fail::<u8, _>(Oops(0))], 1)).unwrap_err();
    assert_eq!(
        one.to_string(),
        "1 success asked for: 1 failure leaves 0 at most"
    );
}

#[test]
fn the_last_failure_is_the_last_by_time() {
    let lookups: [One; 3] = [2, 7, 0].map(|polls| leaf(polls, Err(Oops(polls))).0);
    assert_eq!(block_on(any_success_or_last_failure(lookups)), Err(Oops(7)));
    let lookups: [One; 3] = [
        leaf(0, Err(Oops(0))).0,
        leaf(3, Ok(1)).0,
        leaf(1, Err(Oops(2))).0,
    ];
    assert_eq!(
        block_on(any_success_or_last_failure(lookups)),
        Ok(Some((1, 1)))
    );
}

/// Each function that has losers, with a member that decides and one that cleans up. The
/// resolvers decide, are waited for, and end the clean-up.
fn decided_beside_clean_up(
    losers: Option<Losers>,
) -> Vec<(Run, Resolver<u8>, Resolver<u8>, Resolver<u8>)> {
    fn options(losers: Option<Losers>) -> list::Options {
        losers.map_or(list::with(), |losers| list::with().losers(losers))
    }
    fn failed<T>(_: T) -> Result<u8, Failure> {
        Err(Failure::msg("failed"))
    }
    let calls: Vec<fn(list::Options, Vec<Deferred<Result<u8, Failure>>>) -> Run> = vec![
        |options, members| {
            options
                .first_success(members)
                .add_callbacks(|(_, n)| Ok::<u8, Failure>(n), failed)
                .boxed()
        },
        |options, members| {
            options
                .race(members)
                .add_callback(|first| first.unwrap().1)
                .boxed()
        },
        |options, members| {
            options
                .n_of(members, 1)
                .add_callbacks(|all| Ok::<u8, Failure>(all[0].1), failed)
                .boxed()
        },
        |options, members| {
            let any = options.any_success_or_last_failure(members);
            any.add_callback(|first| first.unwrap().1).boxed()
        },
    ];
    calls
        .into_iter()
        .map(|call| {
            let (decides, a) = made();
            let (waits, b) = made();
            let (cleaned, clean_up) = made();
            let b = b.add_errback(|_| clean_up);
            (
                call(options(losers), vec![a.boxed(), b.boxed()]),
                decides,
                waits,
                cleaned,
            )
        })
        .collect()
}

type Run = Deferred<Result<u8, Failure>>;

#[test]
fn losers_are_cancelled_and_waited_for() {
    for losers in [None, Some(Losers::Cancel)] {
        for (call, decides, waits, cleaned) in decided_beside_clean_up(losers) {
            let mut call = pin!(call);
            assert!(poll_once(call.as_mut()).is_pending());
            decides.callback(1).unwrap();
            assert!(poll_once(call.as_mut()).is_pending(), "the loser cleans up");
            assert!(waits.is_cancelled());
            cleaned.callback(9).unwrap();
            assert_eq!(block_on(call).unwrap(), 1);
        }
    }
}

#[test]
fn losers_are_dropped() {
    for (call, decides, waits, cleaned) in decided_beside_clean_up(Some(Losers::Drop)) {
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        decides.callback(1).unwrap();
        assert!(poll_once(call.as_mut()).is_ready());
        assert_eq!(waits.callback(2), Err(2), "nobody waits for it");
        assert_eq!(cleaned.callback(3), Err(3), "no errback ran");
    }
}

#[test]
fn losers_finish() {
    for (call, decides, waits, cleaned) in decided_beside_clean_up(Some(Losers::Finish)) {
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        decides.callback(1).unwrap();
        assert!(poll_once(call.as_mut()).is_pending(), "the loser goes on");
        waits.errback(Failure::msg("no")).unwrap();
        assert!(poll_once(call.as_mut()).is_pending(), "its errback ran");
        cleaned.callback(3).unwrap();
        assert_eq!(block_on(call).unwrap(), 1);
    }
}

#[test]
fn losers_that_finish_are_cancelled_with_the_whole() {
    for (call, decides, waits, cleaned) in decided_beside_clean_up(Some(Losers::Finish)) {
        let (call, canceller) = call.cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        decides.callback(1).unwrap();
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        assert!(waits.is_cancelled());
        cleaned.callback(3).unwrap();
        assert_eq!(block_on(call).unwrap(), 1, "it was decided");
    }
}

#[test]
fn cancelled_each_of_them_waits_and_is_cancelled() {
    for (call, decides, waits, cleaned) in decided_beside_clean_up(None) {
        let (call, canceller) = call.cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(
            poll_once(call.as_mut()).is_pending(),
            "the second cleans up"
        );
        assert!(decides.is_cancelled() && waits.is_cancelled());
        cleaned.errback(Failure::msg("no")).unwrap();
        let failure = block_on(call).unwrap_err();
        let all_failed = ["failed", "no"].contains(&failure.to_string().as_str());
        assert!(all_failed || failure.is_cancelled(), "{failure}");
    }
}

#[test]
fn a_rule_of_ones_own() {
    /// Keeps what is left, for later.
    struct Keep<F: Chain>(Arc<Mutex<Option<Left<F>>>>);
    impl<F: Chain> LetGo<F> for Keep<F> {
        fn let_go(&mut self, losers: Left<F>) -> Option<Left<F>> {
            *self.0.lock().unwrap() = Some(losers);
            None
        }
    }
    let kept = Arc::default();
    let pages: [One; 3] = [leaf(3, Ok(0)).0, leaf(1, Ok(1)).0, leaf(2, Err(Oops(2))).0];
    let first = list::with()
        .losers(Keep(Arc::clone(&kept)))
        .first_success(pages);
    assert_eq!(block_on(first), Ok((1, 1)));
    let mut left = kept.lock().unwrap().take().expect("two were pending");
    assert_eq!(left.pending(), 2);
    assert_eq!(block_on(left.next()), Some((2, Err(Oops(2)))));
    assert_eq!(block_on(left.next()), Some((0, Ok(0))));
    assert_eq!(block_on(left.next()), None);
}

#[test]
fn a_limit_of_zero_is_refused() {
    let refused = catch_unwind(|| list::with().limit(0)).unwrap_err();
    let message = refused.downcast_ref::<&str>().expect("a plain message");
    assert!(message.contains("a limit of 0"), "{message}");
}

#[test]
fn no_more_are_taken_than_there_is_room_for() {
    let taken = Cell::new(0);
    let running = Cell::new(0);
    let most = Cell::new(0);
    let members = (0_usize..).map(|place| {
        taken.set(taken.get() + 1);
        let (running, most) = (&running, &most);
        defer(async move {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            let outcome = if place == 999 {
                Ok(place)
            } else {
                Err(Oops(place))
            };
            let outcome = leaf(1 + place % 3, outcome).0.await;
            running.set(running.get() - 1);
            outcome
        })
    });
    let first = list::with().limit(7).any_success_or_last_failure(members);
    assert!(taken.get() <= 7, "before it runs");
    assert_eq!(block_on(first), Ok(Some((999, 999))));
    assert_eq!(most.get(), 7);
    assert!(
        taken.get() <= 999 + 7 + 1,
        "{} of an endless iterator",
        taken.get()
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_used_to_the_full() {
    let start = Instant::now();
    let page = |n: u64| {
        defer(async move {
            sleep(Duration::from_millis(10)).await;
            Ok::<_, Oops>(n)
        })
    };
    let pages = list::with().limit(10).gather((0..100).map(page)).await;
    assert_eq!(pages, Ok((0..100).collect()));
    let elapsed = start.elapsed();
    assert!(elapsed >= Duration::from_millis(100), "{elapsed:?}");
    assert!(elapsed <= Duration::from_millis(110), "{elapsed:?}");
}

#[test]
fn members_that_were_not_taken_never_begin() {
    let seen: Vec<_> = (0..3).map(|_| never::<Result<u8, Oops>>()).collect();
    let (pending, seen): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
    let first = [leaf(1, Ok(7)).0].into_iter().chain(pending);
    let call = list::with()
        .limit(2)
        .losers(Losers::Cancel)
        .first_success(first);
    assert_eq!(block_on(call), Ok((0, 7)));
    let polls: Vec<_> = seen.iter().map(support::Seen::polls).collect();
    assert_eq!(polls, [1, 0, 0]);
    assert!(seen.iter().all(support::Seen::dropped));
}

#[test]
fn an_iterator_that_panics_harms_nothing_else() {
    let (pending, seen) = never::<Result<u8, Oops>>();
    let members = [leaf(1, Err(Oops(0))).0, pending].into_iter();
    let panics = members.chain(std::iter::from_fn(|| panic!("no more")));
    let call = list::with().limit(2).first_success(panics);
    let caught = catch_unwind(AssertUnwindSafe(|| block_on(call)));
    assert!(caught.is_err());
    assert!(seen.dropped());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_of_them_are_prompt() {
    let start = Instant::now();
    let member = |place: u64| {
        defer(async move {
            sleep(Duration::from_millis(if place == 7_777 { 10 } else { 300 })).await;
            Ok::<_, Oops>(place)
        })
    };
    let first = race((0..10_000).map(member)).await;
    assert_eq!(first, Some((7_777, Ok(7_777))));
    let first = n_of((0..10_000).map(member), 1).await;
    assert_eq!(first, Ok(vec![(7_777, 7_777)]));
    let late = start.elapsed() - Duration::from_millis(20);
    assert!(late <= Duration::from_millis(2), "{late:?} late");
}
