//! Pools: what is underway, becoming empty, shutting down; and what `txrdq`'s tests show of them.
//!
//! By the class of `txrdq/test/test_pool.py` in txrdq 0.2.14, each test numbered by its place in
//! it; the sums are in `README.md`. `notifyWhenEmpty` is `when_empty` and `when_next_empty`.
//!
//! # `TestPool`: 13
//!
//! | original | here |
//! | --- | --- |
//! | 1: a new pool | [`a_new_pool_has_nothing_underway_and_nobody_waits`] |
//! | 2: members are counted | [`members_are_counted_from_the_moment_they_are_added`] |
//! | 3: those who wait are counted | [`those_who_wait_are_counted_from_the_call_on`] |
//! | 4: both | [`members_and_those_who_wait_are_counted_side_by_side`] |
//! | 5: after a member has its value | [`a_member_that_has_its_value_is_not_underway`] |
//! | 6: after a member has failed | [`a_member_that_has_failed_is_not_underway`] |
//! | 7: the value passes through | [`values_pass_through`] |
//! | 8: so does the failure | [`failures_pass_through`] |
//! | 9: empty, and that is enough | [`an_empty_pool_is_empty_at_once`] |
//! | 10: empty, and that is not enough | [`the_next_emptying_of_an_empty_pool_is_waited_for`] |
//! | 11: not empty | [`a_pool_that_is_not_empty_is_waited_for`] |
//! | 12: all members go | [`when_all_have_their_outcomes_none_is_underway`] |
//! | 13: all who wait are told | [`all_who_wait_are_told_when_the_last_member_goes`] |

mod support;

use std::future::pending;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::sync::{DeferredPool, PoolStatus, Shutdown, WhenEmpty};
use defer::{Cancelled, Chain, HandMade, NoCanceller, Resolver};
use static_assertions::assert_impl_all;
use support::{Wakes, leaf, never, poll_once};
use tokio::time::Instant;

assert_impl_all!(DeferredPool: Send, Sync, Clone, Default, std::fmt::Debug);
assert_impl_all!(WhenEmpty: Send, Unpin);
assert_impl_all!(Shutdown: Send);

const SECOND: Duration = Duration::from_secs(1);

type ByHand = Deferred<Result<u8, Failure>, HandMade<u8, Failure, NoCanceller>>;

fn hand_made() -> (Resolver<u8, Failure>, ByHand) {
    Deferred::<Result<u8, Failure>, _>::new()
}

fn status(underway: usize, waiting: usize) -> PoolStatus {
    PoolStatus { underway, waiting }
}

fn now<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> O {
    match poll_once(deferred) {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn a_new_pool_has_nothing_underway_and_nobody_waits() {
    assert_eq!(DeferredPool::new().status(), status(0, 0));
}

#[test]
fn members_are_counted_from_the_moment_they_are_added() {
    let pool = DeferredPool::new();
    let _members = [pool.add(never::<u8>().0), pool.add(never::<u8>().0)];
    assert_eq!(pool.status(), status(2, 0));
}

#[test]
fn those_who_wait_are_counted_from_the_call_on() {
    let pool = DeferredPool::new();
    let _waiting = [pool.when_next_empty(), pool.when_next_empty()];
    assert_eq!(pool.status(), status(0, 2));
}

#[test]
fn members_and_those_who_wait_are_counted_side_by_side() {
    let pool = DeferredPool::new();
    let _members = [pool.add(never::<u8>().0), pool.add(never::<u8>().0)];
    let _waits = pool.when_next_empty();
    assert_eq!(pool.status(), status(2, 1));
    assert_eq!(
        format!("{pool:?}"),
        "DeferredPool { underway: 2, waiting: 1, closed: false }"
    );
}

#[test]
fn a_member_that_has_its_value_is_not_underway() {
    let pool = DeferredPool::new();
    let (resolver, member) = hand_made();
    let (mut member, _other) = (pin!(pool.add(member)), pool.add(never::<u8>().0));
    assert_eq!(pool.status(), status(2, 0));
    resolver.callback(1).unwrap();
    now(member.as_mut()).unwrap();
    assert_eq!(pool.status(), status(1, 0));
}

#[test]
fn a_member_that_has_failed_is_not_underway() {
    let pool = DeferredPool::new();
    let (resolver, member) = hand_made();
    let (mut member, _other) = (pin!(pool.add(member)), pool.add(never::<u8>().0));
    resolver.errback(Failure::msg("no")).unwrap();
    now(member.as_mut()).unwrap_err();
    assert_eq!(pool.status(), status(1, 0));
}

#[test]
fn values_pass_through() {
    let pool = DeferredPool::new();
    let (resolver, member) = hand_made();
    let member = pool.add(member);
    let _waits = pool.when_empty();
    resolver.callback(7).unwrap();
    assert_eq!(now(pin!(member)).unwrap(), 7);
}

#[test]
fn failures_pass_through() {
    #[derive(Debug, PartialEq)]
    enum Own {
        Cancelled,
        Broken,
    }
    impl From<Cancelled> for Own {
        fn from(_: Cancelled) -> Self {
            Own::Cancelled
        }
    }
    let pool = DeferredPool::new();
    let member = pool.add(fail::<u8, _>(Own::Broken));
    let _waits = pool.when_empty();
    assert_eq!(now(pin!(member)), Err(Own::Broken));

    let cancelled = pool.add(defer(pending::<Result<u8, Own>>()));
    pool.cancel_all();
    assert_eq!(now(pin!(cancelled)), Err(Own::Cancelled));
}

#[test]
fn an_empty_pool_is_empty_at_once() {
    let pool = DeferredPool::new();
    let empty = pool.when_empty();
    assert_eq!(pool.status(), status(0, 0));
    now(pin!(empty));
}

#[test]
fn the_next_emptying_of_an_empty_pool_is_waited_for() {
    let pool = DeferredPool::new();
    let mut emptied = pin!(pool.when_next_empty());
    assert!(poll_once(emptied.as_mut()).is_pending());
    assert_eq!(pool.status(), status(0, 1));
    now(pin!(pool.add(succeed(1)))).unwrap();
    now(emptied);
}

#[test]
fn a_pool_that_is_not_empty_is_waited_for() {
    let pool = DeferredPool::new();
    let _member = pool.add(never::<u8>().0);
    let mut empty = pin!(pool.when_empty());
    assert!(poll_once(empty.as_mut()).is_pending());
    assert_eq!(pool.status(), status(1, 1));
}

#[test]
fn when_all_have_their_outcomes_none_is_underway() {
    let pool = DeferredPool::new();
    let members: Vec<_> = (0..3).map(|n| pool.add(succeed(n))).collect();
    assert_eq!(pool.status(), status(3, 0));
    for member in members {
        now(pin!(member)).unwrap();
    }
    assert_eq!(pool.status(), status(0, 0));
}

#[test]
fn all_who_wait_are_told_when_the_last_member_goes() {
    let pool = DeferredPool::new();
    let mut members: Vec<_> = (0..3).map(|n| Box::pin(pool.add(succeed(n)))).collect();
    let (wakes, waker) = Wakes::new();
    let mut cx = std::task::Context::from_waker(&waker);
    let mut waiting = [pool.when_empty(), pool.when_empty()];
    for waits in &mut waiting {
        assert!(Pin::new(waits).poll(&mut cx).is_pending());
    }
    assert_eq!(pool.status(), status(3, 2));
    for member in &mut members[..2] {
        now(member.as_mut()).unwrap();
    }
    assert_eq!(pool.status(), status(1, 2));
    assert_eq!(wakes.count(), 0);
    now(members[2].as_mut()).unwrap();
    assert_eq!(wakes.count(), 2);
    assert_eq!(pool.status(), status(0, 0));
    for waits in &mut waiting {
        now(Pin::new(waits));
    }
}

mod becoming_empty {
    use super::*;

    #[test]
    fn is_not_missed_though_members_have_come_since() {
        let pool = DeferredPool::new();
        let member = pool.add(succeed(1));
        let waits = pool.when_empty();
        now(pin!(member)).unwrap();
        let _other = pool.add(never::<u8>().0);
        now(pin!(waits));
    }

    #[test]
    fn is_when_a_member_is_dropped_too_whatever_it_was_doing() {
        let pool = DeferredPool::new();
        let fresh = pool.add(never::<u8>().0);
        let mut begun = Box::pin(pool.add(never::<u8>().0));
        assert!(poll_once(begun.as_mut()).is_pending());
        let mut waits = pin!(pool.when_empty());
        drop(fresh);
        assert!(poll_once(waits.as_mut()).is_pending());
        drop(begun);
        now(waits);
    }

    #[test]
    fn is_after_what_was_in_the_member_is_gone() {
        let pool = DeferredPool::new();
        let (inside, seen) = leaf(1, 3);
        let mut member = pin!(pool.add(inside));
        assert!(poll_once(member.as_mut()).is_pending());
        assert!(!seen.dropped());
        assert_eq!(now(member.as_mut()).unwrap(), 3);
        assert!(seen.dropped());
        assert!(pool.is_empty());
    }

    #[test]
    fn is_no_business_of_who_was_dropped_or_cancelled() {
        let pool = DeferredPool::new();
        let member = pool.add(never::<u8>().0);
        let dropped = pool.when_empty();
        let (cancelled, canceller) = pool.when_empty().cancellable();
        let mut cancelled = pin!(cancelled);
        assert!(poll_once(cancelled.as_mut()).is_pending());
        drop(dropped);
        canceller.cancel();
        assert_eq!(now(cancelled), Err(Cancelled));
        assert_eq!(pool.status(), status(1, 0));
        drop(member);
    }

    #[test]
    fn stands_against_a_cancellation() {
        let pool = DeferredPool::new();
        let member = pool.add(never::<u8>().0);
        let (waits, canceller) = pool.when_empty().cancellable();
        let mut waits = pin!(waits);
        assert!(poll_once(waits.as_mut()).is_pending());
        drop(member);
        canceller.cancel();
        assert_eq!(now(waits), Ok(()));
    }

    #[test]
    fn is_an_argument_of_an_annotated_function() {
        #[callback]
        fn say((): (), word: &str) -> String {
            format!("{word}!")
        }
        let pool = DeferredPool::new();
        assert_eq!(now(pin!(say(pool.when_empty(), "bye"))), "bye!");
    }
}

mod closed {
    use super::*;

    #[test]
    fn it_takes_nothing_and_what_is_added_never_begins() {
        let pool = DeferredPool::new();
        let before = pool.add(succeed(1));
        pool.close();
        let (inside, seen) = leaf(0, 2);
        let mut after = pin!(pool.add(inside));
        assert_eq!(pool.len(), 1);
        assert!(now(after.as_mut()).unwrap_err().is_cancelled());
        assert_eq!((seen.polls(), seen.dropped()), (0, true));
        assert_eq!(now(pin!(before)).unwrap(), 1);
    }

    #[test]
    fn it_gives_back_what_asks() {
        let pool = DeferredPool::new();
        let taken = pool.try_add(succeed(1)).unwrap();
        pool.close();
        let refused = pool.try_add(succeed(2)).unwrap_err();
        assert_eq!(now(pin!(refused.into_inner())), 2);
        assert_eq!(now(pin!(taken)).unwrap(), 1);
    }
}

mod cancelling {
    use super::*;

    #[test]
    fn runs_errbacks_and_counts_the_clean_up() {
        let pool = DeferredPool::new();
        let (resolver, cleaned) = hand_made();
        let work = defer(pending::<Result<u8, Failure>>()).add_errback(move |why| {
            assert!(why.is_cancelled());
            cleaned
        });
        let mut member = pin!(pool.add(work));
        assert!(poll_once(member.as_mut()).is_pending());
        assert_eq!(pool.cancel_all(), 1);
        assert!(poll_once(member.as_mut()).is_pending());
        assert_eq!(pool.len(), 1);
        resolver.callback(9).unwrap();
        assert_eq!(now(member).unwrap(), 9);
        assert!(pool.is_empty());
    }

    #[test]
    fn a_member_from_its_other_side_ends_it_too() {
        let pool = DeferredPool::new();
        let (member, canceller) = pool.add(never::<u8>().0).cancellable();
        let mut member = pin!(member);
        assert!(poll_once(member.as_mut()).is_pending());
        canceller.cancel();
        assert!(now(member).unwrap_err().is_cancelled());
        assert!(pool.is_empty());
    }

    #[test]
    fn what_has_not_begun_never_begins() {
        let pool = DeferredPool::new();
        let (inside, seen) = leaf(0, 2);
        let member = pool.add(inside);
        pool.cancel_all();
        assert!(now(pin!(member)).unwrap_err().is_cancelled());
        assert_eq!(seen.polls(), 0);
    }

    #[tokio::test]
    async fn reaches_members_that_run_on_their_own() {
        let pool = DeferredPool::new();
        let started: Vec<_> = (0..10).map(|_| pool.add(never::<u8>().0).start()).collect();
        tokio::task::yield_now().await;
        assert_eq!(pool.cancel_all(), 10);
        pool.when_empty().await;
        for member in started {
            assert!(member.await.unwrap_err().is_cancelled());
        }
    }
}

mod shutting_down {
    use super::*;

    async fn takes(time: Duration) -> Result<Duration, Failure> {
        tokio::time::sleep(time).await;
        Ok(time)
    }

    #[tokio::test(start_paused = true)]
    async fn waits_as_long_as_members_take() {
        let pool = DeferredPool::new();
        let members: Vec<_> = (1..=3)
            .map(|n| pool.add(defer(takes(n * SECOND))).start())
            .collect();
        let begin = Instant::now();
        assert_eq!(pool.shutdown(10 * SECOND).await, 0);
        assert_eq!(begin.elapsed(), 3 * SECOND);
        assert!(pool.is_closed());
        for member in members {
            member.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn cancels_what_takes_longer_and_waits_for_its_clean_up() {
        let pool = DeferredPool::new();
        let quick = pool.add(defer(takes(SECOND))).start();
        let slow = pool
            .add(defer(takes(100 * SECOND)).add_errback(|_| defer(takes(2 * SECOND))))
            .start();
        let begin = Instant::now();
        assert_eq!(pool.shutdown(10 * SECOND).await, 1);
        assert_eq!(begin.elapsed(), 12 * SECOND);
        assert_eq!(quick.await.unwrap(), SECOND);
        assert_eq!(slow.await.unwrap(), 2 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn of_an_empty_pool_is_over_at_once() {
        let pool = DeferredPool::new();
        let begin = Instant::now();
        assert_eq!(pool.shutdown(SECOND).await, 0);
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_cancels_nobody() {
        let pool = DeferredPool::new();
        let member = pool.add(defer(takes(100_000 * SECOND))).start();
        assert_eq!(pool.shutdown(Duration::MAX).await, 0);
        assert!(member.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn does_nothing_before_it_is_polled_and_can_be_given_up() {
        let pool = DeferredPool::new();
        let member = pool.add(defer(takes(5 * SECOND))).start();
        drop(pool.shutdown(SECOND));
        assert!(!pool.is_closed());
        let limited = pool.shutdown(2 * SECOND).timeout(SECOND).await;
        assert!(limited.is_err());
        assert!(pool.is_closed());
        member.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_around_it_leaves_a_clean_up_that_never_ends() {
        let pool = DeferredPool::new();
        let stuck = defer(pending::<Result<u8, Failure>>())
            .add_errback(|_| defer(pending::<Result<u8, Failure>>()));
        let _member = pool.add(stuck).start();
        let begin = Instant::now();
        assert!(pool.shutdown(SECOND).timeout(3 * SECOND).await.is_err());
        assert_eq!(begin.elapsed(), 3 * SECOND);
        assert_eq!(pool.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_members_on_several_threads_are_all_waited_for() {
    let pool = DeferredPool::new();
    for n in 0..10_000u32 {
        let work = async move {
            tokio::task::yield_now().await;
            n
        };
        pool.add(defer(work)).start().detach();
    }
    assert_eq!(pool.shutdown(Duration::MAX).await, 0);
    assert_eq!(pool.status(), status(0, 0));
}
