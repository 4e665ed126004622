//! Holding a deferred back, and letting it go on.

mod support;

use std::pin::pin;
use std::task::{Context, Poll};

use defer::prelude::*;
use defer::{Cancelled, HandMade, NotPaused, Resolver};
use futures::executor::block_on;
use support::{Log, Wakes, leaf, poll_once, told};

type Made = (Resolver<u8>, Deferred<Result<u8, Failure>, HandMade<u8>>);

fn made() -> Made {
    Deferred::new()
}

#[callback]
fn add(a: u8, b: u8) -> u8 {
    a + b
}

#[errback]
fn caught(failure: Failure) -> u8 {
    if failure.is_cancelled() { 100 } else { 50 }
}

#[test]
fn nothing_passes_after_it_was_fired_until_it_is_unpaused() {
    let (resolver, deferred) = made();
    let (deferred, pauser) = deferred.pausable();
    let mut call = pin!(add(deferred, 1));
    pauser.pause();
    resolver.callback(7).unwrap();
    assert!(poll_once(call.as_mut()).is_pending());
    pauser.unpause().unwrap();
    assert!(matches!(poll_once(call), Poll::Ready(Ok(8))));
}

#[test]
fn nor_a_failure() {
    let (resolver, deferred) = made();
    let (deferred, pauser) = deferred.pausable();
    let mut call = pin!(caught(deferred));
    pauser.pause();
    resolver.errback(Failure::msg("no")).unwrap();
    assert!(poll_once(call.as_mut()).is_pending());
    pauser.unpause().unwrap();
    assert_eq!(poll_once(call), Poll::Ready(50));
}

#[test]
fn as_often_as_it_was_paused() {
    let (deferred, pauser) = succeed(1).pausable();
    let mut deferred = pin!(deferred);
    let other = pauser.clone();
    pauser.pause();
    other.pause();
    assert!(pauser.is_paused());
    assert!(poll_once(deferred.as_mut()).is_pending());
    pauser.unpause().unwrap();
    assert!(poll_once(deferred.as_mut()).is_pending());
    pauser.unpause().unwrap();
    assert!(!other.is_paused());
    assert_eq!(poll_once(deferred), Poll::Ready(1));
}

#[test]
fn unpausing_what_is_not_paused_is_an_error_and_counts_nothing() {
    let (deferred, pauser) = succeed(1).pausable();
    let mut deferred = pin!(deferred);
    assert_eq!(pauser.unpause(), Err(NotPaused));
    assert_eq!(NotPaused.to_string(), "the deferred is not paused");
    pauser.pause();
    assert!(poll_once(deferred.as_mut()).is_pending());
    pauser.unpause().unwrap();
    assert_eq!(poll_once(deferred), Poll::Ready(1));
}

#[test]
fn nothing_inside_is_polled_meanwhile() {
    let (slow, seen) = leaf(1, 5u8);
    let (deferred, pauser) = slow.pausable();
    let mut call = pin!(add(deferred, 1));
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(seen.polls(), 1);
    pauser.pause();
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(seen.polls(), 1);
    pauser.unpause().unwrap();
    assert_eq!(poll_once(call), Poll::Ready(6));
    assert_eq!(seen.polls(), 2);
}

#[test]
fn what_is_beside_it_goes_on() {
    let log = Log::default();
    let (deferred, pauser) = told("held", &log, 0, 1u8).pausable();
    pauser.pause();
    let mut call = pin!(add(deferred, told("free", &log, 0, 2)));
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(log.without_drops(), ["poll free"]);
    pauser.unpause().unwrap();
    assert_eq!(poll_once(call), Poll::Ready(3));
    assert_eq!(log.without_drops(), ["poll free", "poll held"]);
}

#[test]
fn unpausing_wakes_who_waits_once_and_the_last_of_them() {
    let (deferred, pauser) = succeed(1).pausable();
    pauser.pause();
    pauser.pause();
    let mut deferred = pin!(deferred);
    let (before, waker_before) = Wakes::new();
    let (wakes, waker) = Wakes::new();
    let poll = deferred
        .as_mut()
        .poll(&mut Context::from_waker(&waker_before));
    assert!(poll.is_pending());
    let poll = deferred.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    pauser.unpause().unwrap();
    assert_eq!(wakes.count(), 0);
    pauser.unpause().unwrap();
    assert_eq!((before.count(), wakes.count()), (0, 1));
}

#[test]
fn from_another_thread() {
    let (deferred, pauser) = succeed(1u8).pausable();
    pauser.pause();
    let unpausing = std::thread::spawn(move || {
        pauser.unpause().unwrap();
        pauser
    });
    assert_eq!(block_on(add(deferred, 1)), 2);
    drop(unpausing.join().unwrap());
}

#[test]
fn without_a_pauser_it_goes_on() {
    let (deferred, pauser) = succeed(1).pausable();
    pauser.pause();
    pauser.pause();
    let other = pauser.clone();
    let mut deferred = pin!(deferred);
    let (wakes, waker) = Wakes::new();
    drop(pauser);
    let poll = deferred.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    drop(other);
    assert_eq!(wakes.count(), 1, "it never hangs");
    assert_eq!(poll_once(deferred), Poll::Ready(1));
}

mod cancelling {
    use super::*;

    #[test]
    fn while_it_waits_the_cancellation_passes_when_it_is_unpaused() {
        let (resolver, deferred) = made();
        let (deferred, pauser) = deferred.pausable();
        let call = caught(deferred).add_callback(Ok::<u8, Cancelled>);
        let (call, canceller) = call.cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        pauser.pause();
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        assert!(resolver.is_cancelled(), "it was raised inside at once");
        pauser.unpause().unwrap();
        assert_eq!(poll_once(call), Poll::Ready(Ok(100)));
    }

    #[test]
    fn what_a_canceller_gives_is_kept() {
        let (_resolver, deferred) =
            Deferred::<Result<u8, Failure>, _>::with_canceller(|| Some(Ok(3)));
        let (deferred, pauser) = deferred.pausable();
        let (call, canceller) = add(deferred, 1).cancellable();
        let mut call = pin!(call);
        pauser.pause();
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        pauser.unpause().unwrap();
        assert!(matches!(poll_once(call), Poll::Ready(Ok(4))));
    }

    #[test]
    fn an_outcome_that_is_held_back_stands() {
        let (resolver, deferred) = made();
        let (deferred, pauser) = deferred.pausable();
        let (call, canceller) = add(deferred, 1).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        pauser.pause();
        resolver.callback(7).unwrap();
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        pauser.unpause().unwrap();
        assert!(matches!(poll_once(call), Poll::Ready(Ok(8))));
    }

    #[test]
    fn what_was_held_back_from_the_start_does_not_begin() {
        let (slow, seen) = leaf(0, Ok::<u8, Failure>(5));
        let (deferred, pauser) = add(slow, 1).pausable();
        pauser.pause();
        let (call, canceller) = deferred.cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        pauser.unpause().unwrap();
        let Poll::Ready(Err(failure)) = poll_once(call) else {
            panic!("cancelled")
        };
        assert!(failure.is_cancelled());
        assert_eq!(seen.polls(), 0);
        assert!(seen.dropped());
    }
}

#[test]
fn it_is_drawn() {
    let (deferred, _pauser) = succeed(1).pausable();
    assert_eq!(deferred.plan().to_string(), "pausable\n  value\n");
}
