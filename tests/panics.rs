//! Panics unwind through the poll, and a deferred that is done is not polled again.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::SeqCst;

use defer::Chain;
use defer::prelude::*;
use support::{Flag, Watched, leaf, never, poll_once, poll_to_end};

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or_else(|_| "?".to_string(), |t| t.to_string()),
    }
}

/// What a poll panics with.
fn panic_of<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> String {
    match catch_unwind(AssertUnwindSafe(|| poll_once(deferred))) {
        Ok(_) => panic!("the poll did not panic"),
        Err(panic) => message(panic),
    }
}

#[callback]
fn boom(a: u8, flag: Flag) -> u8 {
    let _held = flag;
    panic!("boom {a}")
}

#[callback]
fn add(a: u8, b: u8) -> u8 {
    a + b
}

#[test]
fn a_panic_in_a_body_unwinds_through_the_poll() {
    let (flag, gone) = Flag::new();
    let mut call = pin!(add(1, boom(succeed(2), flag)));
    assert_eq!(panic_of(call.as_mut()), "boom 2");
    assert!(gone.load(SeqCst), "what the body held is dropped");
}

#[test]
fn no_errback_sees_a_panic() {
    #[errback]
    fn rescue(failure: Failure) -> u8 {
        unreachable!("{failure}")
    }
    #[callback]
    fn fails(a: u8) -> Result<u8, Failure> {
        panic!("boom {a}")
    }
    assert_eq!(panic_of(pin!(rescue(fails(1)))), "boom 1");
}

#[test]
fn after_a_panic_the_other_arguments_go_with_the_deferred() {
    let (other, seen) = never::<u8>();
    let (flag, _) = Flag::new();
    {
        let mut call = pin!(add(other, boom(1, flag)));
        assert_eq!(panic_of(call.as_mut()), "boom 1");
        assert_eq!(seen.polls(), 1);
    }
    assert!(seen.dropped());
}

#[test]
fn a_panic_of_a_leaf_drops_what_came_in_the_same_poll() {
    let (flag, gone) = Flag::new();
    #[callback]
    fn body(flag: Flag, n: u8) -> u8 {
        drop(flag);
        n
    }
    {
        let call = body(flag, defer(async { explode("leaf") }));
        assert_eq!(panic_of(pin!(call)), "leaf");
    }
    assert!(gone.load(SeqCst));
}

#[test]
fn a_panic_in_an_async_body_a_list_and_a_closure() {
    #[callback]
    async fn later(a: u8) -> u8 {
        leaf(0, ()).0.await;
        panic!("later {a}")
    }
    assert_eq!(panic_of(pin!(later(1))), "later 1");

    #[callback]
    fn total(list: Vec<u8>) -> u8 {
        list.into_iter().sum()
    }
    let (other, seen) = never::<u8>();
    {
        let mut call = pin!(total(vec![other.boxed(), later(2).boxed()]));
        assert_eq!(panic_of(call.as_mut()), "later 2");
    }
    assert!(seen.dropped());

    let chain = succeed(1).add_callback(|n: u8| -> u8 { panic!("closure {n}") });
    assert_eq!(panic_of(pin!(chain)), "closure 1");
}

/// Panics; a plain `panic!` would make a future of the type `!`.
fn explode(what: &str) -> u8 {
    panic!("{what}")
}

const DONE: &str = "a deferred was polled after it had yielded its outcome";
/// What the compiler puts in an `async` body.
const RESUMED: &str = "`async fn` resumed after completion";

/// Poll to the end and once more.
fn again<O, F: Chain<Output = O>>(deferred: Deferred<O, F>) -> String {
    let mut deferred = pin!(deferred);
    while poll_once(deferred.as_mut()).is_pending() {}
    panic_of(deferred)
}

fn watched() -> Watched<u8> {
    leaf(1, 1).0
}

fn failing() -> Watched<Result<u8, Failure>> {
    leaf(1, Err(Failure::msg("no"))).0
}

#[errback]
fn zero(failure: Failure) -> u8 {
    let _ = failure;
    0
}

#[test]
fn a_deferred_that_is_done_says_so_when_it_is_polled() {
    #[callback]
    async fn later(a: u8) -> u8 {
        a
    }
    #[callback]
    fn none() -> u8 {
        1
    }
    #[callback]
    fn total(list: Vec<u8>) -> u8 {
        list.into_iter().sum()
    }
    assert_eq!(again(succeed(1)), DONE);
    assert_eq!(again(fail::<u8, _>(1)), DONE);
    assert_eq!(again(none()), DONE);
    assert_eq!(again(add(1, 2)), DONE);
    assert_eq!(again(add(watched(), 2)), DONE);
    assert_eq!(again(add(watched(), failing())), DONE);
    assert_eq!(again(later(1)), RESUMED);
    assert_eq!(again(later(watched())), RESUMED);
    assert_eq!(again(zero(failing())), DONE);
    assert_eq!(again(zero(fail::<u8, _>(Failure::msg("no")))), DONE);
    assert_eq!(again(total(vec![watched()])), DONE);
    assert_eq!(again(total(vec![failing()])), DONE);
    assert_eq!(again(add(1, 2).boxed()), DONE);
    assert_eq!(again(watched().add_callback(|n| n)), DONE);
    assert_eq!(again(failing().add_errback(|_| 0)), DONE);
    assert_eq!(again(failing().add_both(|_| 0)), DONE);
}

#[test]
fn a_wrapped_future_that_is_done_panics_as_it_does_by_itself() {
    let told = again(defer(async { 1 }));
    assert!(told.contains("resumed after completion"), "{told}");
}

#[test]
fn after_a_panic_of_its_body_a_call_is_done() {
    let (flag, _) = Flag::new();
    let mut call = pin!(boom(1, flag));
    assert_eq!(panic_of(call.as_mut()), "boom 1");
    assert_eq!(panic_of(call), DONE, "the body does not run twice");
}

#[test]
fn a_panic_of_one_deferred_leaves_others_alone() {
    let mut bad = pin!(boom(1, Flag::new().0));
    let good = add(watched(), watched());
    assert_eq!(panic_of(bad.as_mut()), "boom 1");
    assert_eq!(poll_to_end(good).0, 2);
}
