//! Panics unwind through the poll, and a deferred that is done is not polled again.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::SeqCst;

use defer::prelude::*;
use defer::{Cancelled, Chain, Panicked};
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
    assert_eq!(again(watched().catch_panics()), DONE);
    assert_eq!(again(failing().catch_panics()), DONE);
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

mod caught {
    use super::*;

    /// An error of the user's own.
    #[derive(Debug, PartialEq)]
    enum App {
        Cancelled,
        Panicked(Option<String>),
    }
    impl From<Cancelled> for App {
        fn from(_: Cancelled) -> Self {
            App::Cancelled
        }
    }
    impl From<Panicked> for App {
        fn from(panicked: Panicked) -> Self {
            App::Panicked(panicked.message().map(str::to_owned))
        }
    }
    fn told(what: &str) -> App {
        App::Panicked(Some(what.to_string()))
    }

    #[test]
    fn it_is_a_failure_of_what_can_fail_and_of_what_cannot() {
        let (flag, gone) = Flag::new();
        let call = add(1, boom(succeed(2), flag)).catch_panics();
        let panicked = poll_to_end(call).0.unwrap_err();
        assert_eq!(panicked.message(), Some("boom 2"));
        assert!(gone.load(SeqCst));

        let typed = leaf(1, Ok::<u8, App>(1))
            .0
            .add_callback(|_| -> u8 { panic!("typed") });
        assert_eq!(poll_to_end(typed.catch_panics()).0, Err(told("typed")));
        let erased = failing().add_both(|_| -> Result<u8, Failure> { panic!("erased") });
        let failure = poll_to_end(erased.catch_panics()).0.unwrap_err();
        assert_eq!(failure.to_string(), "panicked: erased");
        assert!(failure.check::<Panicked>().is_some());
    }

    #[test]
    fn an_errback_takes_it_and_goes_on() {
        #[errback]
        fn rescue(failure: App, other: u8) -> u8 {
            assert_eq!(failure, told("boom 1"));
            other
        }
        let call = boom(1, Flag::new().0)
            .catch_panics()
            .add_errback(|why| Err(App::from(why)));
        assert_eq!(poll_to_end(add(rescue(call, watched()), 1)).0, 2);
    }

    #[test]
    fn without_a_panic_nothing_changes() {
        assert_eq!(poll_to_end(add(watched(), 1).catch_panics()).0.unwrap(), 2);
        let failure = poll_to_end(failing().catch_panics()).0.unwrap_err();
        assert_eq!(failure.to_string(), "no");
    }

    #[test]
    fn what_it_waited_for_is_dropped_at_once() {
        let (other, seen) = never::<u8>();
        let mut call = pin!(add(other, boom(1, Flag::new().0)).catch_panics());
        assert!(poll_once(call.as_mut()).is_ready());
        assert!(seen.dropped(), "though the deferred is there");
    }

    #[test]
    fn what_is_around_it_is_not_covered() {
        let call = watched()
            .catch_panics()
            .add_both(|_| -> u8 { panic!("outside") });
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        assert_eq!(panic_of(call), "outside");
    }

    #[test]
    fn a_cancellation_passes_through() {
        #[errback]
        fn cleanup(failure: App) -> Result<u8, App> {
            assert_eq!(failure, App::Cancelled);
            Err(failure)
        }
        let waiting = cleanup(never::<Result<u8, App>>().0).catch_panics();
        let (waiting, canceller) = waiting.cancellable();
        let mut waiting = pin!(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(
            poll_once(waiting),
            std::task::Poll::Ready(Err(App::Cancelled))
        );
    }

    #[test]
    fn a_panic_of_what_is_run_by_a_cancellation() {
        let waiting = never::<Result<u8, Failure>>().0;
        let (waiting, canceller) = waiting
            .add_errback(|why| -> u8 { panic!("cannot take: {why}") })
            .catch_panics()
            .add_errback(|why| Err::<u8, Failure>(why.into()))
            .cancellable();
        let mut waiting = pin!(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        canceller.cancel();
        let std::task::Poll::Ready(Err(failure)) = poll_once(waiting) else {
            panic!("it failed")
        };
        assert_eq!(failure.to_string(), "panicked: cannot take: cancelled");
    }

    #[test]
    fn a_panic_while_it_cleans_up() {
        #[errback]
        async fn cleanup(failure: App) -> Result<u8, App> {
            leaf(2, ()).0.await;
            panic!("while {failure:?}")
        }
        let waiting = cleanup(never::<Result<u8, App>>().0).catch_panics();
        let (waiting, canceller) = waiting.cancellable();
        let mut waiting = pin!(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(waiting.as_mut()).is_pending());
        assert_eq!(poll_to_the_end_of(waiting), Err(told("while Cancelled")));
    }

    #[test]
    fn a_second_panic_of_what_is_dropped_tells_nothing_more() {
        struct Brittle;
        impl Drop for Brittle {
            fn drop(&mut self) {
                panic!("dropped")
            }
        }
        let other = defer(async {
            let _brittle = Brittle;
            std::future::pending::<u8>().await
        });
        let call = add(other, boom(1, Flag::new().0)).catch_panics();
        assert_eq!(poll_to_end(call).0.unwrap_err().message(), Some("boom 1"));
    }

    #[test]
    fn it_is_drawn() {
        let plan = add(1, 2).catch_panics().plan().to_string();
        let first = plan.lines().next();
        assert_eq!(first, Some("catch_panics"));
        assert_eq!(plan.lines().count(), 4);
    }

    #[test]
    fn in_a_list_the_others_go_on() {
        #[callback]
        fn each(list: Vec<Result<u8, Panicked>>) -> Vec<Option<u8>> {
            list.into_iter().map(Result::ok).collect()
        }
        let list = (0..3).map(|n| {
            let one = leaf(n, n as u8).0;
            one.add_callback(|n| if n == 1 { panic!("one") } else { n })
                .catch_panics()
        });
        let list: Vec<_> = list.collect();
        assert_eq!(poll_to_end(each(list)).0, [Some(0), None, Some(2)]);
    }

    fn poll_to_the_end_of<O, F: Chain<Output = O>>(mut deferred: Pin<&mut Deferred<O, F>>) -> O {
        loop {
            if let std::task::Poll::Ready(out) = poll_once(deferred.as_mut()) {
                return out;
            }
        }
    }
}
