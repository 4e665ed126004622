//! Arguments run at once, in one task; what is not needed any more is dropped at once.
//!
//! Time is virtual: it moves when everything waits, and by exactly what is waited for.

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use defer::prelude::*;
use support::{Flag, Log, leaf, never, poll_once, poll_to_end, told};
use tokio::time::{Instant, sleep};

#[derive(Debug, PartialEq)]
struct Oops(&'static str);

const SECOND: Duration = Duration::from_secs(1);

/// A source that takes its time.
#[callback]
async fn after(seconds: u32) -> u32 {
    sleep(SECOND * seconds).await;
    seconds
}

#[callback]
async fn fails_after(seconds: u32) -> Result<u32, Oops> {
    sleep(SECOND * seconds).await;
    Err(Oops("late"))
}

#[callback]
fn sum(a: u32, b: u32, c: u32) -> u32 {
    a + b + c
}

mod by_time {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn arguments_take_as_long_as_the_longest() {
        let start = Instant::now();
        assert_eq!(sum(after(3), after(5), after(4)).await, 12);
        assert_eq!(start.elapsed().as_secs(), 5, "the longest, not the sum");
    }

    #[tokio::test(start_paused = true)]
    async fn so_do_those_of_calls_further_in() {
        let start = Instant::now();
        let inner = sum(after(1), after(2), after(3));
        assert_eq!(sum(inner, after(4), sum(after(5), 0, 0)).await, 15);
        assert_eq!(start.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn what_depends_on_another_runs_after_it() {
        let start = Instant::now();
        // The inner call waits 2 s for its argument and then 2 s itself, beside 3 s.
        assert_eq!(sum(after(after(2)), after(3), 0).await, 5);
        assert_eq!(start.elapsed().as_secs(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_failure_does_not_wait_for_the_others() {
        let start = Instant::now();
        assert_eq!(
            sum(after(10), fails_after(2), after(5)).await,
            Err(Oops("late"))
        );
        assert_eq!(start.elapsed().as_secs(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_resolves_its_arguments_after_the_failure() {
        #[errback]
        fn rescue(failure: Oops, other: u32, more: u32) -> u32 {
            assert_eq!(failure, Oops("late"));
            other + more
        }
        let start = Instant::now();
        assert_eq!(rescue(fails_after(2), after(3), after(4)).await, 7);
        assert_eq!(start.elapsed().as_secs(), 2 + 4);
    }

    #[tokio::test(start_paused = true)]
    async fn members_of_containers_run_at_once_too() {
        #[callback]
        fn total(list: Vec<u32>, pair: (u32, u32), maybe: Option<u32>) -> u32 {
            list.into_iter().sum::<u32>() + pair.0 + pair.1 + maybe.unwrap_or(0)
        }
        let start = Instant::now();
        let list = vec![after(1), after(6)];
        assert_eq!(total(list, (after(7), after(2)), Some(after(3))).await, 19);
        assert_eq!(start.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn time_does_not_move_before_the_first_poll() {
        let waiting = after(1);
        sleep(SECOND * 10).await;
        let start = Instant::now();
        assert_eq!(waiting.await, 1);
        assert_eq!(start.elapsed().as_secs(), 1, "a deferred is lazy");
    }

    #[tokio::test(start_paused = true)]
    async fn a_deferred_runs_in_a_task_of_its_own() {
        let start = Instant::now();
        let one = tokio::spawn(sum(after(3), after(2), 0));
        let other = tokio::spawn(sum(after(4), 0, 0).boxed());
        assert_eq!((one.await.unwrap(), other.await.unwrap()), (5, 4));
        assert_eq!(start.elapsed().as_secs(), 4);
    }
}

mod by_polls {
    use super::*;

    #[test]
    fn arguments_are_polled_left_to_right() {
        let log = Log::default();
        let at = |name, pending| told(name, &log, pending, 1);
        let (total, polls) =
            poll_to_end(sum(at("a", 1), sum(at("b", 1), at("c", 0), 0), at("d", 2)));
        assert_eq!((total, polls), (4, 3));
        let polled: Vec<_> = log
            .all()
            .into_iter()
            .filter(|what| what.starts_with("poll"))
            .collect();
        assert_eq!(
            polled,
            [
                "poll a", "poll b", "poll c", "poll d", "poll a", "poll b", "poll d", "poll d"
            ]
        );
    }

    #[test]
    fn an_argument_that_is_there_is_not_polled_again() {
        let (a, seen_a) = leaf(0, 1);
        let (b, seen_b) = leaf(5, 2);
        assert_eq!(poll_to_end(sum(a, b, 3)), (6, 6));
        assert_eq!((seen_a.polls(), seen_b.polls()), (1, 6));
    }

    #[test]
    fn a_failure_drops_the_others_in_the_same_poll() {
        let (left, seen_left) = never::<u32>();
        let (right, seen_right) = never::<u32>();
        let mut call = pin!(sum(left, leaf(1, Err::<u32, _>(Oops("b"))).0, right));
        assert!(poll_once(call.as_mut()).is_pending());
        assert!(!seen_left.dropped() && !seen_right.dropped());
        assert_eq!(
            poll_once(call.as_mut()),
            std::task::Poll::Ready(Err(Oops("b")))
        );
        // The call itself is still there.
        assert!(seen_left.dropped() && seen_right.dropped());
        assert_eq!(
            seen_left.polls(),
            2,
            "it stands before the failure, so it had its turn"
        );
        assert_eq!(seen_right.polls(), 1, "it stands behind, so it had not");
    }

    #[test]
    fn a_failure_drops_values_that_are_there() {
        #[callback]
        fn keep(a: Flag, b: u32) -> u32 {
            drop(a);
            b
        }
        let (flag, gone) = Flag::new();
        let mut call = pin!(keep(flag, leaf(1, Err::<u32, _>(Oops("b"))).0));
        assert!(poll_once(call.as_mut()).is_pending());
        assert!(!gone.load(SeqCst), "it waits in its place");
        assert!(poll_once(call.as_mut()).is_ready());
        assert!(gone.load(SeqCst));
    }

    #[test]
    fn a_failure_deep_inside_drops_what_is_outside_of_it() {
        let (outer, seen_outer) = never::<u32>();
        let (inner, seen_inner) = never::<u32>();
        let call = sum(outer, sum(inner, fail(Oops("deep")), 0), 0);
        let mut call = pin!(call);
        assert_eq!(
            poll_once(call.as_mut()),
            std::task::Poll::Ready(Err(Oops("deep")))
        );
        assert!(seen_outer.dropped() && seen_inner.dropped());
    }

    #[test]
    fn a_failure_that_is_recovered_inside_drops_nothing_outside() {
        #[errback]
        fn zero(failure: Oops) -> u32 {
            let _ = failure;
            0
        }
        let (other, seen) = leaf(3, 1);
        assert_eq!(
            poll_to_end(sum(other, zero(fail(Oops("inside"))), 1)),
            (2, 4)
        );
        assert_eq!(seen.polls(), 4);
    }

    #[test]
    fn several_arguments_are_dropped_before_the_body_runs() {
        #[callback]
        fn body(a: u32, b: u32, seen: &support::Seen) -> u32 {
            assert!(seen.dropped(), "what the argument held is free");
            a + b
        }
        let (a, seen) = leaf(0, 1);
        assert_eq!(poll_to_end(body(a, leaf(1, 1).0, &seen)).0, 2);
        let (a, seen) = leaf(1, 1);
        assert_eq!(poll_to_end(body(a, leaf(0, 1).0, &seen)).0, 2);

        #[callback]
        async fn body_async(a: u32, b: u32, seen: &support::Seen) -> u32 {
            assert!(seen.dropped());
            a + b
        }
        let (a, seen) = leaf(0, 1);
        assert_eq!(poll_to_end(body_async(a, leaf(1, 1).0, &seen)).0, 2);
    }

    #[test]
    fn the_only_argument_is_done_when_the_body_runs_and_dropped_with_the_call() {
        #[callback]
        fn body(n: u32, seen: &support::Seen) -> u32 {
            assert_eq!(seen.polls(), 2);
            n
        }
        let (a, seen) = leaf(1, 1);
        assert_eq!(poll_to_end(body(a, &seen)).0, 1);
        assert!(seen.dropped());

        #[callback]
        async fn body_async(a: u32, seen: &support::Seen) -> u32 {
            assert!(seen.dropped(), "the body takes the place of the argument");
            a
        }
        let (a, seen) = leaf(1, 1);
        assert_eq!(poll_to_end(body_async(a, &seen)).0, 1);
    }

    #[test]
    fn a_permit_taken_in_the_body_is_taken_after_the_arguments() {
        #[callback]
        async fn limited(n: u32, permits: &tokio::sync::Semaphore) -> u32 {
            let _permit = permits.acquire().await.unwrap();
            leaf(1, ()).0.await;
            n
        }
        let permits = tokio::sync::Semaphore::new(1);
        let (slow, _) = never::<u32>();
        let mut waits = Box::pin(limited(slow, &permits));
        assert!(poll_once(waits.as_mut()).is_pending());
        assert_eq!(
            permits.available_permits(),
            1,
            "nobody holds one while it waits"
        );
        assert_eq!(poll_to_end(limited(1, &permits)).0, 1);
        drop(waits);
    }
}

mod by_drop {
    use super::*;

    #[test]
    fn dropping_a_pending_deferred_drops_everything_and_runs_nothing() {
        let log = Log::default();
        #[callback]
        fn body(a: u32, b: u32, log: &Log) -> u32 {
            log.add("body");
            a + b
        }
        #[errback]
        fn rescue(failure: Oops, log: &Log) -> u32 {
            log.add(format!("errback {}", failure.0));
            0
        }
        let (pending, seen) = never::<Result<u32, Oops>>();
        let (extra, seen_extra) = never::<u32>();
        let mut call = Box::pin(body(
            rescue(body(pending, extra, &log), &log),
            told("c", &log, 0, 1),
            &log,
        ));
        assert!(poll_once(call.as_mut()).is_pending());
        drop(call);
        assert!(seen.dropped() && seen_extra.dropped());
        assert_eq!(log.all(), ["poll c", "drop c"]);
    }

    #[test]
    fn dropping_one_that_was_never_polled_drops_everything_too() {
        let (pending, seen) = never::<u32>();
        let (flag, gone) = Flag::new();
        #[callback]
        fn body(a: u32, flag: Flag) -> u32 {
            drop(flag);
            a
        }
        drop(body(pending, flag));
        assert!(seen.dropped() && gone.load(SeqCst));
        assert_eq!(seen.polls(), 0);
    }

    #[test]
    fn dropping_while_the_body_waits_drops_the_body() {
        #[callback]
        async fn body(a: u32, flag: Flag) -> u32 {
            let held = flag;
            never::<()>().0.await;
            drop(held);
            a
        }
        let (flag, gone) = Flag::new();
        let mut call = Box::pin(body(succeed(1), flag));
        assert!(poll_once(call.as_mut()).is_pending());
        assert!(!gone.load(SeqCst));
        drop(call);
        assert!(gone.load(SeqCst));
    }

    #[test]
    fn each_value_is_dropped_once() {
        // A double drop would show as a second entry, a leak as a missing one.
        thread_local!(static DROPPED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });
        struct Value(u8);
        impl Drop for Value {
            fn drop(&mut self) {
                DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
            }
        }
        #[callback]
        fn body(a: Value, b: Value, c: Value) -> u8 {
            a.0 + b.0 + c.0
        }
        let whole = || {
            body(
                leaf(1, Value(1)).0,
                leaf(0, Value(2)).0,
                leaf(2, Value(3)).0,
            )
        };
        assert_eq!(poll_to_end(whole()).0, 6);
        {
            let mut half = pin!(whole());
            assert!(poll_once(half.as_mut()).is_pending());
            assert!(poll_once(half.as_mut()).is_pending());
        }
        drop(whole());
        let mut dropped = DROPPED.take();
        dropped.sort_unstable();
        assert_eq!(dropped, [1, 1, 1, 2, 2, 2, 3, 3, 3]);
    }
}
