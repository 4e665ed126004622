//! Deferreds that are fired by hand.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use defer::prelude::*;
use defer::{Abandoned, HandMade, Resolver};
use futures::executor::block_on;
use support::{Wakes, poll_once};

type Made = (Resolver<u8>, Deferred<Result<u8, Failure>, HandMade<u8>>);

fn made() -> Made {
    Deferred::new()
}

#[callback]
fn add(a: u8, b: u8) -> u8 {
    a + b
}

#[test]
fn fired_before_it_is_polled() {
    let (resolver, deferred) = made();
    assert_eq!(resolver.callback(7), Ok(()));
    assert_eq!(block_on(deferred).unwrap(), 7);
    let (resolver, deferred) = made();
    assert!(resolver.errback(Failure::msg("no")).is_ok());
    assert_eq!(block_on(deferred).unwrap_err().to_string(), "no");
}

#[test]
fn fired_while_it_is_waited_for() {
    let (resolver, deferred) = made();
    let mut call = pin!(add(deferred, 1));
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert_eq!(wakes.count(), 0);
    resolver.callback(7).unwrap();
    assert_eq!(wakes.count(), 1, "firing wakes who waits, once");
    let Poll::Ready(sum) = call.as_mut().poll(&mut cx) else {
        panic!("it was fired")
    };
    assert_eq!(sum.unwrap(), 8);
}

#[test]
fn the_last_waker_is_woken() {
    let (resolver, deferred) = made();
    let mut deferred = pin!(deferred);
    let (first, first_waker) = Wakes::new();
    let (second, second_waker) = Wakes::new();
    assert!(
        deferred
            .as_mut()
            .poll(&mut Context::from_waker(&first_waker))
            .is_pending()
    );
    assert!(
        deferred
            .as_mut()
            .poll(&mut Context::from_waker(&second_waker))
            .is_pending()
    );
    resolver.callback(7).unwrap();
    assert_eq!((first.count(), second.count()), (0, 1));
}

#[test]
fn fired_from_another_thread() {
    let (resolver, deferred) = made();
    let (other, more) = made();
    let firing = thread::spawn(move || {
        resolver.callback(7).unwrap();
        other.callback(1).unwrap();
    });
    assert_eq!(block_on(add(deferred, more)).unwrap(), 8);
    firing.join().unwrap();
}

#[test]
fn a_dropped_resolver_fails_its_deferred() {
    let (resolver, deferred) = made();
    drop(resolver);
    assert_eq!(block_on(deferred).unwrap_err().check(), Some(&Abandoned));
}

#[test]
fn a_resolver_dropped_while_it_is_waited_for() {
    let (resolver, deferred) = made();
    let mut call = pin!(add(deferred, 1));
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(call.as_mut().poll(&mut cx).is_pending());
    drop(resolver);
    assert_eq!(wakes.count(), 1, "it never hangs");
    let Poll::Ready(failed) = call.as_mut().poll(&mut cx) else {
        panic!("it was abandoned")
    };
    assert_eq!(failed.unwrap_err().check(), Some(&Abandoned));
}

#[test]
fn any_error_that_can_tell_of_a_dropped_resolver() {
    #[derive(Debug, PartialEq)]
    enum Mine {
        Abandoned,
        Own,
    }
    impl From<Abandoned> for Mine {
        fn from(_: Abandoned) -> Self {
            Mine::Abandoned
        }
    }
    let (resolver, deferred) = Deferred::<Result<u8, Mine>, _>::new();
    resolver.errback(Mine::Own).unwrap();
    assert_eq!(block_on(deferred), Err(Mine::Own));
    let (resolver, deferred) = Deferred::<Result<u8, Mine>, _>::new();
    drop(resolver);
    assert_eq!(block_on(deferred), Err(Mine::Abandoned));
}

#[test]
fn a_dropped_deferred_gives_back_what_it_is_fired_with() {
    let (resolver, deferred) = made();
    drop(deferred);
    assert_eq!(resolver.callback(7), Err(7));
    let (resolver, deferred) = made();
    drop(deferred);
    assert_eq!(
        resolver
            .errback(Failure::msg("no"))
            .unwrap_err()
            .to_string(),
        "no"
    );
}

#[test]
fn what_was_fired_and_never_polled_is_dropped() {
    let value = Arc::new(());
    let (resolver, deferred) = Deferred::<Result<Arc<()>, Failure>, _>::new();
    resolver.callback(value.clone()).unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    drop(deferred);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn one_resolver_after_another() {
    // A chain in which the outcome of one deferred fires the next.
    let (first, waits) = made();
    let (second, waits_too) = made();
    let mut chained = pin!(waits.add_callback(move |n| {
        second.callback(n + 1).unwrap();
        n
    }));
    let mut outer = pin!(add(waits_too, 10));
    assert!(poll_once(outer.as_mut()).is_pending());
    assert!(poll_once(chained.as_mut()).is_pending());
    first.callback(1).unwrap();
    assert!(
        poll_once(outer.as_mut()).is_pending(),
        "it is fired by the other one's callback"
    );
    assert!(matches!(poll_once(chained.as_mut()), Poll::Ready(Ok(1))));
    assert!(matches!(poll_once(outer.as_mut()), Poll::Ready(Ok(12))));
}

#[test]
fn polling_again_after_the_outcome_panics() {
    let (resolver, deferred) = made();
    resolver.callback(7).unwrap();
    let mut deferred = pin!(deferred);
    assert!(matches!(poll_once(deferred.as_mut()), Poll::Ready(Ok(7))));
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll_once(deferred)));
    assert!(again.is_err(), "a second outcome is made up: {again:?}");
}
