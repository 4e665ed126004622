//! Values whose construction is asynchronous, and which are used at once.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use defer::list::gather;
use defer::prelude::*;
use defer::sync::Ready;
use defer::{Abandoned, Chain, Resolver, Unwind};
use futures::executor::block_on;
use support::{Log, Seen, Wakes, leaf, never, poll_once, told};
use tokio::time::{Instant, sleep};

type Told = Result<u32, Failure>;

/// Constructed by hand.
fn by_hand() -> (Resolver<u32>, Ready<u32>) {
    let (resolver, made) = Deferred::<Told, _>::new();
    (resolver, Ready::new(made))
}

fn is_pending<O, F: Chain<Output = O>>(deferred: &mut Pin<Box<Deferred<O, F>>>) -> bool {
    poll_once(deferred.as_mut()).is_pending()
}

/// What it has come to in one poll.
fn outcome<O, F: Chain<Output = O>>(mut deferred: Pin<Box<Deferred<O, F>>>) -> O {
    match poll_once(deferred.as_mut()) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn the_value_when_it_is_constructed() {
    let (construction, seen) = leaf(3, Told::Ok(7));
    let ready = Ready::new(construction);
    assert_eq!(seen.polls(), 0, "nothing runs before it is polled");
    let (one, other) = (ready.value(), ready.value());
    let (one, other) = block_on(async { (one.await.unwrap(), other.await.unwrap()) });
    assert!(Arc::ptr_eq(&one, &other) && *one == 7);
    assert_eq!(seen.polls(), 4, "it is constructed once");
}

#[test]
fn calls_wait_and_begin_in_the_order_in_which_they_came() {
    let (resolver, ready) = by_hand();
    let log = Log::default();
    let mut calls: Vec<_> = ["first", "second", "third"]
        .map(|name| {
            let told_to = log.clone();
            Box::pin(ready.call(move |value| {
                told_to.add(format!("call {name}"));
                told(name, &told_to, 1, Ok::<_, Failure>(*value))
            }))
        })
        .into();
    // They come when they are polled.
    for which in [2, 0, 1] {
        assert!(is_pending(&mut calls[which]));
    }
    assert!(log.all().is_empty());
    resolver.callback(7).unwrap();
    // In whatever order they are polled now.
    for which in [0, 1, 2] {
        assert!(is_pending(&mut calls[which]));
    }
    assert_eq!(log.all(), ["call third", "poll third"]);
    // Both are polled to their beginnings, and run beside each other.
    for which in [1, 0, 1] {
        assert!(is_pending(&mut calls[which]));
    }
    let begun = [
        "call third",
        "poll third",
        "call first",
        "poll first",
        "call second",
        "poll second",
    ];
    assert_eq!(log.all(), begun);
    for call in calls {
        assert_eq!(outcome(call).unwrap(), 7);
    }
}

#[test]
fn a_call_has_begun_when_what_it_gives_has_been_polled() {
    type Next = Pin<Box<dyn Future<Output = Told> + Send>>;
    let (resolver, ready) = by_hand();
    let next: Arc<Mutex<Option<Next>>> = Arc::default();
    let seen = next.clone();
    let mut first = Box::pin(ready.call(move |_| {
        defer(std::future::poll_fn(move |cx| {
            let next = &mut *seen.lock().unwrap();
            let next = next.as_mut().expect("it is there");
            Poll::Ready(next.as_mut().poll(cx).is_ready())
        }))
    }));
    assert!(is_pending(&mut first));
    let mut second = Box::pin(ready.call(|value| *value));
    assert!(is_pending(&mut second));
    *next.lock().unwrap() = Some(second);
    resolver.callback(7).unwrap();
    assert!(
        !outcome(first).unwrap(),
        "the second one has begun too early"
    );
    let second = next.lock().unwrap().take().unwrap();
    assert_eq!(block_on(second).unwrap(), 7);
}

#[test]
fn whose_turn_it_is_is_woken() {
    let (resolver, ready) = by_hand();
    let mut calls: Vec<_> = (0..3)
        .map(|_| {
            let (wakes, waker) = Wakes::new();
            let mut call = Box::pin(ready.call(|value| *value));
            let mut cx = Context::from_waker(&waker);
            assert!(call.as_mut().poll(&mut cx).is_pending());
            (call, wakes, waker)
        })
        .collect();
    resolver.callback(7).unwrap();
    let woken = |calls: &[(_, Arc<Wakes>, _)]| -> Vec<usize> {
        calls.iter().map(|(_, wakes, _)| wakes.count()).collect()
    };
    assert_eq!(woken(&calls), [1, 1, 1], "all have waited for the value");
    let poll = |calls: &mut Vec<(Pin<Box<_>>, Arc<Wakes>, _)>, which: usize| {
        let (call, _, waker) = &mut calls[which];
        let call: &mut Pin<Box<Deferred<Told, _>>> = call;
        call.as_mut()
            .poll(&mut Context::from_waker(waker))
            .is_ready()
    };
    assert!(!poll(&mut calls, 2) && !poll(&mut calls, 1));
    assert!(poll(&mut calls, 0));
    assert_eq!(woken(&calls), [1, 2, 1]);
    // One that goes makes room for the next one.
    drop(calls.remove(1));
    assert_eq!(woken(&calls), [1, 2]);
    assert!(poll(&mut calls, 1));
}

#[test]
fn later_calls_begin_at_once() {
    let (resolver, ready) = by_hand();
    resolver.callback(7).unwrap();
    assert_eq!(
        outcome(Box::pin(ready.call(|value| *value + 1))).unwrap(),
        8
    );
    assert_eq!(
        outcome(Box::pin(ready.call(|value| *value + 2))).unwrap(),
        9
    );
}

#[test]
fn a_failed_construction_fails_them_all_and_is_not_tried_again() {
    let (construction, seen) = leaf(1, Told::Err(Failure::msg("no such host")));
    let ready = Ready::new(construction);
    let mut value = Box::pin(ready.value());
    let mut calls: Vec<_> = (0..3)
        .map(|_| Box::pin(ready.call(|_| unreachable!() as u8)))
        .collect();
    for call in &mut calls[..2] {
        let _pending_or_failed = poll_once(call.as_mut()).is_pending();
    }
    let why = |failure: Failure| failure.to_string();
    assert_eq!(why(block_on(value.as_mut()).unwrap_err()), "no such host");
    assert_eq!(why(outcome(calls.remove(2)).unwrap_err()), "no such host");
    assert_eq!(why(block_on(ready.value()).unwrap_err()), "no such host");
    assert_eq!(seen.polls(), 2);
}

#[test]
fn a_construction_that_nobody_finishes_fails_them_all() {
    let (resolver, ready) = by_hand();
    let mut call = Box::pin(ready.call(|value| *value));
    assert!(is_pending(&mut call));
    drop(resolver);
    assert!(outcome(call).unwrap_err().check::<Abandoned>().is_some());
}

#[derive(Clone, Debug, PartialEq)]
enum App {
    Construction,
    Call,
}
struct Oops;
impl From<Oops> for App {
    fn from(_: Oops) -> Self {
        App::Call
    }
}

#[test]
fn errors_of_calls_become_those_of_the_construction() {
    let ready = Ready::new(succeed(7).add_callback(Ok::<u32, App>));
    let failed = ready.call(|_| Err::<u8, _>(Oops));
    assert_eq!(block_on(failed), Err(App::Call));
    assert_eq!(block_on(ready.call(|value| *value)), Ok(7));
    let failed = Ready::new(fail::<u32, _>(App::Construction));
    assert_eq!(
        block_on(failed.call(|_| Err::<u8, _>(Oops))),
        Err(App::Construction)
    );
}

#[test]
fn calls_that_go_leave_the_others_alone() {
    let (resolver, ready) = by_hand();
    let mut calls: Vec<_> = (0..3)
        .map(|n| Box::pin(ready.call(move |value| *value + n)))
        .collect();
    for call in &mut calls {
        assert!(is_pending(call));
    }
    drop(calls.remove(0));
    assert!(matches!(calls[0].as_mut().cancel(), Unwind::Out));
    drop(calls.remove(0));
    resolver.callback(7).unwrap();
    assert_eq!(outcome(calls.remove(0)).unwrap(), 9);
    // Where the value is there, and it is not yet its turn.
    let (resolver, ready) = by_hand();
    let (mut first, mut second) = (Box::pin(ready.call(|_| 1)), Box::pin(ready.call(|_| 2)));
    assert!(is_pending(&mut first) && is_pending(&mut second));
    resolver.callback(7).unwrap();
    assert!(is_pending(&mut second));
    assert!(matches!(second.as_mut().cancel(), Unwind::Out));
    drop(second);
    assert_eq!(outcome(first).unwrap(), 1);
}

#[test]
fn a_call_that_has_begun_is_cancelled_where_it_waits() {
    let ready = Ready::new(succeed(7).add_callback(Ok::<u32, Failure>));
    let (waiting, seen) = never::<Told>();
    let call =
        ready.call(|_| waiting.add_errback(|failure| Told::Ok(failure.is_cancelled() as u32)));
    let (call, canceller) = call.cancellable();
    let mut call = Box::pin(call);
    assert!(is_pending(&mut call));
    canceller.cancel();
    assert_eq!(outcome(call).unwrap(), 1);
    assert!(seen.dropped());
}

/// A construction that cleans up when it is cancelled.
fn cleans_up(log: &Log) -> (Ready<u32>, Seen) {
    let (waiting, seen) = never::<Told>();
    let log = log.clone();
    let construction = waiting.add_errback(move |failure: Failure| {
        log.add("cancelled");
        told("clean-up", &log, 1, Told::Err(failure))
    });
    (Ready::new(construction), seen)
}

#[test]
fn the_construction_is_cancelled_with_the_last_one_who_wants_it() {
    let log = Log::default();
    let (ready, seen) = cleans_up(&log);
    let mut calls: Vec<_> = (0..2)
        .map(|_| {
            let (call, canceller) = ready.call(|value| *value).cancellable();
            let mut call = Box::pin(call);
            assert!(is_pending(&mut call));
            (call, canceller)
        })
        .collect();
    drop(ready);
    let (call, canceller) = calls.remove(0);
    canceller.cancel();
    assert!(outcome(call).unwrap_err().is_cancelled());
    assert!(log.without_drops().is_empty() && !seen.dropped());
    let (mut call, canceller) = calls.remove(0);
    canceller.cancel();
    assert!(is_pending(&mut call), "it cleans up");
    assert!(outcome(call).unwrap_err().is_cancelled());
    assert_eq!(
        log.without_drops(),
        ["cancelled", "poll clean-up", "poll clean-up"]
    );
}

#[test]
fn a_construction_that_recovers_is_used() {
    let (waiting, _) = never::<Told>();
    for pending in [0, 1] {
        let (waiting, _) = never::<Told>();
        let recovers = waiting.add_errback(move |_: Failure| leaf(pending, Told::Ok(7)).0);
        let ready = Ready::new(recovers);
        let (call, canceller) = ready.call(|value| *value + 1).cancellable();
        drop(ready);
        let mut call = Box::pin(call);
        assert!(is_pending(&mut call));
        canceller.cancel();
        assert_eq!(block_on(call).unwrap(), 8);
    }
    drop(waiting);
}

#[test]
fn a_handle_keeps_the_construction_and_dropping_the_last_one_drops_it() {
    let log = Log::default();
    let (ready, seen) = cleans_up(&log);
    let (call, canceller) = ready.call(|value| *value).cancellable();
    let mut call = Box::pin(call);
    assert!(is_pending(&mut call));
    canceller.cancel();
    assert!(outcome(call).unwrap_err().is_cancelled());
    assert!(!seen.dropped(), "somebody may come");
    let mut call = Box::pin(ready.call(|value| *value));
    assert!(is_pending(&mut call));
    drop(ready);
    assert!(!seen.dropped());
    drop(call);
    assert!(seen.dropped());
    assert!(log.without_drops().is_empty(), "no errback runs");
}

#[test]
fn a_call_that_panics_is_the_end_of_its_turn() {
    let (resolver, ready) = by_hand();
    let mut panics = Box::pin(ready.call(|_| panic!("on purpose") as u8));
    let mut next = Box::pin(ready.call(|value| *value));
    assert!(is_pending(&mut panics) && is_pending(&mut next));
    resolver.callback(7).unwrap();
    assert!(is_pending(&mut next));
    catch_unwind(AssertUnwindSafe(|| is_pending(&mut panics))).unwrap_err();
    assert_eq!(outcome(next).unwrap(), 7);
}

#[test]
fn a_call_may_make_calls() {
    let (resolver, ready) = by_hand();
    let again = ready.clone();
    let mut call = Box::pin(ready.call(move |one| again.call(move |other| *one + *other)));
    let mut next = Box::pin(ready.call(|value| *value));
    assert!(is_pending(&mut call) && is_pending(&mut next));
    resolver.callback(7).unwrap();
    assert!(
        is_pending(&mut call),
        "its own call has come after the other one"
    );
    assert_eq!(outcome(next).unwrap(), 7);
    assert_eq!(outcome(call).unwrap(), 14);
}

#[callback]
fn add(one: u32, other: u32) -> u32 {
    one + other
}

#[tokio::test(start_paused = true)]
async fn a_started_construction_goes_on_by_itself() {
    let begin = Instant::now();
    let construction = defer(async {
        sleep(Duration::from_secs(5)).await;
        Told::Ok(7)
    });
    let ready = Ready::new(construction.start());
    sleep(Duration::from_secs(60)).await;
    let both = add(ready.call(|value| *value), ready.call(|value| *value));
    assert_eq!(both.await.unwrap(), 14);
    assert_eq!(begin.elapsed(), Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_of_many_tasks() {
    const N: u32 = 10_000;
    let (resolver, ready) = by_hand();
    let calls: Vec<_> = (0..N)
        .map(|n| ready.call(move |value| *value + n).start())
        .collect();
    resolver.callback(7).unwrap();
    let values = gather(calls).await.unwrap();
    assert!(values.into_iter().eq(7..N + 7));
}

mod auto_traits {
    use super::*;
    use defer::sync::{Constructed, ReadyCall};
    use static_assertions::assert_impl_all;

    type Call =
        ReadyCall<u8, Failure, fn(Arc<u8>) -> u8, defer::Value<u8>, defer::markers::ByValue>;
    assert_impl_all!(Ready<u8>: Send, Sync, Clone, std::fmt::Debug);
    assert_impl_all!(Constructed<u8>: Send, Clone);
    assert_impl_all!(Call: Send, Unpin, std::fmt::Debug);
}
