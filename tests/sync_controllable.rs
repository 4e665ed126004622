//! Deferreds that their owner fires, fails or cancels in place of the original.

mod support;

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use defer::prelude::*;
use defer::sync::{Controller, Original, controllable};
use defer::{Chain, Unwind};
use futures::executor::block_on;
use support::{Log, Wakes, leaf, never, poll_once, told};
use tokio::time::{Instant, sleep};

type Told = Result<u32, Failure>;
const BOTH: [Original; 2] = [Original::Cancel, Original::Drop];

/// What it has come to in one poll.
fn outcome<F: Chain<Output = Told>>(deferred: Pin<&mut Deferred<Told, F>>) -> Told {
    match poll_once(deferred) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits"),
    }
}

fn is_pending<F: Chain<Output = Told>>(deferred: Pin<&mut Deferred<Told, F>>) -> bool {
    poll_once(deferred).is_pending()
}

#[test]
fn left_alone_it_is_the_original() {
    for original in BOTH {
        let (deferred, controller) = controllable(leaf(2, Told::Ok(7)).0, original);
        assert_eq!(block_on(deferred).unwrap(), 7);
        assert!(controller.is_over());
        assert_eq!(controller.callback(8), Err(8));

        let failing = leaf(2, Told::Err(Failure::msg("no such page"))).0;
        let (deferred, controller) = controllable(failing, original);
        drop(controller);
        assert_eq!(block_on(deferred).unwrap_err().to_string(), "no such page");
    }
}

#[test]
fn the_owner_fires_fails_and_cancels_it() {
    for original in BOTH {
        for begun in [false, true] {
            let made = || {
                let (waiting, seen) = never::<Told>();
                let (deferred, controller) = controllable(waiting, original);
                let mut deferred = Box::pin(deferred);
                assert!(!begun || is_pending(deferred.as_mut()));
                (deferred, controller, seen)
            };
            let (mut deferred, controller, seen) = made();
            controller.callback(7).unwrap();
            assert_eq!(outcome(deferred.as_mut()).unwrap(), 7);
            assert!(seen.dropped(), "not later, when the deferred is dropped");
            assert_eq!(seen.polls(), usize::from(begun));

            let (mut deferred, controller, seen) = made();
            controller.errback(Failure::msg("shut down")).unwrap();
            let failure = outcome(deferred.as_mut()).unwrap_err();
            assert_eq!(
                (failure.to_string().as_str(), seen.dropped()),
                ("shut down", true)
            );

            let (mut deferred, controller, seen) = made();
            controller.cancel();
            assert!(outcome(deferred.as_mut()).unwrap_err().is_cancelled());
            assert!(seen.dropped());
        }
    }
}

#[test]
fn firing_wakes_the_task_once() {
    let (deferred, controller) = controllable(never::<Told>().0, Original::Drop);
    let mut deferred = Box::pin(deferred);
    // The leaf wakes its task whenever it is polled.
    let (first, first_waker) = Wakes::new();
    let (second, second_waker) = Wakes::new();
    for waker in [first_waker, second_waker] {
        let mut cx = Context::from_waker(&waker);
        assert!(deferred.as_mut().poll(&mut cx).is_pending());
    }
    controller.callback(7).unwrap();
    assert_eq!((first.count(), second.count()), (1, 2));
}

/// Something that cleans up for a while, when it is cancelled; it writes down what it does.
fn cleans_up(log: &Log) -> Deferred<Told, impl Chain<Output = Told> + use<>> {
    let log = log.clone();
    let waiting = told("waiting", &log, usize::MAX, Told::Ok(0));
    waiting.add_errback(move |failure| {
        log.add(if failure.is_cancelled() {
            "cancelled"
        } else {
            "failed"
        });
        told("clean-up", &log, 1, Told::Ok(1))
    })
}

#[test]
fn a_cancelled_original_cleans_up_first_and_its_late_result_is_lost() {
    let log = Log::default();
    let (deferred, controller) = controllable(cleans_up(&log), Original::Cancel);
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    controller.callback(7).unwrap();
    assert!(is_pending(deferred.as_mut()), "it cleans up");
    assert_eq!(outcome(deferred.as_mut()).unwrap(), 7);
    let all = [
        "poll waiting",
        "cancelled",
        "poll clean-up",
        "poll clean-up",
    ];
    assert_eq!(log.without_drops(), all);
}

#[test]
fn a_dropped_original_does_not_clean_up() {
    let log = Log::default();
    let (deferred, controller) = controllable(cleans_up(&log), Original::Drop);
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    controller.callback(7).unwrap();
    assert_eq!(outcome(deferred.as_mut()).unwrap(), 7);
    assert_eq!(log.all(), ["poll waiting", "drop waiting"]);
}

#[test]
fn an_original_that_has_not_begun_does_not_begin() {
    let log = Log::default();
    let (deferred, controller) = controllable(cleans_up(&log), Original::Cancel);
    controller.callback(7).unwrap();
    assert_eq!(block_on(deferred).unwrap(), 7);
    assert_eq!(log.all(), ["drop waiting"]);
}

#[test]
fn an_original_that_is_there_already_comes_too_late() {
    let (resolver, made) = Deferred::<Told, _>::new();
    let (deferred, controller) = controllable(made, Original::Cancel);
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    // Nobody has seen it.
    resolver.callback(1).unwrap();
    controller.callback(7).unwrap();
    assert_eq!(outcome(deferred.as_mut()).unwrap(), 7);
}

#[test]
fn an_owner_who_fires_while_the_original_yields_has_fired() {
    let place: Arc<Mutex<Option<Controller<u32>>>> = Arc::default();
    let of_original = place.clone();
    let fires = defer(async move {
        let controller = of_original.lock().unwrap().take().expect("it is there");
        controller.callback(7).unwrap();
        Told::Ok(1)
    });
    let (deferred, controller) = controllable(fires, Original::Drop);
    *place.lock().unwrap() = Some(controller);
    assert_eq!(block_on(deferred).unwrap(), 7);
}

#[test]
fn an_owner_who_fires_while_the_original_is_cancelled_has_fired() {
    let place: Arc<Mutex<Option<Controller<u32>>>> = Arc::default();
    let of_original = place.clone();
    let (_resolver, made) = Deferred::<Told, _>::with_canceller(move || {
        let controller = of_original.lock().unwrap().take()?;
        controller.callback(7).unwrap();
        Some(Ok(1))
    });
    let (deferred, controller) = controllable(made, Original::Drop);
    *place.lock().unwrap() = Some(controller);
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    match deferred.as_mut().cancel() {
        Unwind::Is(outcome) => assert_eq!(outcome.unwrap(), 7),
        unwind => panic!("{unwind:?}"),
    }
}

#[test]
fn cancelled_from_outside_it_is_as_the_original() {
    for original in BOTH {
        let log = Log::default();
        let (deferred, controller) = controllable(cleans_up(&log), original);
        let (deferred, canceller) = deferred.cancellable();
        let mut deferred = Box::pin(deferred);
        assert!(is_pending(deferred.as_mut()));
        canceller.cancel();
        assert!(is_pending(deferred.as_mut()));
        assert_eq!(
            outcome(deferred.as_mut()).unwrap(),
            1,
            "the original has recovered"
        );
        assert_eq!(controller.callback(7), Err(7));

        let (deferred, controller) = controllable(never::<Told>().0, original);
        let (deferred, canceller) = deferred.cancellable();
        let mut deferred = Box::pin(deferred);
        assert!(is_pending(deferred.as_mut()));
        canceller.cancel();
        assert!(outcome(deferred.as_mut()).unwrap_err().is_cancelled());
        assert!(controller.is_over());
    }
}

#[test]
fn the_owner_is_heard_while_a_cancelled_original_cleans_up() {
    let log = Log::default();
    let (deferred, controller) = controllable(cleans_up(&log), Original::Cancel);
    let (deferred, canceller) = deferred.cancellable();
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    canceller.cancel();
    assert!(is_pending(deferred.as_mut()));
    controller.callback(7).unwrap();
    assert_eq!(outcome(deferred.as_mut()).unwrap(), 7);
    let all = [
        "poll waiting",
        "cancelled",
        "poll clean-up",
        "poll clean-up",
    ];
    assert_eq!(log.without_drops(), all, "it is not cancelled twice");
}

#[test]
fn what_the_owner_gave_stands_against_a_cancellation() {
    let (deferred, controller) = controllable(never::<Told>().0, Original::Drop);
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    controller.callback(7).unwrap();
    assert!(matches!(deferred.as_mut().cancel(), Unwind::Idle));
    assert_eq!(outcome(deferred.as_mut()).unwrap(), 7);

    // It is cleaning up, and is cancelled once more.
    let log = Log::default();
    let (deferred, controller) = controllable(cleans_up(&log), Original::Cancel);
    let mut deferred = Box::pin(deferred);
    assert!(is_pending(deferred.as_mut()));
    controller.callback(7).unwrap();
    assert!(is_pending(deferred.as_mut()));
    match deferred.as_mut().cancel() {
        Unwind::Is(outcome) => assert_eq!(outcome.unwrap(), 7),
        unwind => panic!("{unwind:?}"),
    }
}

#[test]
fn a_dropped_deferred_takes_nothing() {
    let (waiting, seen) = never::<Told>();
    let (deferred, controller) = controllable(waiting, Original::Cancel);
    drop(deferred);
    assert!(seen.dropped() && controller.is_over());
    assert_eq!(controller.resolve(Ok(7)).unwrap_err().unwrap(), 7);
}

/// A waker that looks at what is controlled from where it is called.
struct Looks(Mutex<Option<Controller<u32>>>, AtomicBool);

impl std::task::Wake for Looks {
    fn wake(self: Arc<Self>) {
        let over = self.0.lock().unwrap().as_ref().map(Controller::is_over);
        self.1.store(over == Some(false), SeqCst);
    }
}

#[test]
fn no_waker_is_called_under_the_lock() {
    let (waiting, controller) = controllable(defer(std::future::pending::<Told>()), Original::Drop);
    let (outer, other) = controllable(waiting, Original::Drop);
    let looks = Arc::new(Looks(Mutex::new(Some(controller)), AtomicBool::new(false)));
    let waker = looks.clone().into();
    let mut outer = Box::pin(outer);
    assert!(
        outer
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    other.callback(7).unwrap();
    assert!(looks.1.load(SeqCst));
    assert_eq!(outcome(outer.as_mut()).unwrap(), 7);
}

#[callback]
fn less(one: u32, other: u32) -> u32 {
    one - other
}

#[tokio::test(start_paused = true)]
async fn as_arguments_and_started() {
    let slow = |value| {
        defer(async move {
            sleep(Duration::from_secs(60)).await;
            Told::Ok(value)
        })
    };
    let begin = Instant::now();
    let (one, of_one) = controllable(slow(0).start(), Original::Cancel);
    let (other, _of_other) = controllable(slow(8), Original::Cancel);
    let call = less(one, other).start();
    sleep(Duration::from_secs(1)).await;
    of_one.callback(50).unwrap();
    assert_eq!(call.await.unwrap(), 42);
    assert_eq!(begin.elapsed(), Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_both_decides() {
    for round in 0..2_000_u32 {
        let (resolver, made) = Deferred::<Told, _>::new();
        let (deferred, controller) = controllable(made, BOTH[round as usize % 2]);
        let outcome = deferred.start();
        let original = tokio::spawn(async move { resolver.callback(1).is_ok() });
        let owner = controller.callback(2);
        let value = outcome.await.unwrap();
        assert_eq!(
            value == 2,
            owner.is_ok(),
            "what was taken is what comes out"
        );
        original.await.unwrap();
    }
}

mod auto_traits {
    use super::*;
    use defer::sync::{ControllableDeferred, Controlled};
    use static_assertions::{assert_impl_all, assert_not_impl_any};
    use std::rc::Rc;

    type Leaf = defer::Value<Told>;
    assert_impl_all!(Controller<u8>: Send, Sync, Unpin, std::fmt::Debug);
    assert_impl_all!(Controlled<u32, Failure, Leaf>: Send, Sync, Unpin, std::fmt::Debug);
    assert_impl_all!(ControllableDeferred<u32, Failure, Leaf>: Send);
    assert_not_impl_any!(Controller<Rc<u8>>: Send, Sync);
}
