//! A million of each: waiters on a lock, jobs through a semaphore, values through a queue. None
//! is lost, the stack does not grow, and what one costs is counted.

mod support;

use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::Poll;

use allocation_counter::{AllocationInfo, measure};
use defer::list;
use defer::prelude::*;
use defer::sync::{DeferredLock, DeferredQueue, DeferredSemaphore};
use support::poll_once;

const MILLION: u32 = 1_000_000;

/// Run it with a stack that a few hundred calls inside each other would fill.
fn with_little_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(128 * 1024);
    thread.spawn(test).unwrap().join().unwrap();
}

/// Bytes that are held for each of a million.
fn each(info: &AllocationInfo) -> i64 {
    info.bytes_current / i64::from(MILLION)
}

#[test]
fn a_million_waiters_on_a_lock() {
    with_little_stack(|| {
        let lock = DeferredLock::new(0u32);
        let guard = lock.try_acquire().unwrap();
        let mut waiters: Vec<_> = (0..MILLION).map(|_| lock.acquire()).collect();
        let info = measure(|| {
            for waiter in &mut waiters {
                assert!(poll_once(Pin::new(waiter)).is_pending());
            }
        });
        assert_eq!(lock.waiting(), MILLION as usize);
        assert_eq!(info.count_current, i64::from(MILLION));
        assert!(each(&info) <= 160, "{} bytes for each waiter", each(&info));

        drop(guard);
        for (n, mut waiter) in (0..).zip(waiters) {
            let Poll::Ready(mut guard) = poll_once(Pin::new(&mut waiter)) else {
                panic!("waiter {n} is lost");
            };
            assert_eq!(*guard, n);
            *guard += 1;
        }
        assert_eq!(*lock.try_acquire().unwrap(), MILLION);
    });
}

#[test]
fn a_million_waiters_that_all_leave() {
    with_little_stack(|| {
        let semaphore = DeferredSemaphore::new(1).unwrap();
        let token = semaphore.try_acquire();
        let mut waiters: Vec<_> = (0..MILLION).map(|_| semaphore.acquire()).collect();
        for waiter in &mut waiters {
            assert!(poll_once(Pin::new(waiter)).is_pending());
        }
        drop(token);
        // The token goes from each to the next.
        drop(waiters);
        assert_eq!((semaphore.tokens(), semaphore.waiting()), (1, 0));
    });
}

#[test]
fn a_million_jobs_through_a_semaphore() {
    static AT_ONCE: AtomicU32 = AtomicU32::new(0);

    /// Pending once.
    async fn job(n: u32) -> u64 {
        assert!(AT_ONCE.fetch_add(1, Relaxed) < 10);
        let mut waited = false;
        std::future::poll_fn(|cx| {
            cx.waker().wake_by_ref();
            match std::mem::replace(&mut waited, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        AT_ONCE.fetch_sub(1, Relaxed);
        n.into()
    }

    with_little_stack(|| {
        let semaphore = DeferredSemaphore::new(10).unwrap();
        let jobs = (0..MILLION).map(|n| semaphore.run(move || defer(job(n))));
        let done = futures::executor::block_on(list::gather(jobs));
        assert!(done.into_iter().eq(0..u64::from(MILLION)));
        assert_eq!((semaphore.tokens(), semaphore.waiting()), (10, 0));
    });
}

#[test]
fn a_million_values_through_a_queue() {
    with_little_stack(|| {
        let queue = DeferredQueue::new();
        for n in 0..MILLION {
            queue.put(n).unwrap();
        }
        for n in 0..MILLION {
            assert_eq!(queue.try_get(), Some(n));
        }
        let mut getters: Vec<_> = (0..MILLION).map(|_| queue.get()).collect();
        let info = measure(|| {
            for getter in &mut getters {
                assert!(poll_once(Pin::new(getter)).is_pending());
            }
        });
        assert!(each(&info) <= 64, "{} bytes for each getter", each(&info));
        for n in 0..MILLION {
            queue.put(n).unwrap();
        }
        for (n, mut getter) in (0..).zip(getters) {
            let Poll::Ready(Ok(item)) = poll_once(Pin::new(&mut getter)) else {
                panic!("value {n} is lost");
            };
            assert_eq!(item, n);
        }
        assert!(queue.is_empty());
    });
}

#[test]
fn a_million_members_of_a_list_wait_for_one_lock() {
    with_little_stack(|| {
        let lock = DeferredLock::new(0u32);
        let guard = lock.try_acquire().unwrap();
        let runs = (0..MILLION).map(|n| {
            lock.run(move |count| {
                assert_eq!(*count, n);
                *count += 1;
            })
        });
        let mut all = Box::pin(list::gather(runs));
        assert!(poll_once(all.as_mut()).is_pending());
        drop(guard);
        assert_eq!(futures::executor::block_on(all).len(), MILLION as usize);
        assert_eq!(*lock.try_acquire().unwrap(), MILLION);
    });
}

#[test]
fn cancelling_a_job_of_many_lets_all_others_go_on() {
    let lock = DeferredLock::new(0u32);
    let (stuck, canceller) = lock.run(|_| defer(pending::<()>())).cancellable();
    let mut stuck = Box::pin(stuck);
    assert!(poll_once(stuck.as_mut()).is_pending());
    let mut all = Box::pin(list::gather(
        (0..1000).map(|_| lock.run(|count| *count += 1)),
    ));
    assert!(poll_once(all.as_mut()).is_pending());
    canceller.cancel();
    assert!(poll_once(stuck.as_mut()).is_ready());
    futures::executor::block_on(all);
    assert_eq!(*lock.try_acquire().unwrap(), 1000);
}
