//! Calls that are made later: what cancelling, dropping and failing do to them, and ticks.

mod support;

use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::time::{
    AlreadyRunning, DelayedCall, Interval, LoopControl, LoopingCall, NotRunning, call_later,
    defer_later, remaining,
};
use defer::{Cancelled, Panicked};
use futures::StreamExt;
use static_assertions::assert_impl_all;
use support::{Flag, Log, poll_once};
use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

assert_impl_all!(DelayedCall: Send, Sync, Unpin);
assert_impl_all!(LoopControl: Send, Sync, Unpin, Clone);
assert_impl_all!(Interval: Send, Sync, Unpin);

async fn settle() {
    for _ in 0..5 {
        yield_now().await;
    }
}

async fn pass(time: Duration) {
    advance(time).await;
    settle().await;
}

/// With nothing else to do the paused clock leaps to the next timer, which is this one if
/// there is no other.
async fn no_timer_is_left() {
    let begin = Instant::now();
    let late = tokio::time::timeout(99 * SECOND, pending::<()>()).await;
    assert!(late.is_err());
    assert_eq!(begin.elapsed(), 99 * SECOND);
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

/// Fails with its cancellation after it has cleaned up for a second.
fn cleans_up(log: &Log) -> Deferred<Result<(), Failure>> {
    let log = log.clone();
    defer(pending::<Result<(), Failure>>())
        .add_errback(move |why| {
            log.add("cleans up");
            defer_later(SECOND, move || {
                log.add("has cleaned up");
                Err::<(), _>(why)
            })
        })
        .boxed()
}

mod a_delayed_call {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn is_cancelled_when_its_handle_is_dropped() {
        let (flag, gone) = Flag::new();
        let log = Log::default();
        let said = log.clone();
        drop(call_later(SECOND, move || {
            let _flag = flag;
            said.add("called");
        }));
        settle().await;
        assert!(gone.load(SeqCst));
        no_timer_is_left().await;
        assert_eq!(log.all(), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn is_dropped_soon_after_it_was_cancelled() {
        let (flag, gone) = Flag::new();
        let call = call_later(SECOND, move || drop(flag));
        settle().await;
        call.cancel().unwrap();
        assert!(!gone.load(SeqCst));
        settle().await;
        assert!(gone.load(SeqCst));
        no_timer_is_left().await;
    }

    #[tokio::test(start_paused = true)]
    async fn is_made_when_it_is_left_to_itself() {
        let log = Log::default();
        let said = log.clone();
        call_later(SECOND, move || said.add("called")).detach();
        settle().await;
        pass(SECOND).await;
        assert_eq!(log.all(), ["called"]);
    }

    #[tokio::test(start_paused = true)]
    async fn stays_cancelled_when_it_is_left_to_itself() {
        let log = Log::default();
        let said = log.clone();
        let call = call_later(SECOND, move || said.add("called"));
        call.cancel().unwrap();
        call.detach();
        no_timer_is_left().await;
        assert_eq!(log.all(), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn runs_the_deferred_it_gives_even_when_its_handle_is_gone() {
        let log = Log::default();
        let said = log.clone();
        let call = call_later(SECOND, move || {
            said.add("called");
            defer_later(SECOND, move || said.add("later"))
        });
        settle().await;
        pass(SECOND).await;
        assert!(!call.active());
        drop(call);
        settle().await;
        pass(SECOND).await;
        assert_eq!(log.all(), ["called", "later"]);
    }

    #[tokio::test(start_paused = true)]
    async fn may_be_as_late_as_never() {
        let call = call_later(Duration::MAX, || ());
        call.delay(Duration::MAX).unwrap();
        call.reset(Duration::MAX).unwrap();
        settle().await;
        pass(99 * SECOND).await;
        assert!(call.active());
        call.reset(SECOND).unwrap();
        settle().await;
        pass(SECOND).await;
        assert!(!call.active());
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_its_panic_to_itself() {
        let broken = call_later(SECOND, || panic!("no") as ());
        let log = Log::default();
        let said = log.clone();
        let _whole = call_later(2 * SECOND, move || said.add("called"));
        sleep(3 * SECOND).await;
        assert!(!broken.active());
        assert_eq!(log.all(), ["called"]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn is_either_made_or_cancelled_whoever_is_first() {
        let made = Arc::new(AtomicUsize::new(0));
        let mut cancelled = 0;
        for _ in 0..500 {
            let count = made.clone();
            let call = call_later(Duration::ZERO, move || {
                count.fetch_add(1, SeqCst);
            });
            let cancel = tokio::spawn(async move { call.cancel().is_ok() });
            cancelled += usize::from(cancel.await.unwrap());
        }
        // A call that was not cancelled may still be under way.
        while made.load(SeqCst) + cancelled < 500 {
            yield_now().await;
        }
        assert_eq!(made.load(SeqCst) + cancelled, 500);
    }

    #[tokio::test(start_paused = true)]
    async fn tells_of_itself() {
        let call = call_later(SECOND, || ());
        assert!(format!("{call:?}").contains("active: true"));
    }
}

mod a_deferred_call {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn counts_from_its_first_poll() {
        let begin = Instant::now();
        let later = defer_later(SECOND, move || begin.elapsed());
        pass(5 * SECOND).await;
        assert_eq!(later.await, 6 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_a_deferred() {
        let begin = Instant::now();
        let later = defer_later(SECOND, || defer_later(SECOND, || Err::<u8, _>("no")));
        assert_eq!(later.await, Err("no"));
        assert_eq!(begin.elapsed(), 2 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn is_an_argument() {
        #[callback]
        fn add(a: u8, b: u8) -> u8 {
            a + b
        }
        let begin = Instant::now();
        let sum = add(defer_later(SECOND, || 1), defer_later(SECOND, || 2));
        assert_eq!(sum.await, 3);
        assert_eq!(begin.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn is_cancelled_where_it_waits() {
        let log = Log::default();
        let said = log.clone();
        let (later, canceller) = defer_later(SECOND, move || cleans_up(&said)).cancellable();
        let later = tokio::spawn(later);
        settle().await;
        pass(SECOND).await;
        canceller.cancel();
        settle().await;
        assert_eq!(log.all(), ["cleans up"]);
        assert!(later.await.unwrap().unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
    }

    #[tokio::test(start_paused = true)]
    async fn that_never_began_never_begins() {
        let begun = Log::default();
        let said = begun.clone();
        let later = defer_later(SECOND, move || said.add("called"));
        let (later, canceller) = later.cancellable();
        canceller.cancel();
        assert_eq!(later.await, Err(Cancelled));
        assert_eq!(begun.all(), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn that_is_due_but_was_not_polled_can_be_cancelled() {
        let (later, canceller) = defer_later(SECOND, || Ok::<_, Failure>(7)).cancellable();
        let mut later = Box::pin(later);
        assert!(poll_once(later.as_mut()).is_pending());
        advance(2 * SECOND).await;
        canceller.cancel();
        assert!(later.await.unwrap_err().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn drops_its_function_with_itself() {
        let (flag, gone) = Flag::new();
        let mut later = Box::pin(defer_later(SECOND, move || drop(flag)));
        assert!(poll_once(later.as_mut()).is_pending());
        drop(later);
        assert!(gone.load(SeqCst));
        no_timer_is_left().await;
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_to_a_limit() {
        let late = defer_later(2 * SECOND, || Ok::<_, Failure>(())).timeout(SECOND);
        assert!(late.await.unwrap_err().is_timeout());
        let left = defer_later(SECOND, remaining).timeout(3 * SECOND);
        assert_eq!(left.await.unwrap(), Some(2 * SECOND));
        no_timer_is_left().await;
    }

    #[tokio::test(start_paused = true)]
    async fn is_drawn() {
        assert_eq!(
            defer_later(SECOND, || ()).plan().to_string(),
            "defer_later\n"
        );
    }
}

mod a_looping_call {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn is_lazy() {
        let begin = Instant::now();
        let looping = LoopingCall::new(move || Err::<(), _>(begin.elapsed()));
        let runs = looping.start(SECOND).unwrap();
        pass(5 * SECOND).await;
        assert_eq!(runs.await, Err(5 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn begins_its_grid_with_the_first_poll() {
        let begin = Instant::now();
        let looping = LoopingCall::with_count(move |n| Err::<(), _>((begin.elapsed(), n)));
        let runs = looping.start_later(SECOND).unwrap();
        pass(2500 * MS).await;
        assert_eq!(runs.await, Err((3500 * MS, 1)));
    }

    #[tokio::test(start_paused = true)]
    async fn cannot_be_started_twice_and_says_what_to_do() {
        let looping = LoopingCall::new(|| ());
        let runs = looping.start(SECOND).unwrap();
        let refused = looping.start_later(SECOND).unwrap_err();
        assert_eq!(refused, AlreadyRunning);
        assert!(refused.to_string().contains("`stop` it"), "{refused}");
        looping.stop().unwrap();
        assert!(looping.start(SECOND).is_err()); // it has not heard of it
        runs.await;
        assert!(looping.start(SECOND).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn cannot_be_stopped_when_it_does_not_run() {
        let looping = LoopingCall::new(|| ());
        assert_eq!(looping.stop(), Err(NotRunning));
        assert_eq!(looping.reset(), Err(NotRunning));
        let _runs = looping.start(SECOND).unwrap();
        assert_eq!(looping.stop(), Ok(()));
        assert_eq!(looping.stop(), Err(NotRunning));
        assert!(!looping.is_running());
    }

    #[tokio::test(start_paused = true)]
    async fn has_its_body_again_after_each_run() {
        let calls = Arc::new(AtomicUsize::new(0));
        let count = calls.clone();
        let looping = LoopingCall::new(move || match count.fetch_add(1, SeqCst) {
            1 => Err(Failure::msg("no")),
            _ => Ok(()),
        });
        drop(looping.start(SECOND).unwrap());
        let mut dropped = Box::pin(looping.start(SECOND).unwrap());
        assert!(poll_once(dropped.as_mut()).is_pending());
        drop(dropped);
        assert!(!looping.is_running());
        assert!(looping.start(SECOND).unwrap().await.is_err());
        let cancelled = looping.start(SECOND).unwrap().start();
        settle().await;
        cancelled.cancel();
        assert!(cancelled.await.unwrap_err().is_cancelled());
        assert!(looping.start(SECOND).is_ok());
        assert_eq!(calls.load(SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn that_is_cancelled_between_two_calls_ends_there() {
        let log = Log::default();
        let said = log.clone();
        let looping = LoopingCall::new(move || said.add("called"));
        let runs = looping.start(SECOND).unwrap().start();
        settle().await;
        runs.cancel();
        assert!(runs.await.unwrap_err().is_cancelled());
        assert!(!looping.is_running());
        no_timer_is_left().await;
        assert_eq!(log.all(), ["called"]);
    }

    #[tokio::test(start_paused = true)]
    async fn that_is_cancelled_cancels_what_its_body_waits_for() {
        let log = Log::default();
        let said = log.clone();
        let looping = LoopingCall::new(move || cleans_up(&said));
        let runs = looping.start(SECOND).unwrap().start();
        settle().await;
        runs.cancel();
        settle().await;
        assert!(looping.is_running()); // it cleans up
        assert!(runs.await.unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
        no_timer_is_left().await;
    }

    #[tokio::test(start_paused = true)]
    async fn whose_body_takes_the_cancellation_ends_as_one_that_was_stopped() {
        let log = Log::default();
        let said = log.clone();
        let looping = LoopingCall::new(move || {
            said.add("called");
            defer(pending::<Result<(), Failure>>()).add_errback(|_| Ok::<_, Failure>(()))
        });
        let runs = looping.start(SECOND).unwrap().start();
        settle().await;
        runs.cancel();
        runs.await.unwrap();
        assert_eq!(log.all(), ["called"]);
        // The same when the recovery takes its time.
        let looping = LoopingCall::new(|| {
            defer(pending::<Result<(), Failure>>())
                .add_errback(|_| defer_later(SECOND, || Ok::<_, Failure>(())))
        });
        let runs = looping.start(SECOND).unwrap().start();
        settle().await;
        runs.cancel();
        runs.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn that_was_stopped_waits_for_its_body_and_can_then_be_cancelled() {
        let log = Log::default();
        let said = log.clone();
        let looping = LoopingCall::new(move || cleans_up(&said));
        let runs = looping.start(SECOND).unwrap().start();
        settle().await;
        looping.stop().unwrap();
        pass(99 * SECOND).await;
        assert!(!runs.is_finished());
        runs.cancel();
        assert!(runs.await.unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
    }

    #[tokio::test(start_paused = true)]
    async fn that_is_dropped_drops_what_its_body_waits_for() {
        let (flag, gone) = Flag::new();
        let flag = Mutex::new(Some(flag));
        let looping = LoopingCall::new(move || {
            let flag = flag.lock().unwrap().take();
            defer(async move {
                let _flag = flag;
                pending::<()>().await;
            })
        });
        let mut runs = Box::pin(looping.start(SECOND).unwrap());
        assert!(poll_once(runs.as_mut()).is_pending());
        drop(runs);
        assert!(gone.load(SeqCst));
        assert!(!looping.is_running());
    }

    #[tokio::test(start_paused = true)]
    async fn goes_on_when_its_handle_is_dropped() {
        let log = Log::default();
        let said = log.clone();
        let looping = LoopingCall::new(move || said.add("called"));
        let _runs = looping.start(SECOND).unwrap().start();
        drop(looping);
        sleep(2500 * MS).await;
        assert_eq!(log.all(), ["called"; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn whose_body_panics_passes_it_on() {
        let looping = LoopingCall::new(|| -> Result<(), Failure> { panic!("no") });
        let failure = looping.start(SECOND).unwrap().start().await.unwrap_err();
        assert!(failure.check::<Panicked>().is_some());
        assert!(!looping.is_running());
        assert!(looping.start(SECOND).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn reset_while_its_body_waits_has_its_grid_anew() {
        let times = Arc::new(Mutex::new(Vec::new()));
        let (begin, said) = (Instant::now(), times.clone());
        let looping = LoopingCall::with_count(move |count| {
            let time = begin.elapsed().as_millis();
            said.lock().unwrap().push((time, count));
            defer_later(if time == 0 { 700 * MS } else { MS }, || ())
        });
        let _runs = looping.start(SECOND).unwrap().start();
        sleep(500 * MS).await;
        looping.reset().unwrap();
        sleep(4 * SECOND).await;
        let times = times.lock().unwrap().clone();
        assert_eq!(times, [(0, 1), (1500, 1), (2500, 1), (3500, 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn may_have_an_interval_as_long_as_for_ever() {
        let looping = LoopingCall::new(|| ());
        let runs = looping.start(Duration::MAX).unwrap().start();
        settle().await;
        pass(99 * SECOND).await;
        looping.stop().unwrap();
        runs.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_to_a_limit() {
        let looping = LoopingCall::new(|| Ok::<_, Failure>(()));
        let runs = looping.start(SECOND).unwrap().timeout(2500 * MS);
        assert!(runs.await.unwrap_err().is_timeout());
        assert!(!looping.is_running());
        no_timer_is_left().await;
    }

    #[tokio::test(start_paused = true)]
    async fn is_drawn() {
        let looping = LoopingCall::new(|| defer_later(SECOND, || ()));
        let mut runs = pin!(looping.start(SECOND).unwrap());
        assert_eq!(runs.plan().to_string(), "looping_call\n");
        assert!(poll_once(runs.as_mut()).is_pending());
        let drawn = runs.plan().to_string();
        assert!(drawn.contains("defer_later"), "{drawn}");
    }
}

mod an_interval {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn is_a_stream_that_loses_no_tick_with_a_deferred() {
        let begin = Instant::now();
        let mut seconds = Interval::every(SECOND);
        assert_eq!(seconds.next().await, Some(begin));
        let mut tick = Box::pin(seconds.tick());
        assert!(matches!(poll_once(tick.as_mut()), Poll::Pending));
        drop(tick);
        assert_eq!(seconds.tick().await, begin + SECOND);
        let start = begin + 10 * SECOND;
        let from_ten: Vec<_> = Interval::from_time(start, SECOND).take(2).collect().await;
        assert_eq!(from_ten, [start, start + SECOND]);
    }

    #[tokio::test(start_paused = true)]
    async fn misses_ticks_as_it_was_told_to() {
        let begin = Instant::now();
        let mut ticks = tokio::time::interval(SECOND);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut ticks = Interval::from(ticks);
        ticks.tick().await;
        pass(3500 * MS).await;
        assert_eq!(ticks.tick().await, begin + SECOND);
        assert_eq!(ticks.tick().await, begin + 4 * SECOND);
    }
}
