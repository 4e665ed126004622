//! Cancelling: where it is raised, who takes it in, and that clean-up is waited for.

#[path = "support/saying.rs"]
mod saying;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::{Abandoned, Cancelled, Canceller, Chain, Failure, Resolver};
use saying::{App, Guard, Typed, poll, said, say};

#[callback]
async fn forever(name: &'static str) -> Result<u32, Typed> {
    let _guard = Guard(name);
    std::future::pending().await
}

#[errback]
fn caught(failure: App) -> u32 {
    say(&format!("caught {failure:?}"));
    7
}

#[errback]
async fn cleanup(failure: App) -> Result<u32, App> {
    say("cleaning");
    tokio::time::sleep(Duration::from_millis(10)).await;
    say("clean");
    Err(failure)
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    say("add");
    a + b
}

#[callback]
fn app_add(a: u32, b: u32) -> Result<u32, App> {
    Ok(a + b)
}

type Made = Deferred<Result<u32, Failure>, defer::HandMade<u32>>;
fn made() -> (Resolver<u32>, Made) {
    Deferred::new()
}

mod who_takes_it {
    use super::*;

    #[test]
    fn the_outermost_error_if_nobody_else() {
        let (waiting, canceller) = forever("dropped").cancellable_as::<App>();
        let mut waiting = pin!(waiting);
        assert!(poll(waiting.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(waiting.as_mut()), Poll::Ready(Err(App::Cancelled)));
        assert_eq!(said(), ["dropped"]);
    }

    #[test]
    fn a_deferred_that_cannot_fail() {
        let (waiting, canceller) = defer(std::future::pending::<u8>()).cancellable();
        let mut waiting = pin!(waiting);
        assert!(poll(waiting.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(waiting.as_mut()), Poll::Ready(Err(Cancelled)));
    }

    #[test]
    fn the_nearest_errback() {
        let (call, canceller) = add(caught(forever("a")), 1).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Ok(8)));
        assert_eq!(said(), ["a", "caught Cancelled", "add"]);
    }

    #[test]
    fn an_errback_whose_error_does_not_know_it_is_passed_by() {
        #[errback]
        fn typed(failure: Typed) -> u32 {
            say(&format!("{failure:?}"));
            0
        }
        let (call, canceller) = add(typed(forever("a")), 1).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Err(Cancelled)));
        assert_eq!(said(), ["a"]);
    }

    #[test]
    fn a_closure_for_an_error_of_the_users_own_is_passed_by() {
        // Whether an `App` is made from a cancellation is not known to a closure.
        let chain = app_add(forever("a"), 1).add_errback(|_| -> u32 { panic!("not called") });
        let (call, canceller) = chain.cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Err(Cancelled)));
    }

    #[test]
    fn errbacks_added_to_a_failure() {
        let waiting = defer(std::future::pending::<Result<u8, Failure>>());
        let (call, canceller) = waiting
            .add_callback(|n| n + 1)
            .add_errback(|why| {
                assert!(why.is_cancelled());
                3
            })
            .cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Ok(3)));
    }
}

/// A parameter `Result<T, E>` observes a cancellation as it observes any failure.
mod who_observes_it {
    use super::*;

    /// An alias that hides its error.
    mod app {
        pub(super) type Result<T> = std::result::Result<T, super::App>;
    }

    #[errback]
    fn either(a: Result<u32, App>, b: Result<u32, App>) -> u32 {
        say(&format!("either {a:?} {b:?}"));
        7
    }

    /// Waits, and fails with an `App` if it fails.
    #[callback]
    fn as_app(n: u32) -> Result<u32, App> {
        Ok(n)
    }

    /// Cancelled after one poll, polled once again.
    #[track_caller]
    fn cancelled<T, F: Chain<Output = T>>(call: Deferred<T, F>) -> Result<T, Cancelled> {
        let (call, canceller) = call.cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        match poll(call.as_mut()) {
            Poll::Ready(out) => out,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn an_errback_of_several_that_all_wait() {
        let call = add(either(as_app(forever("a")), as_app(forever("b"))), 1);
        assert_eq!(cancelled(call), Ok(8));
        let either = "either Err(Cancelled) Err(Cancelled)";
        assert_eq!(said(), ["a", "b", either, "add"]);
    }

    #[test]
    fn an_errback_of_several_of_which_one_waits() {
        assert_eq!(
            cancelled(either(Ok::<_, App>(1), as_app(forever("b")))),
            Ok(7)
        );
        assert_eq!(said(), ["b", "either Ok(1) Err(Cancelled)"]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_clean_up_inside() {
        let call = either(as_app(cleanup(as_app(forever("a")))), Ok::<_, App>(1));
        let (call, canceller) = call.cancellable();
        let cancelling = async {
            tokio::task::yield_now().await;
            canceller.cancel();
        };
        let (out, ()) = futures::future::join(call, cancelling).await;
        assert_eq!(out, Ok(7));
        let either = "either Err(Cancelled) Ok(1)";
        assert_eq!(said(), ["a", "cleaning", "clean", either]);
    }

    #[test]
    fn an_asynchronous_errback() {
        #[errback]
        async fn later(a: Result<u32, App>) -> Result<u32, App> {
            say("begins");
            std::future::ready(()).await;
            say("ends");
            a.map(|n| n + 1)
        }
        let (call, canceller) = later(as_app(forever("a"))).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Err(App::Cancelled)));
        assert_eq!(said(), ["a", "begins", "ends"]);
    }

    #[test]
    fn a_callback_a_method_and_a_boxed_call() {
        #[callback]
        fn observe(outcome: Result<u32, App>) -> String {
            format!("{outcome:?}")
        }
        #[callback(boxed)]
        fn boxed(outcome: app::Result<u32>) -> String {
            format!("{outcome:?}")
        }
        struct Shop;
        impl Shop {
            #[callback]
            fn observe(&self, outcome: app::Result<u32>, n: u32) -> String {
                format!("{outcome:?} {n}")
            }
        }
        assert_eq!(
            cancelled(observe(as_app(forever("a")))).unwrap(),
            "Err(Cancelled)"
        );
        assert_eq!(
            cancelled(boxed(as_app(forever("a")))).unwrap(),
            "Err(Cancelled)"
        );
        assert_eq!(
            cancelled(Shop.observe(as_app(forever("a")), 3)).unwrap(),
            "Err(Cancelled) 3"
        );
        assert_eq!(said(), ["a", "a", "a"]);
    }

    #[test]
    fn not_where_another_argument_is_left_by_it() {
        #[callback]
        fn both(outcome: Result<u32, App>, n: u32) -> String {
            panic!("{outcome:?} {n}")
        }
        let call = both(Ok::<_, App>(1), defer(std::future::pending::<u32>()));
        assert_eq!(cancelled(call), Err(Cancelled));
    }

    #[test]
    fn not_with_an_error_that_does_not_know_it() {
        #[errback]
        fn typed(outcome: Result<u32, Typed>) -> u32 {
            panic!("{outcome:?}")
        }
        assert_eq!(cancelled(typed(forever("a"))), Err(Cancelled));
        assert_eq!(said(), ["a"]);
    }

    #[test]
    fn with_a_trail_that_says_where() {
        #[callback]
        fn observe(outcome: Result<u32, Failure>) -> String {
            outcome.unwrap_err().trail().to_string()
        }
        let waiting = defer(std::future::pending::<Result<u32, Failure>>());
        let text = cancelled(observe(waiting)).unwrap();
        assert!(text.starts_with("in observe ("), "{text}");
    }
}

mod when {
    use super::*;

    #[test]
    fn before_it_has_begun_nothing_begins() {
        #[callback]
        async fn work(n: u32) -> Result<u32, App> {
            say("work");
            Ok(n)
        }
        let (call, canceller) = work(1).cancellable();
        canceller.cancel();
        assert_eq!(poll(pin!(call)), Poll::Ready(Err(App::Cancelled)));
        let (call, canceller) = add(1, succeed(2)).cancellable();
        canceller.cancel();
        assert_eq!(poll(pin!(call)), Poll::Ready(Err(Cancelled)));
        assert!(said().is_empty());
    }

    #[test]
    fn after_the_outcome_has_arrived_it_changes_nothing() {
        let (resolver, waiting) = made();
        let (call, canceller) = add(waiting, 1).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        resolver.callback(4).unwrap();
        canceller.cancel();
        assert!(matches!(poll(call.as_mut()), Poll::Ready(Ok(5))));
        canceller.cancel();
    }

    #[test]
    fn from_another_thread() {
        let (resolver, waiting) = made();
        let (waiting, canceller) = waiting.cancellable();
        let canceller: Canceller = canceller;
        let thread = std::thread::spawn(move || {
            canceller.cancel();
            canceller.clone().cancel();
        });
        let failure = futures::executor::block_on(waiting).unwrap_err();
        assert!(failure.is_cancelled());
        thread.join().unwrap();
        assert!(resolver.is_cancelled());
    }

    #[test]
    fn from_a_callback_it_is_raised_where_the_chain_waits_next() {
        let cancel: Rc<RefCell<Option<Canceller>>> = Rc::default();
        let inside = cancel.clone();
        let (call, canceller) = succeed(1)
            .add_callback(move |n| {
                inside.borrow().as_ref().unwrap().cancel();
                defer(std::future::pending::<Result<u32, Failure>>()).add_callback(move |m| n + m)
            })
            .cancellable();
        *cancel.borrow_mut() = Some(canceller);
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        let Poll::Ready(Err(failure)) = poll(call.as_mut()) else {
            panic!("cancelled")
        };
        assert!(failure.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn again_cancels_what_cleans_up() {
        let (call, canceller) = cleanup(forever("a")).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        // The clean-up waits for a plain future, which is dropped.
        assert_eq!(poll(call.as_mut()), Poll::Ready(Err(App::Cancelled)));
        assert_eq!(said(), ["a", "cleaning"]);
    }
}

mod clean_up {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn is_waited_for() {
        let (call, canceller) = cleanup(forever("a")).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(call.await, Err(App::Cancelled));
        assert_eq!(said(), ["a", "cleaning", "clean"]);
    }

    #[tokio::test(start_paused = true)]
    async fn of_one_argument_while_the_others_are_gone() {
        let call = app_add(cleanup(forever("a")), forever("b"));
        let (call, canceller) = app_add(call, forever("c")).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(call.await, Err(App::Cancelled));
        assert_eq!(said(), ["a", "b", "c", "cleaning", "clean"]);
    }

    #[tokio::test(start_paused = true)]
    async fn of_members_of_a_list() {
        #[callback]
        fn total(list: Vec<u32>) -> Result<u32, App> {
            Ok(list.into_iter().sum())
        }
        let list: Vec<_> = (0..3).map(|_| cleanup(forever("x"))).collect();
        let (call, canceller) = total(list).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(call.await, Err(App::Cancelled));
        assert_eq!(said().iter().filter(|said| *said == "clean").count(), 3);
    }

    #[test]
    fn members_that_recover_make_a_list() {
        #[callback]
        fn total(list: Vec<u32>) -> u32 {
            list.into_iter().sum()
        }
        let list: Vec<_> = (0..3).map(|_| caught(forever("x")).boxed_local()).collect();
        let (call, canceller) = total(list).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Ok(21)));
    }
}

mod bodies {
    use super::*;

    #[test]
    fn an_asynchronous_body_is_dropped_where_it_waits() {
        #[inline_callbacks]
        fn inner() -> Result<u32, Typed> {
            let _guard = Guard("inner");
            forever("a").await
        }
        let (call, canceller) = caught(inner()).cancellable();
        let mut call = pin!(call);
        assert!(poll(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll(call.as_mut()), Poll::Ready(Ok(7)));
        assert_eq!(said(), ["a", "inner", "caught Cancelled"]);
    }
}

mod hand_made {
    use super::*;

    type With<C> = Deferred<Result<u32, Failure>, defer::HandMade<u32, Failure, defer::Hook<C>>>;

    fn with<C: FnOnce() -> Option<Result<u32, Failure>>>(hook: C) -> (Resolver<u32>, With<C>) {
        Deferred::with_canceller(hook)
    }

    fn cancelled<F: Chain<Output = Result<u32, Failure>>>(
        deferred: Deferred<Result<u32, Failure>, F>,
    ) -> Result<u32, Failure> {
        let (deferred, canceller) = deferred.cancellable();
        let mut deferred = pin!(deferred);
        assert!(poll(deferred.as_mut()).is_pending());
        canceller.cancel();
        let Poll::Ready(outcome) = poll(deferred) else {
            panic!("it has its outcome")
        };
        outcome
    }

    #[test]
    fn its_canceller_runs_and_it_fails() {
        let runs = Arc::new(Mutex::new(0));
        let counted = runs.clone();
        let (resolver, deferred) = with(move || {
            *counted.lock().unwrap() += 1;
            None
        });
        assert!(cancelled(deferred).unwrap_err().is_cancelled());
        assert_eq!(*runs.lock().unwrap(), 1);
        assert_eq!(resolver.callback(1), Err(1), "too late");
    }

    #[test]
    fn its_canceller_gives_the_outcome() {
        let (_resolver, deferred) = with(|| Some(Ok(9)));
        assert_eq!(cancelled(deferred).unwrap(), 9);
        let (_resolver, deferred) = with(|| Some(Err(Failure::msg("stopped"))));
        assert_eq!(cancelled(deferred).unwrap_err().to_string(), "stopped");
    }

    #[test]
    fn its_canceller_makes_the_owner_fire() {
        let owner: Arc<Mutex<Option<Resolver<u32>>>> = Arc::default();
        let asked = owner.clone();
        let (resolver, deferred) = with(move || {
            let resolver = asked.lock().unwrap().take().unwrap();
            resolver.callback(5).unwrap();
            None
        });
        *owner.lock().unwrap() = Some(resolver);
        assert_eq!(cancelled(deferred).unwrap(), 5);
    }

    #[test]
    fn a_canceller_that_panics_does_not_keep_it_from_failing() {
        let (_resolver, deferred) = with(|| panic!("in the canceller"));
        assert!(cancelled(deferred).unwrap_err().is_cancelled());
    }

    #[test]
    fn fired_before_its_canceller_does_not_run() {
        let (resolver, deferred) = with(|| panic!("not called"));
        let (deferred, canceller) = deferred.cancellable();
        let mut deferred = pin!(deferred);
        assert!(poll(deferred.as_mut()).is_pending());
        resolver.resolve(Ok(3)).unwrap();
        canceller.cancel();
        assert!(matches!(poll(deferred.as_mut()), Poll::Ready(Ok(3))));
    }

    #[test]
    fn not_begun_its_canceller_runs_all_the_same() {
        // Somebody works on it already, though nobody has asked for it yet.
        let (_resolver, deferred) = with(|| Some(Ok(9)));
        let (call, canceller) = add(deferred, 1).cancellable();
        canceller.cancel();
        assert!(matches!(poll(pin!(call)), Poll::Ready(Ok(10))));
    }

    #[test]
    fn abandoned_before_stays_abandoned() {
        let (resolver, deferred) = with(|| None);
        let (deferred, canceller) = deferred.cancellable();
        let mut deferred = pin!(deferred);
        assert!(poll(deferred.as_mut()).is_pending());
        drop(resolver);
        canceller.cancel();
        let Poll::Ready(Err(failure)) = poll(deferred.as_mut()) else {
            panic!("it failed")
        };
        assert!(failure.check::<Abandoned>().is_some());
    }

    #[tokio::test]
    async fn its_resolver_hears_of_it() {
        let (mut resolver, deferred) = made();
        let (deferred, canceller) = deferred.cancellable();
        let task = tokio::spawn(deferred);
        tokio::task::yield_now().await;
        canceller.cancel();
        resolver.cancelled().await;
        assert!(task.await.unwrap().unwrap_err().is_cancelled());
    }
}

/// Helpers that make the cases above short.
trait As: Sized {
    type Value;
    /// `cancellable`, after its own error has become another.
    fn cancellable_as<E: From<Cancelled> + From<Typed> + 'static>(
        self,
    ) -> (
        Deferred<Result<Self::Value, E>, impl Chain<Output = Result<Self::Value, E>>>,
        Canceller,
    );
}

impl<T, F: Chain<Output = Result<T, Typed>>> As for Deferred<Result<T, Typed>, F> {
    type Value = T;
    fn cancellable_as<E: From<Cancelled> + From<Typed> + 'static>(
        self,
    ) -> (
        Deferred<Result<T, E>, impl Chain<Output = Result<T, E>>>,
        Canceller,
    ) {
        self.add_errback(|error| Err::<T, E>(error.into()))
            .cancellable()
    }
}
