//! Waiting in synchronous code.

mod support;

use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use defer::prelude::*;
use defer::{TimedOut, WaitExt, WouldBlock};
use support::{leaf, never};
use tokio::task::yield_now;

const HOUR: Duration = Duration::from_secs(3600);

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[callback]
async fn later(n: u32) -> Result<u32, Failure> {
    yield_now().await;
    Ok(n)
}

#[test]
fn it_gives_the_outcome() {
    assert_eq!(add(1, succeed(2)).wait().unwrap(), 3);
    assert_eq!(add(later(1), 2).wait().unwrap().unwrap(), 3);
    assert_eq!(fail::<u8, _>("no").wait().unwrap(), Err("no"));
}

#[test]
fn what_borrows_and_what_stays_on_its_thread() {
    let text = String::from("text");
    let shared = Rc::new(&text);
    let length = defer(async {
        yield_now().await;
        shared.len()
    });
    assert_eq!(length.wait().unwrap(), 4);
}

#[test]
fn it_converts_into_a_failure() {
    fn whole() -> Result<u32, Failure> {
        add(later(1), later(2)).wait()?
    }
    assert_eq!(whole().unwrap(), 3);
}

#[test]
fn there_is_time() {
    let paused = defer(async {
        tokio::time::pause();
        pending::<u8>().await
    });
    assert_eq!(
        paused.timeout(HOUR).wait().unwrap(),
        Err(TimedOut::after(HOUR))
    );
}

#[test]
fn what_is_started_runs_until_then() {
    let (resolver, fired) = Deferred::<Result<u8, Failure>, _>::new();
    let (stops, seen) = never::<u8>();
    let both = defer(async move {
        let started = defer(async move { resolver.callback(7).unwrap() }).start();
        stops.start().detach();
        yield_now().await;
        let fired = fired.await;
        started.await.unwrap();
        fired
    });
    assert_eq!(both.wait().unwrap().unwrap(), 7);
    assert!(seen.polls() > 0);
    assert!(seen.dropped(), "with the runtime");
}

#[test]
fn a_panic_goes_through() {
    let boom = succeed(1).add_callback(|n: u8| -> u8 { panic!("boom {n}") });
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| boom.wait()));
    assert_eq!(*panic.unwrap_err().downcast::<String>().unwrap(), "boom 1");
}

#[test]
fn one_after_another_and_on_many_threads() {
    let threads: Vec<_> = (0..4)
        .map(|n| std::thread::spawn(move || add(later(n), 1).wait().unwrap().unwrap()))
        .collect();
    let sum: u32 = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();
    assert_eq!(sum, 10);
}

fn refused<D: WaitExt + 'static>(deferred: D) -> D {
    let refused: WouldBlock<D> = match deferred.wait() {
        Ok(_) => panic!("it waited"),
        Err(refused) => refused,
    };
    let error: &dyn std::error::Error = &refused;
    let told = error.to_string();
    assert!(told.contains("would block a thread"), "{told}");
    assert!(told.contains("`.await` the deferred"), "{told}");
    refused.into_deferred()
}

#[tokio::test]
async fn inside_a_runtime_it_gives_the_deferred_back() {
    let (one, seen) = leaf(1, 1_u32);
    let call = refused(add(one, 2));
    assert_eq!(seen.polls(), 0, "nothing has run");
    assert_eq!(call.await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_a_runtime_of_many_threads() {
    let task = tokio::spawn(async { refused(add(1, 2)).await });
    assert_eq!(task.await.unwrap(), 3);
    let blocking = tokio::task::spawn_blocking(|| {
        let call = refused(add(later(1), 2));
        tokio::runtime::Handle::current().block_on(call)
    });
    assert_eq!(blocking.await.unwrap().unwrap(), 3);
}

#[test]
fn inside_another_wait() {
    let nested = defer(async { refused(add(1, 2)).await });
    assert_eq!(nested.wait().unwrap(), 3);
}
