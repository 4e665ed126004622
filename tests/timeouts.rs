//! Limits of time: what is late is cancelled, and says so.

mod support;

use std::future::pending;
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::prelude::*;
use defer::time::remaining;
use defer::{Cancelled, Chain, Resolver, TimedOut};
use support::{Flag, Log, Wakes, poll_once};
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};

const MS: Duration = Duration::from_millis(1);

/// An error of the user's own.
#[derive(Debug, PartialEq)]
enum App {
    Cancelled,
    TimedOut(Duration),
    Other,
}
impl From<Cancelled> for App {
    fn from(_: Cancelled) -> Self {
        App::Cancelled
    }
}
impl From<TimedOut> for App {
    fn from(late: TimedOut) -> Self {
        App::TimedOut(late.allowed().unwrap())
    }
}

type Made = Deferred<Result<u32, Failure>, defer::HandMade<u32>>;
fn made() -> (Resolver<u32>, Made) {
    Deferred::new()
}

fn timed_out<T>(outcome: Result<T, Failure>) -> Duration {
    let Err(failure) = outcome else {
        panic!("it was in time")
    };
    let Some(late) = failure.check::<TimedOut>() else {
        panic!("it failed otherwise: {failure}")
    };
    late.allowed().unwrap()
}

#[callback]
async fn never(#[value] held: Flag) -> Result<u32, App> {
    let _held = held;
    pending().await
}

#[callback]
async fn after(#[value] time: Duration, n: u32) -> Result<u32, Failure> {
    sleep(time).await;
    Ok(n)
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

mod in_time {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_value_passes() {
        let (resolver, waiting) = made();
        let limited = tokio::spawn(waiting.timeout(10 * MS));
        advance(9 * MS).await;
        resolver.callback(7).unwrap();
        assert_eq!(limited.await.unwrap().unwrap(), 7);
        assert_eq!(after(10 * MS, 1).timeout(11 * MS).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_passes() {
        let (resolver, waiting) = made();
        let limited = tokio::spawn(waiting.timeout(10 * MS));
        advance(9 * MS).await;
        resolver.errback(Failure::msg("no")).unwrap();
        let failure = limited.await.unwrap().unwrap_err();
        assert_eq!(failure.to_string(), "no");
        assert_eq!(fail::<u8, _>(App::Other).timeout(MS).await, Err(App::Other));
    }

    #[tokio::test(start_paused = true)]
    async fn the_timer_goes_with_the_outcome() {
        let begin = Instant::now();
        let mut limited = pin!(after(MS, 1).timeout(1000 * MS));
        assert_eq!(limited.as_mut().await.unwrap(), 1);
        // With nothing else to do the paused clock would leap to a timer that were left.
        let late = tokio::time::timeout(99 * MS, pending::<()>());
        assert!(late.await.is_err());
        assert_eq!(begin.elapsed(), 100 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_outside_sees_what_came() {
        let asked = after(MS, 1).timeout(2 * MS);
        let value = asked.add_errback(|why| -> u32 { panic!("{why}") });
        assert_eq!(value.await, 1);
        let failed = fail::<u32, _>(Failure::msg("no")).timeout(MS);
        let told = failed.add_errback(|why| Err::<u32, _>(why.to_string()));
        assert_eq!(told.await, Err("no".to_string()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancellation_from_within_is_not_the_limits() {
        let failed = fail::<u8, Failure>(Cancelled.into()).timeout(MS).await;
        assert!(failed.unwrap_err().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_deferred_that_cannot_fail() {
        assert_eq!(succeed(3).timeout(MS).await, Ok(3));
        assert_eq!(succeed(3).deadline(Instant::now() + MS).await, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_fired_in_the_moment_the_time_was_over_stands() {
        let (resolver, waiting) = made();
        let mut limited = Box::pin(waiting.timeout(MS));
        assert!(poll_once(limited.as_mut()).is_pending());
        advance(MS).await;
        resolver.callback(7).unwrap();
        assert_eq!(limited.await.unwrap(), 7);
    }
}

mod too_late {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_fails_and_says_how_long_it_was_allowed() {
        let begin = Instant::now();
        let (resolver, waiting) = made();
        let outcome = waiting.timeout(10 * MS).await;
        assert_eq!(begin.elapsed(), 10 * MS);
        assert_eq!(resolver.callback(1), Err(1), "it was cancelled");
        let failure = outcome.unwrap_err();
        assert_eq!(failure.to_string(), "timed out after 10ms");
        assert!(!failure.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn with_every_kind_of_error() {
        let (flag, gone) = Flag::new();
        assert_eq!(never(flag).timeout(MS).await, Err(App::TimedOut(MS)));
        assert!(gone.load(SeqCst));
        let never_fails = defer(pending::<u8>()).timeout(MS);
        assert_eq!(never_fails.await, Err(TimedOut::after(MS)));
        assert_eq!(timed_out(after(2 * MS, 1).timeout(MS).await), MS);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_added_after_sees_it() {
        let chain = after(2 * MS, 1).timeout(MS).add_errback(|failure| {
            assert!(failure.check::<TimedOut>().is_some());
            7
        });
        assert_eq!(chain.await, 7);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_added_after_is_not_limited() {
        let begin = Instant::now();
        let chain = after(MS, 1)
            .timeout(2 * MS)
            .add_callback(|n| after(50 * MS, n));
        assert_eq!(chain.await.unwrap(), 1);
        assert_eq!(begin.elapsed(), 51 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_inside_recovers() {
        let chain = after(2 * MS, 1).add_errback(|failure| {
            assert!(failure.is_cancelled(), "inside, it is a cancellation");
            7
        });
        assert_eq!(chain.timeout(MS).await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_inside_that_lets_it_pass_changes_nothing() {
        let chain = after(2 * MS, 1).add_errback(|failure| {
            failure.trap::<std::fmt::Error>()?;
            Ok(0)
        });
        assert_eq!(timed_out(chain.timeout(MS).await), MS);
    }

    #[tokio::test(start_paused = true)]
    async fn another_failure_stays() {
        let chain = after(2 * MS, 1).add_errback(|_| Err::<u32, _>(Failure::msg("cannot stop")));
        let failure = chain.timeout(MS).await.unwrap_err();
        assert_eq!(failure.to_string(), "cannot stop");
    }

    #[tokio::test(start_paused = true)]
    async fn the_canceller_of_a_hand_made_one_decides() {
        let with = |told| {
            let (resolver, waiting) = Deferred::with_canceller(move || told);
            (resolver, waiting.timeout(MS))
        };
        let (_resolver, limited) = with(Some(Ok(9)));
        assert_eq!(limited.await.unwrap(), 9);
        let (_resolver, limited) = with(Some(Err(Failure::msg("stopped"))));
        assert_eq!(limited.await.unwrap_err().to_string(), "stopped");
        let (_resolver, limited) = with(None::<Result<u8, Failure>>);
        assert_eq!(timed_out(limited.await), MS);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_callback_waits_for_is_cancelled() {
        let (inner, waiting) = made();
        let chain = after(MS, 1).add_callback(|_| waiting);
        assert_eq!(timed_out(chain.timeout(3 * MS).await), 3 * MS);
        assert_eq!(inner.callback(1), Err(1));
    }

    #[tokio::test(start_paused = true)]
    async fn every_argument_is_cancelled() {
        let ((first, a), (second, b)) = (made(), made());
        assert_eq!(timed_out(add(a, b).timeout(MS).await), MS);
        assert_eq!((first.callback(1), second.callback(2)), (Err(1), Err(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn clean_up_is_waited_for() {
        let log = Log::default();
        let said = log.clone();
        let begin = Instant::now();
        let chain = after(99 * MS, 1).add_errback(move |failure| {
            async move {
                said.add("cleaning");
                sleep(20 * MS).await;
                said.add("clean");
                Err::<u32, _>(failure)
            }
            .defer()
        });
        assert_eq!(timed_out(chain.timeout(10 * MS).await), 10 * MS);
        assert_eq!(log.all(), ["cleaning", "clean"]);
        assert_eq!(begin.elapsed(), 30 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn clean_up_that_takes_for_ever_has_a_limit_around() {
        let begin = Instant::now();
        let stuck = || {
            let chain = after(99 * MS, 1);
            chain.add_errback(|_| defer(pending::<Result<u32, Failure>>()))
        };
        let chain = stuck().timeout(10 * MS).timeout(30 * MS);
        // The inner one was first, and its cancellation is the one that nobody took.
        assert_eq!(timed_out(chain.await), 10 * MS);
        assert_eq!(begin.elapsed(), 30 * MS);

        let mut alone = Box::pin(stuck().timeout(10 * MS));
        let waited = tokio::time::timeout(1000 * MS, alone.as_mut()).await;
        assert!(waited.is_err(), "without one it is waited for");
    }

    #[tokio::test(start_paused = true)]
    async fn what_arrived_in_time_but_waits_again_is_cancelled_there() {
        let (resolver, waiting) = made();
        let (inner, second) = made();
        let mut limited = Box::pin(waiting.add_callback(|_| second).timeout(MS));
        assert!(poll_once(limited.as_mut()).is_pending());
        // Both between two polls. The first is not cancelled, for it is there.
        resolver.callback(1).unwrap();
        advance(2 * MS).await;
        assert_eq!(timed_out(limited.await), MS);
        assert_eq!(inner.callback(2), Err(2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_arrives_in_the_poll_that_ends_the_time_is_not_cancelled_but_what_follows_is() {
        let (resolver, waiting) = made();
        let (inner, second) = made();
        let fires = defer(async move {
            sleep(5 * MS).await;
            resolver.callback(1).unwrap();
            2
        });
        // The first argument has been polled when the second one fires it.
        let chain = add(waiting, fires).add_callback(|sum| {
            assert_eq!(sum, 3);
            second
        });
        let limited = tokio::time::timeout(99 * MS, chain.timeout(5 * MS)).await;
        assert_eq!(timed_out(limited.unwrap()), 5 * MS);
        assert_eq!(inner.callback(1), Err(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_is_always_busy_is_stopped() {
        let busy = defer(async {
            loop {
                // It uses up what tokio lets a task do in one poll.
                tokio::task::consume_budget().await;
                if Instant::now().elapsed() > Duration::MAX {
                    return 0_u8;
                }
            }
        });
        let limited = tokio::spawn(busy.timeout(MS));
        yield_now().await;
        advance(2 * MS).await;
        assert_eq!(limited.await.unwrap(), Err(TimedOut::after(MS)));
    }
}

mod cancelled_from_outside {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_stays_cancelled_and_the_timer_goes() {
        let begin = Instant::now();
        let (waiting, canceller) = after(99 * MS, 1).timeout(10 * MS).cancellable();
        let waiting = tokio::spawn(waiting);
        sleep(MS).await;
        canceller.cancel();
        assert!(waiting.await.unwrap().unwrap_err().is_cancelled());
        assert_eq!(begin.elapsed(), MS);
    }

    #[tokio::test(start_paused = true)]
    async fn the_canceller_of_a_hand_made_one_runs_once() {
        for from_outside in [false, true] {
            let log = Log::default();
            let said = log.clone();
            let (_resolver, waiting) = Deferred::with_canceller(move || {
                said.add("cancelled");
                None::<Result<u32, Failure>>
            });
            let (waiting, canceller) = waiting.timeout(10 * MS).cancellable();
            let waiting = tokio::spawn(waiting);
            sleep(MS).await;
            if from_outside {
                canceller.cancel();
            }
            sleep(20 * MS).await;
            let failure = waiting.await.unwrap().unwrap_err();
            assert_eq!(failure.is_cancelled(), from_outside);
            assert_eq!(failure.check::<TimedOut>().is_some(), !from_outside);
            assert_eq!(log.all(), ["cancelled"]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn its_clean_up_has_no_limit() {
        let chain = after(99 * MS, 1).add_errback(|failure| {
            async move {
                sleep(50 * MS).await;
                Err::<u32, _>(failure)
            }
            .defer()
        });
        let (waiting, canceller) = chain.timeout(10 * MS).cancellable();
        let waiting = tokio::spawn(waiting);
        sleep(MS).await;
        canceller.cancel();
        let begin = Instant::now();
        assert!(waiting.await.unwrap().unwrap_err().is_cancelled());
        assert_eq!(begin.elapsed(), 50 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_typed_error_it_leaves_as_a_cancellation() {
        let (waiting, canceller) = never(Flag::new().0).timeout(MS).cancellable();
        let mut waiting = Box::pin(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(waiting.await, Err(App::Cancelled));
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_time_was_over_it_stays_late() {
        let chain = after(99 * MS, 1).add_errback(|_| defer(pending::<Result<u32, Failure>>()));
        let (waiting, canceller) = chain.timeout(10 * MS).cancellable();
        let waiting = tokio::spawn(waiting);
        sleep(20 * MS).await;
        canceller.cancel(); // the clean-up, which hangs
        assert_eq!(timed_out(waiting.await.unwrap()), 10 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn so_it_does_if_its_clean_up_is_cleaned_up() {
        let chain = after(99 * MS, 1)
            .add_errback(|_| defer(pending::<Result<u32, Failure>>()))
            .add_errback(|failure| {
                assert!(failure.is_cancelled());
                async {
                    sleep(MS).await;
                    Err::<u32, _>(failure)
                }
                .defer()
            });
        let (waiting, canceller) = chain.timeout(10 * MS).cancellable();
        let waiting = tokio::spawn(waiting);
        sleep(20 * MS).await;
        canceller.cancel();
        assert_eq!(timed_out(waiting.await.unwrap()), 10 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn before_it_has_begun() {
        #[callback]
        fn checked(n: u32) -> Result<u32, App> {
            panic!("{n} was not wanted")
        }
        let (waiting, canceller) = checked(1).timeout(MS).cancellable();
        canceller.cancel();
        assert_eq!(waiting.await, Err(App::Cancelled));
    }

    #[tokio::test(start_paused = true)]
    async fn as_an_argument_it_is_cancelled_with_the_others() {
        let (resolver, waiting) = made();
        let call = add(waiting.timeout(50 * MS), after(20 * MS, 1));
        assert_eq!(
            timed_out(call.timeout(10 * MS).await),
            10 * MS,
            "the nearest"
        );
        assert_eq!(resolver.callback(1), Err(1));
    }
}

mod limits {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn of_zero() {
        assert_eq!(
            add(1, 2).timeout(Duration::ZERO).await,
            Ok(3),
            "it is there"
        );
        let late = after(MS, 1).timeout(Duration::ZERO).await;
        assert_eq!(timed_out(late), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn of_all_time() {
        let chain = after(Duration::from_secs(1_000_000), 1).timeout(Duration::MAX);
        assert_eq!(chain.await.unwrap(), 1);
        let far = Instant::now() + Duration::from_secs(u32::MAX.into());
        assert_eq!(after(MS, 1).deadline(far).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn count_from_the_first_poll() {
        let limited = after(8 * MS, 1).timeout(10 * MS);
        advance(100 * MS).await;
        assert_eq!(limited.await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn that_are_moments_do_not() {
        let at = Instant::now() + 10 * MS;
        let (a, b) = (after(8 * MS, 1).deadline(at), after(8 * MS, 1).deadline(at));
        let c = after(8 * MS, 1).deadline(at);
        assert_eq!(a.await.unwrap(), 1);
        assert_eq!(timed_out(b.await), 2 * MS, "what was left");
        assert_eq!(timed_out(c.await), Duration::ZERO);
        assert_eq!(Instant::now(), at);
    }

    #[tokio::test(start_paused = true)]
    async fn that_end_while_it_is_paused_are_seen_when_it_goes_on() {
        let (resolver, waiting) = made();
        let (held, pauser) = waiting.timeout(MS).pausable();
        let mut held = pin!(held);
        assert!(poll_once(held.as_mut()).is_pending());
        pauser.pause();
        advance(2 * MS).await;
        assert!(poll_once(held.as_mut()).is_pending());
        assert!(!resolver.is_cancelled(), "nothing moves");
        pauser.unpause().unwrap();
        assert_eq!(timed_out(held.await), MS);
        assert!(resolver.is_cancelled());

        let (resolver, waiting) = made();
        let (held, pauser) = waiting.timeout(MS).pausable();
        let mut held = pin!(held);
        assert!(poll_once(held.as_mut()).is_pending());
        pauser.pause();
        advance(2 * MS).await;
        resolver.callback(1).unwrap();
        pauser.unpause().unwrap();
        assert_eq!(held.await.unwrap(), 1, "it is there");
    }

    #[tokio::test(start_paused = true)]
    async fn that_end_outside_of_a_pause_leave_what_has_arrived() {
        let (resolver, waiting) = made();
        let (inner, second) = made();
        let (held, pauser) = waiting.pausable();
        let limited = held.add_callback(|n| if n == 1 { Ok(n) } else { Err(Failure::msg("")) });
        let limited = limited.boxed().timeout(MS).add_callback(|_| second);
        let mut limited = pin!(limited);
        assert!(poll_once(limited.as_mut()).is_pending());
        pauser.pause();
        resolver.callback(1).unwrap();
        advance(2 * MS).await;

        // It does not ask again and again.
        let (wakes, waker) = Wakes::new();
        let mut cx = std::task::Context::from_waker(&waker);
        assert!(limited.as_mut().poll(&mut cx).is_pending());
        let before = wakes.count();
        assert!(limited.as_mut().poll(&mut cx).is_pending());
        assert_eq!(wakes.count(), before);

        pauser.unpause().unwrap();
        assert!(wakes.count() > before);
        assert!(limited.as_mut().poll(&mut cx).is_pending());
        inner.callback(7).unwrap();
        assert_eq!(limited.await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn in_one_another_the_nearest_wins() {
        for (inner, outer) in [(1, 2), (2, 1)] {
            let begin = Instant::now();
            let chain = after(9 * MS, 1).timeout(inner * MS).timeout(outer * MS);
            assert_eq!(timed_out(chain.await), MS);
            assert_eq!(begin.elapsed(), MS);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_members_of_a_list() {
        #[callback]
        fn each(list: Vec<Result<u32, Failure>>) -> Vec<Option<u32>> {
            list.into_iter().map(Result::ok).collect()
        }
        let list: Vec<_> = (1..4)
            .map(|n| after(10 * n * MS, n).timeout(25 * MS))
            .collect();
        assert_eq!(each(list).await, [Some(1), Some(2), None]);
    }

    #[tokio::test]
    async fn in_a_plan() {
        let plan = add(after(MS, 1).timeout(MS), 1)
            .timeout(MS)
            .plan()
            .to_string();
        let names: Vec<_> = plan
            .lines()
            .map(|line| line.split(" (").next().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "timeout after 1ms, TimedOut goes to the caller",
                "  add",
                "    a: timeout after 1ms, TimedOut goes to the caller",
                "      after",
                "        n: value",
                "    b: value"
            ]
        );
    }

    #[test]
    fn know_where_they_are() {
        fn check<F: Chain<Output = Result<u32, Failure>> + Send>(
            _: &Deferred<Result<u32, Failure>, F>,
        ) {
        }
        check(&after(MS, 1).timeout(MS));
    }

    #[test]
    #[should_panic(expected = "there is no reactor running")]
    fn outside_of_a_runtime_they_panic() {
        let _ = poll_once(pin!(succeed(1).timeout(MS)));
    }
}

mod what_remains {
    use super::*;

    /// Of what has no limit.
    const NONE: Duration = Duration::MAX;

    #[callback]
    fn left() -> Duration {
        remaining().unwrap_or(NONE)
    }

    #[callback]
    async fn left_later(#[value] time: Duration) -> Duration {
        sleep(time).await;
        remaining().unwrap_or(NONE)
    }

    #[tokio::test(start_paused = true)]
    async fn in_bodies() {
        assert_eq!(remaining(), None);
        assert_eq!(left().await, NONE);
        assert_eq!(left().timeout(5 * MS).await, Ok(5 * MS));
        assert_eq!(left_later(2 * MS).timeout(5 * MS).await, Ok(3 * MS));
        let at = Instant::now() + 7 * MS;
        assert_eq!(left().deadline(at).await, Ok(7 * MS));
        assert_eq!(remaining(), None, "it ends with the poll");
    }

    #[tokio::test(start_paused = true)]
    async fn in_closures_futures_and_inline_callbacks() {
        let chain = succeed(1).add_callback(|_| remaining());
        assert_eq!(chain.timeout(MS).await, Ok(Some(MS)));
        let future = defer(async { remaining() });
        assert_eq!(future.timeout(MS).await, Ok(Some(MS)));
        #[inline_callbacks]
        fn inline() -> (Option<Duration>, Duration) {
            sleep(MS).await;
            (remaining(), left().await)
        }
        let both = inline().timeout(3 * MS).await;
        assert_eq!(both, Ok((Some(2 * MS), 2 * MS)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_counts() {
        assert_eq!(left().timeout(MS).timeout(2 * MS).await, Ok(MS));
        assert_eq!(left().timeout(2 * MS).timeout(MS).await, Ok(MS));
        #[callback]
        fn pair(a: Duration, b: Duration) -> (Duration, Duration) {
            (a, b)
        }
        // The limit of one argument is not that of another.
        let call = pair(left().timeout(MS), left()).timeout(5 * MS);
        assert_eq!(call.await, Ok((MS, 5 * MS)));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_when_the_time_is_over() {
        let seen = Arc::new(Mutex::new(None));
        let told = seen.clone();
        let chain = after(9 * MS, 1).add_errback(move |failure| {
            *told.lock().unwrap() = remaining();
            Err::<u32, _>(failure)
        });
        assert!(chain.timeout(MS).await.is_err());
        assert_eq!(*seen.lock().unwrap(), Some(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn for_what_cleans_up_after_a_cancellation_from_outside_it_is_unlimited() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = seen.clone();
        let chain = after(9 * MS, 1).add_errback(move |failure| {
            told.lock().unwrap().push(remaining());
            async move {
                sleep(MS).await;
                told.lock().unwrap().push(remaining());
                Err::<u32, _>(failure)
            }
            .defer()
        });
        let (waiting, canceller) = chain.timeout(5 * MS).cancellable();
        let waiting = tokio::spawn(waiting);
        sleep(MS).await;
        canceller.cancel();
        assert!(waiting.await.unwrap().is_err());
        assert_eq!(*seen.lock().unwrap(), [None, None]);
    }

    #[test]
    fn cancelled_before_it_has_begun_it_needs_no_clock() {
        let (_resolver, chain) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| None);
        let chain = chain.add_errback(|_| async { Ok::<_, Failure>(3) }.defer());
        let (waiting, canceller) = chain.timeout(MS).cancellable();
        canceller.cancel();
        let std::task::Poll::Ready(Ok(3)) = poll_once(pin!(waiting)) else {
            panic!("it recovers at once")
        };
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_started_inside_inherits_it() {
        let inherits = defer(async {
            let inner = left_later(MS).start();
            sleep(MS).await;
            inner.await
        });
        assert_eq!(inherits.timeout(5 * MS).await.unwrap(), 4 * MS);
        // And so does what that starts.
        let inner = || async { left().start().await }.defer();
        let outer = async move { inner().start().await }.defer();
        assert_eq!(outer.timeout(5 * MS).await.unwrap(), 5 * MS);
        // Not what was started before, and not a task of tokio's own.
        let before = left_later(MS).start();
        assert_eq!(before.timeout(5 * MS).await.unwrap(), NONE);
        let task = defer(async { tokio::spawn(left()).await.unwrap() });
        assert_eq!(task.timeout(5 * MS).await, Ok(NONE));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_detached_inside_is_not_cancelled() {
        let (said, told) = tokio::sync::oneshot::channel();
        let chain = defer(async move {
            let slow = async move { said.send(left_later(20 * MS).await).unwrap() };
            slow.defer().start().detach();
            pending::<()>().await
        });
        assert!(chain.timeout(5 * MS).await.is_err());
        assert_eq!(
            told.await.unwrap(),
            Duration::ZERO,
            "it goes on, and may know"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn others_on_the_same_thread_have_their_own() {
        let limited = |limit| left_later(MS).timeout(limit).add_errback(|_| NONE);
        let (a, b) = (limited(5 * MS).start(), left_later(MS).start());
        let c = limited(9 * MS).start();
        assert_eq!(a.await.unwrap(), 4 * MS);
        assert_eq!(b.await.unwrap(), NONE);
        assert_eq!(c.await.unwrap(), 8 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_ends_it() {
        let chain = succeed(1).add_callback(|_| -> u8 { panic!("boom") });
        let chain = chain.timeout(MS).add_errback(|_| 0);
        assert!(chain.catch_panics().await.is_err());
        assert_eq!(remaining(), None);
    }
}

mod around_a_limit {
    use super::*;

    fn with(outcome: Result<u32, Failure>) -> Deferred<Result<u32, Failure>> {
        let (resolver, waiting) = Deferred::with_canceller(move || Some(outcome));
        // It waits as long as its limit lets it: nobody abandons it.
        let waiting = waiting.add_callback(move |n| {
            let _held = &resolver;
            n
        });
        waiting.boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_callback_outside_goes_on_with_what_was_in_time() {
        let (resolver, waiting) = made();
        let chain = waiting
            .timeout(5 * MS)
            .add_callback(|n| format!("done {n}"));
        resolver.callback(1).unwrap();
        assert_eq!(chain.await.unwrap(), "done 1");
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_errback_outside_gives_is_not_limited() {
        let (resolver, waiting) = made();
        let (inner, given) = made();
        let log = Log::default();
        let said = log.clone();
        let chain = waiting.timeout(10 * MS).add_errback(move |why| {
            said.add(why.to_string());
            given
        });
        let mut chain = Box::pin(chain);
        resolver.errback(Failure::msg("fail")).unwrap();
        assert!(poll_once(chain.as_mut()).is_pending());
        assert_eq!(log.all(), ["fail"]);
        advance(15 * MS).await;
        assert!(poll_once(chain.as_mut()).is_pending());
        assert!(!inner.is_cancelled());
        inner.callback(3).unwrap();
        assert_eq!(chain.await.unwrap(), 3);
        assert_eq!(log.all(), ["fail"]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_errback_outside_gives_after_a_cancellation_is_left_alone() {
        let (_resolver, waiting) = made();
        let (inner, given) = made();
        let log = Log::default();
        let said = log.clone();
        let chain = waiting.timeout(10 * MS).add_errback(move |why| {
            assert!(why.is_cancelled() && why.check::<TimedOut>().is_none());
            said.add("cancelled");
            given
        });
        let (chain, canceller) = chain.cancellable();
        let mut chain = Box::pin(chain);
        assert!(poll_once(chain.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(chain.as_mut()).is_pending());
        assert_eq!(log.all(), ["cancelled"]);
        advance(15 * MS).await;
        assert!(poll_once(chain.as_mut()).is_pending());
        assert!(!inner.is_cancelled());
        inner.callback(3).unwrap();
        assert_eq!(chain.await.unwrap(), 3);
        assert_eq!(log.all(), ["cancelled"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_outside_translates_what_a_canceller_gave() {
        let chain = with(Err(Failure::msg("what!"))).timeout(10 * MS);
        let translated = chain.add_errback(|why| if why.to_string() == "what!" { 7 } else { 0 });
        assert_eq!(translated.await, 7);
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_inside_lets_it_pass_and_one_outside_translates_it() {
        let log = Log::default();
        let said = log.clone();
        let (_resolver, waiting) = made();
        let chain = waiting.add_errback(move |why| {
            said.add(format!("inside {why}"));
            Err::<u32, _>(why)
        });
        let said = log.clone();
        let chain = chain.timeout(10 * MS).add_errback(move |why| {
            said.add(format!("outside {why}"));
            7
        });
        assert_eq!(chain.await, 7);
        assert_eq!(
            log.all(),
            ["inside cancelled", "outside timed out after 10ms"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn both_outside_sees_what_an_errback_inside_made_of_it() {
        let log = Log::default();
        let said = log.clone();
        let (_resolver, waiting) = made();
        let chain = waiting.add_errback(move |why| {
            said.add(format!("inside {why}"));
            1
        });
        let chain = chain.timeout(10 * MS).add_both(|outcome| {
            assert_eq!(outcome, Ok(1));
            7
        });
        assert_eq!(chain.await, 7);
        assert_eq!(log.all(), ["inside cancelled"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_callback_inside_gets_what_a_canceller_gave() {
        let begin = Instant::now();
        let chain = with(Ok(4)).add_callback(|n| n + 1).timeout(10 * MS);
        assert_eq!(chain.await.unwrap(), 5);
        assert_eq!(begin.elapsed(), 10 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn both_outside_sees_what_a_callback_inside_made_of_it() {
        let chain = with(Ok(4)).add_callback(|n| n + 1).timeout(10 * MS);
        let chain = chain.add_both(|outcome| outcome.unwrap() * 10);
        assert_eq!(chain.await, 50);
    }
}
