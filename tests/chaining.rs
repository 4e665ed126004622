//! One deferred that fires another: what `tdefer` made of `chainDeferred`.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

use defer::prelude::*;
use defer::{Abandoned, HandMade, Resolver};
use futures::executor::block_on;
use support::{Wakes, poll_once};

type Made = (Resolver<u8>, Deferred<Result<u8, Failure>, HandMade<u8>>);

fn made() -> Made {
    Deferred::new()
}

#[test]
fn the_value_goes_to_the_follower_and_passes_on() {
    let (resolver, first) = made();
    let (hand_on, follower) = made();
    let first = first
        .add_callback(|n| n + 1)
        .chain_into(hand_on)
        .add_callback(|n| n * 10);
    resolver.callback(1).unwrap();
    assert_eq!(block_on(first).unwrap(), 20);
    assert_eq!(block_on(follower).unwrap(), 2);
}

#[test]
fn so_does_a_failure_which_each_may_handle() {
    let (resolver, first) = made();
    let (hand_on, follower) = made();
    let first = first.chain_into(hand_on).add_errback(|_| 5);
    resolver.errback(Failure::msg("no")).unwrap();
    assert_eq!(block_on(first), 5);
    assert_eq!(block_on(follower).unwrap_err().to_string(), "no");
}

#[test]
fn several_followers_all_get_it() {
    let (resolver, first) = made();
    let (hand_on, follower) = made();
    let (hand_on_too, follower_too) = made();
    let first = first.chain_into(hand_on).chain_into(hand_on_too);
    resolver.callback(1).unwrap();
    assert_eq!(block_on(first).unwrap(), 1);
    assert_eq!(block_on(follower).unwrap(), 1);
    assert_eq!(block_on(follower_too).unwrap(), 1);
}

#[test]
fn a_follower_that_waits_is_woken() {
    let (resolver, first) = made();
    let (hand_on, follower) = made();
    let mut follower = pin!(follower);
    let (wakes, waker) = Wakes::new();
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(follower.as_mut().poll(&mut cx).is_pending());
    resolver.callback(1).unwrap();
    assert_eq!(block_on(first.chain_into(hand_on)).unwrap(), 1);
    assert_eq!(wakes.count(), 1);
}

#[test]
fn a_follower_that_was_cancelled_is_not_fired() {
    let (resolver, first) = made();
    let (hand_on, follower) = made();
    let first = first.chain_into(hand_on);
    let (follower, canceller) = follower.cancellable();
    let mut follower = pin!(follower);
    assert!(poll_once(follower.as_mut()).is_pending());
    canceller.cancel();
    let Poll::Ready(outcome) = poll_once(follower) else {
        panic!("it is cancelled at once")
    };
    assert!(outcome.unwrap_err().is_cancelled());
    resolver.callback(1).unwrap();
    assert_eq!(block_on(first).unwrap(), 1, "the first does not mind");
}

#[test]
fn cancelling_the_first_cancels_the_follower() {
    let runs = Arc::new(AtomicUsize::new(0));
    let (resolver, first) = made();
    let counted = runs.clone();
    let (hand_on, follower) = Deferred::<Result<u8, Failure>, _>::with_canceller(move || {
        counted.fetch_add(1, SeqCst);
        None
    });
    let (first, canceller) = first.chain_into(hand_on).cancellable();
    let mut first = pin!(first);
    assert!(poll_once(first.as_mut()).is_pending());
    canceller.cancel();
    let Poll::Ready(outcome) = poll_once(first) else {
        panic!("it is cancelled at once")
    };
    assert!(outcome.unwrap_err().is_cancelled());
    assert!(resolver.is_cancelled());
    assert!(block_on(follower).unwrap_err().is_cancelled());
    assert_eq!(runs.load(SeqCst), 1, "its canceller has run");
}

#[test]
fn before_it_has_begun_as_well() {
    let (_resolver, first) = made();
    let (hand_on, follower) = made();
    let (first, canceller) = first.boxed().chain_into(hand_on).cancellable();
    canceller.cancel();
    assert!(block_on(first).unwrap_err().is_cancelled());
    assert!(block_on(follower).unwrap_err().is_cancelled());
}

#[test]
fn a_canceller_of_the_follower_may_give_an_outcome() {
    let (_resolver, first) = made();
    let (hand_on, follower) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| Some(Ok(9)));
    let (first, canceller) = first.chain_into(hand_on).cancellable();
    canceller.cancel();
    assert!(block_on(first).is_err());
    assert_eq!(block_on(follower).unwrap(), 9);
}

#[test]
fn a_first_that_recovers_from_the_cancellation_fires_the_follower() {
    let (_resolver, first) = made();
    let (hand_on, follower) = made();
    let first = first
        .add_errback(|why| if why.is_cancelled() { Ok(3) } else { Err(why) })
        .chain_into(hand_on);
    let (first, canceller) = first.cancellable();
    let mut first = pin!(first);
    assert!(poll_once(first.as_mut()).is_pending());
    canceller.cancel();
    assert!(matches!(poll_once(first), Poll::Ready(Ok(3))));
    assert_eq!(block_on(follower).unwrap(), 3);
}

#[test]
fn dropping_the_first_abandons_the_follower() {
    let (_resolver, first) = made();
    let (hand_on, follower) = made();
    drop(first.chain_into(hand_on));
    assert_eq!(block_on(follower).unwrap_err().check(), Some(&Abandoned));
}

#[test]
fn ten_thousand_links() {
    let (resolver, first) = made();
    let mut chains = Vec::new();
    let mut last = first;
    for _ in 0..10_000 {
        let (hand_on, next) = made();
        chains.push(last.chain_into(hand_on));
        last = next;
    }
    resolver.callback(1).unwrap();
    for chain in chains {
        assert_eq!(block_on(chain).unwrap(), 1);
    }
    assert_eq!(block_on(last).unwrap(), 1);
}

#[test]
fn a_resolver_may_cancel_its_deferred() {
    let (resolver, deferred) = made();
    resolver.cancel();
    assert!(block_on(deferred).unwrap_err().is_cancelled());
}
