//! What Twisted's own tests show of locks, semaphores and queues, as it reads in Rust.
//!
//! By the classes of `twisted/test/test_defer.py` in Twisted 26.10.0, each test numbered by its
//! place in its class; the sums are in `README.md`. In Twisted a waiter stands in the queue from
//! the call on, here from its first poll on, and what it is given reaches it when it is polled.
//!
//! # `OtherPrimitivesTests`: 10
//!
//! | original | here |
//! | --- | --- |
//! | 1: a lock, its waiters, its `run` | [`a_lock_is_handed_over_and_runs_work`]: a `run` without work does not compile |
//! | 2: cancelled when the lock was had | [`an_acquired_lock_is_not_lost_to_a_cancellation`] |
//! | 3: cancelled before | [`a_waiter_for_a_lock_is_cancelled`] |
//! | 4: a semaphore, its waiters, its `run` | [`a_semaphore_has_thirteen_tokens_and_runs_work`]: nothing can be released twice |
//! | 5: no tokens | [`a_semaphore_without_tokens_is_refused`]: fewer than none cannot be written |
//! | 6: cancelled when the token was had | [`an_acquired_token_is_not_lost_to_a_cancellation`] |
//! | 7: cancelled before | [`a_waiter_for_a_token_is_cancelled`] |
//! | 8: a queue and its bounds | [`a_queue_keeps_its_order_and_its_bounds`] |
//! | 9: cancelled when the value was there | [`a_value_that_was_put_stands_against_a_cancellation`] |
//! | 10: cancelled before, and put afterwards | [`a_getter_that_was_cancelled_takes_nothing`] |
//!
//! # `CoroutineContextVarsTests`: 6
//!
//! | original | here |
//! | --- | --- |
//! | 1, 2, 6: variables of the context | cannot be: Rust has no context variables |
//! | 3: `async with` a lock | [`a_guard_in_an_asynchronous_body_is_released_at_the_end_of_its_scope`] |
//! | 4: `async with` a semaphore | [`tokens_in_an_asynchronous_body_are_given_back_one_by_one`] |
//! | 5: an exception in it | [`an_error_that_leaves_the_scope_releases_the_lock`] |

mod support;

use std::pin::{Pin, pin};
use std::task::Poll;

use defer::prelude::*;
use defer::sync::{DeferredLock, DeferredQueue, DeferredSemaphore, GetError, PutError};
use defer::{Cancelled, Chain};
use support::poll_once;

/// What it yields now.
fn now<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> O {
    match poll_once(deferred) {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("it waits"),
    }
}

fn waits<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> bool {
    poll_once(deferred).is_pending()
}

#[test]
fn a_lock_is_handed_over_and_runs_work() {
    let lock = DeferredLock::new(());
    let first = now(pin!(lock.acquire()));
    assert!(lock.locked());
    let mut second = pin!(lock.acquire());
    assert!(waits(second.as_mut()));
    drop(first);
    assert!(lock.locked(), "it is the second one's, who has not looked");
    let second = now(second);
    assert!(lock.locked());
    drop(second);
    assert!(!lock.locked());

    let (resolver, result) = Deferred::<Result<&str, Failure>, _>::new();
    let mut seen = None;
    {
        let mut run = pin!(lock.run(|()| {
            seen = Some("called");
            result
        }));
        assert!(waits(run.as_mut()));
        assert!(lock.locked());
        let mut next = pin!(lock.acquire());
        assert!(waits(next.as_mut()));
        resolver.callback("done").unwrap();
        assert_eq!(now(run).unwrap(), "done");
        assert!(lock.locked());
        let held = now(next);

        let (cancelled, canceller) = lock.acquire().cancellable();
        let mut cancelled = pin!(cancelled);
        assert!(waits(cancelled.as_mut()));
        canceller.cancel();
        assert_eq!(now(cancelled).err(), Some(Cancelled));
        held.release();
        assert!(!lock.locked());
    }
    assert_eq!(seen, Some("called"));

    // What the work gives is the result, be it a deferred or not.
    assert_eq!(now(pin!(lock.run(|()| succeed(2)))), 2);
    assert_eq!(now(pin!(lock.run(|()| defer(async { 1 })))), 1);
}

#[test]
fn an_acquired_lock_is_not_lost_to_a_cancellation() {
    let lock = DeferredLock::new(());
    let (acquired, canceller) = lock.acquire().cancellable();
    let guard = now(pin!(acquired)).unwrap();
    canceller.cancel();
    assert!(lock.locked());
    drop(guard);
}

#[test]
fn a_waiter_for_a_lock_is_cancelled() {
    let lock = DeferredLock::new(());
    let _guard = now(pin!(lock.acquire()));
    let (waiter, canceller) = lock.acquire().cancellable();
    let mut waiter = pin!(waiter);
    assert!(waits(waiter.as_mut()));
    canceller.cancel();
    assert_eq!(now(waiter).err(), Some(Cancelled));
    assert_eq!(lock.waiting(), 0);
}

#[test]
fn a_semaphore_has_thirteen_tokens_and_runs_work() {
    let semaphore = DeferredSemaphore::new(13).unwrap();
    let (resolver, result) = Deferred::<Result<(), Failure>, _>::new();
    let mut run = pin!(semaphore.run(|| result));
    assert!(waits(run.as_mut()));
    assert_eq!(semaphore.tokens(), 12);
    resolver.callback(()).unwrap();
    now(run).unwrap();

    let mut tokens = Vec::new();
    for left in (0..13).rev() {
        tokens.push(now(pin!(semaphore.acquire())));
        assert_eq!(semaphore.tokens(), left);
    }
    let (cancelled, canceller) = semaphore.acquire().cancellable();
    let mut cancelled = pin!(cancelled);
    assert!(waits(cancelled.as_mut()));
    canceller.cancel();
    assert_eq!(now(cancelled).err(), Some(Cancelled));

    let mut waiter = pin!(semaphore.acquire());
    assert!(waits(waiter.as_mut()));
    tokens.pop();
    tokens.push(now(waiter));
    assert_eq!((semaphore.tokens(), semaphore.limit()), (0, 13));
    for free in 1..=13 {
        tokens.pop().unwrap().release();
        assert_eq!(semaphore.tokens(), free);
    }
}

#[test]
fn a_semaphore_without_tokens_is_refused() {
    let why = DeferredSemaphore::new(0).unwrap_err();
    assert_eq!(
        why.to_string(),
        "a semaphore of 0 tokens would let nobody in"
    );
}

#[test]
fn an_acquired_token_is_not_lost_to_a_cancellation() {
    let semaphore = DeferredSemaphore::new(1).unwrap();
    let (acquired, canceller) = semaphore.acquire().cancellable();
    let token = now(pin!(acquired)).unwrap();
    canceller.cancel();
    assert_eq!(semaphore.tokens(), 0);
    drop(token);
}

#[test]
fn a_waiter_for_a_token_is_cancelled() {
    let semaphore = DeferredSemaphore::new(1).unwrap();
    let _token = now(pin!(semaphore.acquire()));
    let (waiter, canceller) = semaphore.acquire().cancellable();
    let mut waiter = pin!(waiter);
    assert!(waits(waiter.as_mut()));
    canceller.cancel();
    assert_eq!(now(waiter).err(), Some(Cancelled));
    assert_eq!(semaphore.waiting(), 0);
}

#[test]
fn a_queue_keeps_its_order_and_its_bounds() {
    let queue = DeferredQueue::with_bounds(2, 2);
    let mut getters: Vec<_> = (0..2).map(|_| Box::pin(queue.get())).collect();
    for getter in &mut getters {
        assert!(waits(getter.as_mut()));
    }
    let refused = now(pin!(queue.get())).expect_err("two wait already");
    let Some(GetError::Underflow(why)) = refused.check() else {
        panic!("{refused}");
    };
    assert_eq!(why.backlog(), 2);
    for (n, getter) in getters.iter_mut().enumerate() {
        queue.put(n).unwrap();
        assert_eq!(now(getter.as_mut()).unwrap(), n);
    }
    queue.put(2).unwrap();
    queue.put(3).unwrap();
    let Err(PutError::Overflow(why)) = queue.put(4) else {
        panic!("two are there already");
    };
    assert_eq!((why.size(), why.into_item()), (2, 4));
    assert_eq!(now(pin!(queue.get())).unwrap(), 2);
    assert_eq!(now(pin!(queue.get())).unwrap(), 3);

    let unbounded = DeferredQueue::new();
    let mut getters: Vec<_> = (0..2).map(|_| Box::pin(unbounded.get())).collect();
    for getter in &mut getters {
        assert!(waits(getter.as_mut()));
    }
    unbounded.put(0).unwrap();
    unbounded.put(1).unwrap();
    let gotten: Vec<u8> = getters
        .iter_mut()
        .map(|getter| now(getter.as_mut()).unwrap())
        .collect();
    assert_eq!(gotten, [0, 1]);

    let no_room = DeferredQueue::with_bounds(0, None);
    assert!(matches!(no_room.put(1), Err(PutError::Overflow(_))));
    let no_patience = DeferredQueue::<u8>::with_bounds(None, 0);
    let refused = now(pin!(no_patience.get())).expect_err("nobody may wait");
    assert!(matches!(refused.check(), Some(GetError::Underflow(_))));
}

#[test]
fn a_value_that_was_put_stands_against_a_cancellation() {
    let queue = DeferredQueue::new();
    let getter = queue.get();
    let (getter, canceller) = getter.cancellable();
    let mut getter = pin!(getter);
    assert!(waits(getter.as_mut()));
    queue.put('a').unwrap();
    canceller.cancel();
    assert_eq!(now(getter).unwrap(), 'a');
}

#[test]
fn a_getter_that_was_cancelled_takes_nothing() {
    let queue = DeferredQueue::<char>::new();
    let getter = queue.get();
    let (getter, canceller) = getter.cancellable();
    let mut getter = pin!(getter);
    assert!(waits(getter.as_mut()));
    canceller.cancel();
    assert!(now(getter).unwrap_err().is_cancelled());
    queue.put('a').unwrap();
    assert_eq!(now(pin!(queue.get())).unwrap(), 'a');
}

#[test]
fn a_guard_in_an_asynchronous_body_is_released_at_the_end_of_its_scope() {
    #[callback]
    async fn body(#[value] lock: DeferredLock) {
        let mut next = pin!(lock.acquire());
        {
            let _guard = lock.acquire().await;
            assert!(lock.locked());
            assert!(waits(next.as_mut()));
        }
        next.await.release();
        assert!(!lock.locked());
    }
    now(pin!(body(DeferredLock::new(()))));
}

#[test]
fn tokens_in_an_asynchronous_body_are_given_back_one_by_one() {
    #[callback]
    async fn body(#[value] semaphore: DeferredSemaphore) {
        {
            let _first = semaphore.acquire().await;
            assert_eq!(semaphore.tokens(), 2);
            let mut waiter = pin!(semaphore.acquire());
            {
                let _second = semaphore.acquire().await;
                assert_eq!(semaphore.tokens(), 1);
                let _third = semaphore.acquire().await;
                assert_eq!(semaphore.tokens(), 0);
                assert!(waits(waiter.as_mut()));
            }
            assert_eq!(semaphore.tokens(), 1, "one is the waiter's");
            waiter.await.release();
            assert_eq!(semaphore.tokens(), 2);
        }
        assert_eq!(semaphore.tokens(), 3);
    }
    now(pin!(body(DeferredSemaphore::new(3).unwrap())));
}

#[test]
fn an_error_that_leaves_the_scope_releases_the_lock() {
    #[callback]
    async fn body(#[value] lock: DeferredLock) -> Result<(), Failure> {
        let _guard = lock.acquire().await;
        assert!(lock.locked());
        Err(Failure::msg("out of here"))
    }
    let lock = DeferredLock::new(());
    let failed = now(pin!(body(lock.clone())));
    assert_eq!(failed.unwrap_err().to_string(), "out of here");
    assert!(!lock.locked());
}
