//! Cancelling what an asynchronous body waits for: it comes out of that `.await`.

#[path = "support/saying.rs"]
mod saying;

use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::{Cancelled, Chain, Failure};
use saying::{App, Guard, Typed, poll, said, say};

#[callback]
async fn forever(name: &'static str) -> Result<u32, Typed> {
    let _guard = Guard(name);
    std::future::pending().await
}

#[callback]
async fn app_forever(name: &'static str) -> Result<u32, App> {
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
    a + b
}

/// Cancels after the first poll, and gives the outcome.
async fn cancelled<T, E, F>(call: Deferred<Result<T, E>, F>) -> Result<T, E>
where
    E: From<Cancelled>,
    F: Chain<Output = Result<T, E>>,
{
    let (call, canceller) = call.cancellable();
    let mut call = pin!(call);
    assert!(poll(call.as_mut()).is_pending());
    canceller.cancel();
    call.await
}

#[tokio::test(start_paused = true)]
async fn the_outcome_of_what_is_awaited_comes_out_there_and_the_body_goes_on() {
    #[inline_callbacks]
    fn work() -> Result<u32, App> {
        let _guard = Guard("work");
        assert_eq!(cleanup(forever("a")).await, Err(App::Cancelled));
        say("goes on");
        // What is awaited after the cancellation is not cancelled by it.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let failed = fail::<u32, App>(App::Other);
        assert_eq!(cleanup(failed).await, Err(App::Other));
        Ok(3)
    }
    assert_eq!(cancelled(work()).await, Ok(3));
    let all = [
        "a", "cleaning", "clean", "goes on", "cleaning", "clean", "work",
    ];
    assert_eq!(said(), all);
}

#[test]
fn an_await_with_an_error_that_has_it_fails_with_it() {
    #[inline_callbacks]
    fn work() -> Result<u32, App> {
        let _guard = Guard("work");
        let n = app_forever("a").await;
        say("saw it");
        n
    }
    let outcome = futures::executor::block_on(cancelled(work()));
    assert_eq!(outcome, Err(App::Cancelled));
    assert_eq!(said(), ["a", "saw it", "work"]);
}

#[test]
fn recovering_in_the_poll_of_the_cancellation_does_not_cancel_what_is_awaited_next() {
    #[inline_callbacks]
    fn work() -> Result<u32, App> {
        let _ = app_forever("a").await;
        let (resolver, answer) = Deferred::<Result<u32, Failure>, _>::new();
        let mut answer = answer.boxed();
        assert!(poll(Pin::new(&mut answer)).is_pending());
        resolver.callback(5).unwrap();
        let five = answer.await.unwrap();
        Ok(add(succeed(five), caught(fail(App::Other))).await)
    }
    let outcome = futures::executor::block_on(cancelled(work()));
    assert_eq!(outcome, Ok(12));
    assert_eq!(said(), ["a", "caught Other"]);
}

#[test]
fn through_any_nesting() {
    #[inline_callbacks]
    fn inner() -> Result<u32, Typed> {
        let _guard = Guard("inner");
        let n = caught(forever("a")).await;
        Ok(n + 1)
    }
    #[callback]
    async fn outer(first: u32) -> Result<u32, App> {
        let n = add(inner(), first).await?;
        Ok(n + 100)
    }
    // And through a plain future in between.
    #[inline_callbacks]
    fn outermost() -> Result<u32, App> {
        let plain = async { outer(1).await };
        plain.await.map(|n| n + 1000)
    }
    let outcome = futures::executor::block_on(cancelled(outermost()));
    assert_eq!(outcome, Ok(1109));
    assert_eq!(said(), ["a", "caught Cancelled", "inner"]);
}

#[test]
fn a_body_is_left_where_the_error_of_the_await_does_not_have_it() {
    #[callback]
    async fn outer(n: u32) -> Result<u32, App> {
        let _guard = Guard("outer");
        let got = forever("a").await;
        say("not here");
        Ok(got? + n)
    }
    let outcome = futures::executor::block_on(cancelled(outer(1)));
    assert_eq!(outcome, Err(App::Cancelled));
    let mut all = said();
    all.sort_unstable();
    assert_eq!(all, ["a", "outer"]);
}

#[test]
fn a_body_that_waits_for_a_plain_future_is_dropped() {
    #[inline_callbacks]
    fn work() -> Result<u32, App> {
        let _guard = Guard("work");
        std::future::pending::<()>().await;
        say("not here");
        Ok(1)
    }
    let call = caught(work()).add_callback(Ok::<u32, Failure>);
    let (call, canceller) = call.cancellable();
    let mut call = pin!(call);
    assert!(poll(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(matches!(poll(call.as_mut()), Poll::Ready(Ok(7))));
    assert_eq!(said(), ["work", "caught Cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn several_awaited_at_once_are_all_cancelled_and_all_clean_up() {
    #[inline_callbacks]
    fn both() -> Result<u32, App> {
        let slow = async {
            let outcome = cleanup(forever("a")).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
            outcome
        };
        let left = async { forever("b").await };
        let (a, b) = tokio::join!(slow, left);
        say("not here");
        assert_eq!((a, b), (Err(App::Cancelled), Err(Typed)));
        Ok(1)
    }
    // `b` cannot come out of its `.await`, so the body is left, but not before what was
    // cancelled beside it has cleaned up.
    assert_eq!(cancelled(both()).await, Err(App::Cancelled));
    assert_eq!(said(), ["a", "cleaning", "clean", "b"]);

    #[inline_callbacks]
    fn two() -> Result<u32, App> {
        let (a, b) = tokio::join!(async { cleanup(forever("a")).await }, async {
            cleanup(app_forever("b")).await
        },);
        assert_eq!((a, b), (Err(App::Cancelled), Err(App::Cancelled)));
        Ok(1)
    }
    assert_eq!(cancelled(two()).await, Ok(1));
    let mut all = said();
    all.sort_unstable();
    assert_eq!(all, ["a", "b", "clean", "clean", "cleaning", "cleaning"]);
}

#[tokio::test(start_paused = true)]
async fn again_cancels_what_cleans_up() {
    #[errback]
    async fn twice(_failure: App) -> Result<u32, App> {
        say("first");
        match app_forever("c").await {
            Err(App::Cancelled) => say("second"),
            other => panic!("{other:?}"),
        }
        Ok(2)
    }
    #[inline_callbacks]
    fn work() -> Result<u32, App> {
        let n = twice(forever("a")).await?;
        Ok(n + 1)
    }
    let (call, canceller) = work().cancellable();
    let mut call = pin!(call);
    assert!(poll(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(poll(call.as_mut()).is_pending());
    assert_eq!(said(), ["a", "first"]);
    canceller.cancel();
    assert_eq!(poll(call.as_mut()), Poll::Ready(Ok(3)));
    assert_eq!(said(), ["c", "second"]);
}

#[test]
fn what_was_fired_before_stands_and_the_next_await_is_cancelled() {
    #[inline_callbacks]
    fn work(given: Option<Deferred<Result<u32, Failure>>>) -> Result<u32, Failure> {
        let Some(given) = given else {
            return Ok(0);
        };
        let n = given.await?;
        say(&format!("got {n}"));
        let outcome = app_forever("next").await;
        say(&format!("{outcome:?}"));
        Ok(n)
    }
    let (resolver, given) = Deferred::<Result<u32, Failure>, _>::new();
    let (call, canceller) = work(Some(given.boxed())).cancellable();
    let mut call = pin!(call);
    assert!(poll(call.as_mut()).is_pending());
    resolver.callback(4).unwrap();
    canceller.cancel();
    assert!(matches!(poll(call.as_mut()), Poll::Ready(Ok(4))));
    // It did not begin, so it has no guard to drop.
    assert_eq!(said(), ["got 4", "Err(Cancelled)"]);
}

#[test]
fn a_callback_that_gives_a_deferred_from_an_asynchronous_body() {
    #[callback]
    async fn chosen(n: u32) -> Deferred<Result<u32, App>> {
        std::future::ready(()).await;
        add(
            succeed(n),
            caught(forever("a")).add_callback(Ok::<u32, App>),
        )
        .add_callback(Ok::<u32, App>)
        .boxed()
    }
    let outcome = futures::executor::block_on(cancelled(chosen(1)));
    assert_eq!(outcome, Ok(8));
    assert_eq!(said(), ["a", "caught Cancelled"]);
}

#[test]
fn methods_and_generic_functions() {
    struct Client;
    impl Client {
        #[callback]
        async fn get<T: std::fmt::Debug + From<u32>>(&self, n: u32) -> Result<T, App> {
            let got = app_forever("a").await;
            say(&format!("{got:?}"));
            Ok(T::from(n))
        }
    }
    let client = Client;
    let outcome: Result<u64, App> = futures::executor::block_on(cancelled(client.get(9)));
    assert_eq!(outcome, Ok(9));
    assert_eq!(said(), ["a", "Err(Cancelled)"]);
}

#[test]
fn a_panic_after_the_cancellation_leaves_nothing_behind() {
    #[inline_callbacks]
    fn work() -> Result<u32, App> {
        let _ = app_forever("a").await;
        panic!("in the body");
    }
    let caught = std::panic::catch_unwind(|| futures::executor::block_on(cancelled(work())));
    assert!(caught.is_err());
    // The next body does not think that it is cancelled.
    #[inline_callbacks]
    fn fine() -> Result<u32, App> {
        let (resolver, answer) = Deferred::<Result<u32, Failure>, _>::new();
        resolver.callback(1).unwrap();
        Ok(answer.await.unwrap())
    }
    assert_eq!(futures::executor::block_on(fine()), Ok(1));
}

#[test]
fn an_await_of_anything_else_is_what_it_was() {
    struct Later;
    impl IntoFuture for Later {
        type Output = u8;
        type IntoFuture = std::future::Ready<u8>;
        fn into_future(self) -> std::future::Ready<u8> {
            std::future::ready(4)
        }
    }
    #[callback]
    async fn all(n: u8) -> u8 {
        async fn nested() -> u8 {
            std::future::ready(1).await
        }
        let mut by_reference = Box::pin(async { 2 });
        let boxed: Pin<Box<dyn Future<Output = u8>>> = Box::pin(async { 3 });
        let closure = |n: u8| async move { succeed(n).await };
        nested().await
            + (&mut by_reference).await
            + boxed.await
            + Later.await
            + closure(n).await
            + { succeed(5).boxed() }.await
    }
    assert_eq!(futures::executor::block_on(all(10)), 25);
}
