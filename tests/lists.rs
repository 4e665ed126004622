//! Lists of deferreds: gathered, or with every outcome.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use defer::list::first_success;
use defer::prelude::*;
use defer::{HandMade, Resolver};
use futures::executor::block_on;
use support::{Log, Wakes, leaf, never, poll_once, poll_to_end, told};
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
struct Oops(usize);

#[callback]
fn gather(list: Vec<usize>) -> Vec<usize> {
    list
}

#[callback]
fn outcomes(list: Vec<Result<usize, Oops>>) -> Vec<Result<usize, Oops>> {
    list
}

/// A future that is done when it is told so, and counts its polls.
#[derive(Clone, Default)]
struct Gate(Arc<GateState>);

#[derive(Default)]
struct GateState {
    open: Mutex<(bool, Option<Waker>)>,
    polls: AtomicUsize,
}

impl Gate {
    fn open(&self) {
        let waker = {
            let mut state = self.0.open.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        waker.expect("it was polled").wake();
    }

    fn polls(&self) -> usize {
        self.0.polls.load(SeqCst)
    }
}

impl Future for Gate {
    type Output = usize;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        self.0.polls.fetch_add(1, SeqCst);
        let mut state = self.0.open.lock().unwrap();
        if state.0 {
            return Poll::Ready(1);
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn the_order_is_that_of_the_list() {
    let log = Log::default();
    let list = vec![
        told("a", &log, 3, 1),
        told("b", &log, 0, 2),
        told("c", &log, 1, 3),
    ];
    assert_eq!(poll_to_end(gather(list)).0, [1, 2, 3]);
    assert_eq!(log.all()[0], "poll a", "the first is polled first");
    let list: Vec<_> = (0..100)
        .map(|i| leaf(i * 7 % 13, Ok::<_, Oops>(i)).0)
        .collect();
    assert_eq!(block_on(gather(list)), Ok((0..100).collect::<Vec<_>>()));
}

#[test]
fn empty_lists_are_there_at_once() {
    let none: Vec<support::Watched<usize>> = Vec::new();
    assert_eq!(poll_to_end(gather(none)), (vec![], 1));
    let none: Vec<support::Watched<Result<usize, Oops>>> = Vec::new();
    assert_eq!(poll_to_end(gather(none)), (Ok(vec![]), 1));
    let none: Vec<support::Watched<Result<usize, Oops>>> = Vec::new();
    assert_eq!(poll_to_end(outcomes(none)), (vec![], 1));

    #[callback]
    fn maps(a: HashMap<u8, usize>, b: BTreeMap<u8, usize>, c: [usize; 0]) -> usize {
        a.len() + b.len() + c.len()
    }
    let a: HashMap<u8, support::Watched<usize>> = HashMap::new();
    let b: BTreeMap<u8, support::Watched<usize>> = BTreeMap::new();
    let c: [support::Watched<usize>; 0] = [];
    assert_eq!(poll_to_end(maps(a, b, c)), (0, 1));
}

#[test]
fn every_outcome_is_kept_in_order() {
    let list = vec![
        leaf(2, Err(Oops(0))).0,
        leaf(0, Ok(1)).0,
        leaf(1, Err(Oops(2))).0,
        leaf(3, Ok(3)).0,
    ];
    let all: Vec<Result<usize, Oops>> = block_on(outcomes(list));
    assert_eq!(all, [Err(Oops(0)), Ok(1), Err(Oops(2)), Ok(3)]);
}

#[test]
fn the_first_failure_drops_the_other_members_in_the_same_poll() {
    let (pending, seen) = never::<Result<usize, Oops>>();
    let (ready, seen_ready) = leaf(0, Ok(0));
    let (failing, _) = leaf(1, Err(Oops(1)));
    let mut call = pin!(gather(vec![pending, failing, ready]));
    let mut polls = 0;
    let failed = loop {
        assert!(!seen.dropped());
        polls += 1;
        if let Poll::Ready(out) = poll_once(call.as_mut()) {
            break out;
        }
        assert!(polls < 5, "it fails soon");
    };
    assert_eq!(failed, Err(Oops(1)));
    assert!(seen.dropped() && seen_ready.dropped());
}

#[test]
fn the_first_failure_by_time_wins_in_a_list() {
    let list = vec![
        leaf(9, Err(Oops(0))).0,
        leaf(2, Err(Oops(1))).0,
        leaf(5, Ok(2)).0,
    ];
    assert_eq!(block_on(gather(list)), Err(Oops(1)));
}

#[test]
fn only_members_that_were_woken_are_polled() {
    const MEMBERS: usize = 1000;
    let gates: Vec<Gate> = (0..MEMBERS).map(|_| Gate::default()).collect();
    let mut call = pin!(gather(gates.iter().cloned().map(defer).collect::<Vec<_>>()));
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert!(gates.iter().all(|gate| gate.polls() == 1));
    for place in [7, 999, 0] {
        let before = wakes.count();
        gates[place].open();
        assert!(wakes.count() > before, "a member wakes the list");
        assert!(call.as_mut().poll(&mut cx).is_pending());
        assert_eq!(gates[place].polls(), 2);
    }
    assert_eq!(gates.iter().map(Gate::polls).sum::<usize>(), MEMBERS + 3);
    // A poll without a wake-up of a member polls none of them.
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert_eq!(gates.iter().map(Gate::polls).sum::<usize>(), MEMBERS + 3);
    for gate in &gates {
        if gate.polls() == 1 {
            gate.open();
        }
    }
    // A list may pause in between, to let other tasks run, and then wakes itself.
    let list = loop {
        let before = wakes.count();
        match call.as_mut().poll(&mut cx) {
            Poll::Ready(list) => break list,
            Poll::Pending => assert!(wakes.count() > before),
        }
    };
    assert_eq!(list, vec![1; MEMBERS]);
    assert!(
        gates.iter().all(|gate| gate.polls() == 2),
        "two polls a member: one a wake-up"
    );
}

#[test]
fn ten_thousand_that_finish_one_by_one_in_any_order_are_polled_twice_each() {
    const MEMBERS: usize = 10_000;
    let gates: Vec<Gate> = (0..MEMBERS).map(|_| Gate::default()).collect();
    let mut call = pin!(gather(gates.iter().cloned().map(defer).collect::<Vec<_>>()));
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(call.as_mut().poll(&mut cx).is_pending());
    let mut order: Vec<usize> = (0..MEMBERS).collect();
    // Shuffled, the same way each time.
    let mut random = 88_172_645_463_325_252_u64;
    for last in (1..MEMBERS).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        order.swap(last, random as usize % (last + 1));
    }
    for (opened, &place) in order.iter().enumerate() {
        assert_eq!(wakes.count(), opened, "one wake-up of the list a member");
        gates[place].open();
        let polled = call.as_mut().poll(&mut cx);
        assert_eq!(polled.is_ready(), opened + 1 == MEMBERS);
    }
    let polls: Vec<usize> = gates.iter().map(Gate::polls).collect();
    assert_eq!(polls, vec![2; MEMBERS]);
}

#[tokio::test(start_paused = true)]
async fn the_first_error_among_ten_thousand_is_prompt() {
    async fn member(place: usize) -> Result<usize, Oops> {
        sleep(Duration::from_millis(if place == 7_777 { 10 } else { 300 })).await;
        if place == 7_777 {
            Err(Oops(place))
        } else {
            Ok(place)
        }
    }
    let start = Instant::now();
    let failed = gather(
        (0..10_000)
            .map(|place| defer(member(place)))
            .collect::<Vec<_>>(),
    )
    .await;
    assert_eq!(failed, Err(Oops(7_777)));
    let late = start.elapsed() - Duration::from_millis(10);
    assert!(late <= Duration::from_millis(1), "{late:?} late");
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_run_at_once() {
    async fn member(place: usize) -> usize {
        sleep(Duration::from_millis(place as u64 % 100)).await;
        place
    }
    let start = Instant::now();
    let all = gather(
        (0..10_000)
            .map(|place| defer(member(place)))
            .collect::<Vec<_>>(),
    )
    .await;
    assert_eq!(all, (0..10_000).collect::<Vec<_>>());
    assert!(start.elapsed() <= Duration::from_millis(100));
}

#[test]
fn lists_nest_through_calls() {
    #[callback]
    fn total(list: Vec<usize>) -> usize {
        list.into_iter().sum()
    }
    let inner = |n: usize| total((0..n).map(succeed).collect::<Vec<_>>());
    let whole: usize = block_on(total(vec![inner(3), inner(4)]));
    assert_eq!(whole, 3 + 6);
    let failing = |n: usize| total(vec![leaf(n, Err::<usize, _>(Oops(n))).0]);
    assert_eq!(block_on(total(vec![failing(5), failing(2)])), Err(Oops(2)));
}

#[test]
fn deferreds_of_different_origin_in_one_list() {
    let list: Vec<Deferred<usize>> = vec![
        succeed(1).boxed(),
        defer(async { 2 }).boxed(),
        leaf(2, 3).0.boxed(),
    ];
    assert_eq!(block_on(gather(list)), [1, 2, 3]);
}

#[test]
fn a_map_keeps_its_keys_and_its_hasher() {
    use std::hash::{BuildHasherDefault, DefaultHasher};
    type Map<T> = HashMap<String, T, BuildHasherDefault<DefaultHasher>>;
    #[callback]
    fn same(map: Map<usize>) -> Map<usize> {
        map
    }
    let mut map: Map<support::Watched<usize>> = HashMap::default();
    for i in 0..20 {
        map.insert(i.to_string(), leaf(20 - i, i).0);
    }
    let map = block_on(same(map));
    assert_eq!(map.len(), 20);
    assert!(map.iter().all(|(key, value)| *key == value.to_string()));
}

#[test]
fn dropping_a_pending_list_drops_its_members_and_values() {
    let value = Arc::new(());
    #[callback]
    fn keep(list: Vec<Arc<()>>) -> usize {
        list.len()
    }
    let (ready, _) = leaf(0, value.clone());
    let (pending, seen) = never();
    let mut call = Box::pin(keep(vec![ready, pending]));
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(Arc::strong_count(&value), 2, "the value waits in its place");
    drop(call);
    assert!(seen.dropped());
    assert_eq!(Arc::strong_count(&value), 1);
}

type Made = (Resolver<u8>, Deferred<Result<u8, Failure>, HandMade<u8>>);

fn made() -> Made {
    Deferred::new()
}

#[test]
fn the_first_success_by_time_wins() {
    let list = [
        leaf(9, Ok(0)).0,
        leaf(2, Err(Oops(1))).0,
        leaf(5, Ok(2)).0,
        leaf(7, Ok(3)).0,
    ];
    assert_eq!(block_on(first_success(list)), Ok((2, 2)));
}

#[test]
fn what_is_ready_at_once_starts_no_others() {
    let (never, seen) = never::<Result<usize, Oops>>();
    let call = first_success([leaf(0, Ok(7)).0, never]);
    assert_eq!(poll_to_end(call).0, Ok((0, 7)));
    assert_eq!(seen.polls(), 0);
    assert!(seen.dropped());
}

#[test]
fn all_failures_come_in_the_order_of_the_list() {
    let list = [2, 0, 1].map(|pending| leaf(pending, Err::<u8, _>(Oops(pending))).0);
    assert_eq!(
        block_on(first_success(list)),
        Err(vec![Oops(2), Oops(0), Oops(1)])
    );
}

#[test]
fn a_first_success_of_nothing_fails_at_once() {
    let none: [support::Watched<Result<u8, Oops>>; 0] = [];
    assert_eq!(poll_to_end(first_success(none)), (Err(vec![]), 1));
}

#[test]
fn losers_are_cancelled_and_their_clean_up_is_waited_for() {
    let (first, a) = made();
    let (second, b) = made();
    let (cleaned, clean_up) = made();
    let log = Log::default();
    let told = log.clone();
    let a = a.boxed();
    let b = b.add_errback(move |why| {
        assert!(why.is_cancelled());
        told.add("cancelled");
        clean_up
    });
    let mut call = pin!(first_success([a, b.boxed()]));
    assert!(poll_once(call.as_mut()).is_pending());
    first.callback(1).unwrap();
    assert!(poll_once(call.as_mut()).is_pending(), "the loser cleans up");
    assert_eq!(log.all(), ["cancelled"]);
    assert!(second.is_cancelled());
    cleaned.callback(9).unwrap();
    assert_eq!(
        block_on(call).unwrap(),
        (0, 1),
        "what the loser says is lost"
    );
}

#[test]
fn cancelling_a_first_success_cancels_all_members() {
    let (first, a) = made();
    let (second, b) = made();
    let failing = |errors: Vec<Failure>| Err(errors.into_iter().next().unwrap());
    let (call, canceller) = first_success([a, b]).add_errback(failing).cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(block_on(call).unwrap_err().is_cancelled());
    assert!(first.is_cancelled() && second.is_cancelled());
}

#[test]
fn a_member_that_succeeds_when_cancelled_wins() {
    let (_resolver, a) = made();
    let (_other, b) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| Some(Ok(9)));
    let call = first_success([a.boxed(), b.boxed()]);
    let (call, canceller) = call
        .add_errback(|_| Err(Failure::msg("none")))
        .cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert_eq!(block_on(call).unwrap(), (1, 9));
}

#[test]
fn a_first_success_polls_members_that_were_woken_only() {
    let gates: Vec<Gate> = (0..100).map(|_| Gate::default()).collect();
    let list = gates
        .iter()
        .cloned()
        .map(|gate| defer(gate).add_callback(Ok::<_, Oops>));
    let mut call = pin!(first_success(list));
    assert!(poll_once(call.as_mut()).is_pending());
    gates[42].open();
    assert_eq!(block_on(call), Ok((42, 1)));
    assert_eq!(gates.iter().map(Gate::polls).sum::<usize>(), 101);
}

#[test]
fn a_first_success_wins_wherever_it_stands_and_the_others_are_cancelled() {
    for before in 0..=3 {
        for after in 0..=3 {
            let (mut resolvers, members): (Vec<_>, Vec<_>) =
                (0..before + 1 + after).map(|_| made()).unzip();
            let mut call = pin!(first_success(members));
            assert!(poll_once(call.as_mut()).is_pending());
            resolvers.remove(before).callback(7).unwrap();
            assert_eq!(block_on(call).unwrap(), (before, 7));
            assert!(resolvers.iter().all(Resolver::is_cancelled));
        }
    }
}

#[test]
fn failures_of_any_order_come_in_the_order_of_the_list() {
    for first_to_fail in 0..4 {
        let (resolvers, members): (Vec<_>, Vec<_>) = (0..4).map(|_| made()).unzip();
        let mut call = pin!(first_success(members));
        let mut resolvers: Vec<_> = resolvers.into_iter().enumerate().collect();
        resolvers.rotate_left(first_to_fail);
        for (place, resolver) in resolvers {
            assert!(poll_once(call.as_mut()).is_pending());
            resolver.errback(Failure::msg(place.to_string())).unwrap();
        }
        let all = block_on(call).unwrap_err();
        let all: Vec<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(all, ["0", "1", "2", "3"]);
    }
}

#[test]
fn a_loser_that_is_fired_too_late_gets_its_value_back() {
    let (winner, a) = made();
    let (loser, b) = made();
    let mut call = pin!(first_success([a, b]));
    assert!(poll_once(call.as_mut()).is_pending());
    winner.callback(1).unwrap();
    assert_eq!(block_on(call).unwrap(), (0, 1));
    assert_eq!(loser.callback(2), Err(2));
}

#[test]
fn a_loser_whose_canceller_gives_a_value_changes_nothing() {
    let (winner, a) = made();
    let (_loser, b) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| Some(Ok(9)));
    let mut call = pin!(first_success([b.boxed(), a.boxed()]));
    assert!(poll_once(call.as_mut()).is_pending());
    winner.callback(1).unwrap();
    assert_eq!(block_on(call).unwrap(), (1, 1));
}

#[test]
fn cancelling_a_first_success_that_is_there_changes_nothing() {
    let (winner, a) = made();
    let (_loser, b) = made();
    let call = first_success([a, b]).add_errback(|_| Err(Failure::msg("none")));
    let (call, canceller) = call.cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    winner.callback(1).unwrap();
    let outcome = block_on(call.as_mut()).unwrap();
    canceller.cancel();
    assert_eq!(outcome, (0, 1));
}

#[test]
fn a_first_success_is_drawn_with_its_members() {
    let call = first_success([made().1, made().1]);
    let drawn = call.plan().to_string();
    assert!(drawn.contains("first_success"), "{drawn}");
    assert_eq!(drawn.matches("hand-made").count(), 2, "{drawn}");
}

#[test]
fn a_cancelled_first_success_waits_for_its_members() {
    let (_resolver, a) = made();
    let (cleaned, clean_up) = made();
    let a = a.add_errback(|_| clean_up);
    let (_other, b) = made();
    let failing = |errors: Vec<Failure>| Err(Failure::msg(errors.len().to_string()));
    let call = first_success([a.boxed(), b.boxed()]).add_errback(failing);
    let (call, canceller) = call.cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(poll_once(call.as_mut()).is_pending(), "the first cleans up");
    cleaned.callback(3).unwrap();
    assert_eq!(block_on(call).unwrap(), (0, 3), "it succeeded after all");
}

#[callback]
fn sum(list: Vec<u8>) -> u8 {
    list.into_iter().sum()
}

#[test]
fn a_list_that_has_fired_is_cancelled_where_its_callback_waits() {
    let (first, a) = made();
    let (resolver, inner) = made();
    let (call, canceller) = sum(vec![a]).add_callback(|_| inner).cancellable();
    let mut call = pin!(call);
    first.callback(1).unwrap();
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(block_on(call).unwrap_err().is_cancelled());
    assert!(resolver.is_cancelled());
}

#[test]
fn a_cancelled_list_waits_for_all_members_and_is_cancelled() {
    let other = || Some(Err(Failure::msg("closed")));
    let (_resolver, a) = Deferred::<Result<u8, Failure>, _>::with_canceller(other);
    let (cleaned, clean_up) = made();
    let (_other, b) = made();
    let b = b.add_errback(|_| clean_up);
    let (call, canceller) = sum(vec![a.boxed(), b.boxed()]).cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(
        poll_once(call.as_mut()).is_pending(),
        "the second cleans up"
    );
    cleaned.callback(3).unwrap();
    assert!(block_on(call).unwrap_err().is_cancelled());
}

#[test]
fn members_are_cancelled_in_order() {
    let log = Log::default();
    let member = |name: &'static str| {
        let log = log.clone();
        let (resolver, member) = Deferred::<Result<u8, Failure>, _>::with_canceller(move || {
            log.add(name);
            None
        });
        (resolver, member.boxed())
    };
    let (_resolvers, members): (Vec<_>, Vec<_>) = ["a", "b", "c"].map(member).into_iter().unzip();
    let (call, canceller) = sum(members).cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(block_on(call).is_err());
    assert_eq!(log.all(), ["a", "b", "c"]);
}
