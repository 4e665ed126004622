//! Locks and semaphores: order, hand-over, cancelling, dropping, work under a lock.

mod support;

use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use defer::prelude::*;
use defer::sync::{Acquire, DeferredLock, DeferredSemaphore, InvalidTokens, LockGuard, Run, Token};
use defer::{Cancelled, TimedOut};
use static_assertions::assert_impl_all;
use support::{Flag, Log, Wakes, never, poll_once, told};
use tokio::time::{Duration, Instant};

assert_impl_all!(DeferredLock<Vec<u8>>: Send, Sync, Clone, std::fmt::Debug);
assert_impl_all!(DeferredSemaphore: Send, Sync, Clone, std::fmt::Debug);
assert_impl_all!(LockGuard<Vec<u8>>: Send, Sync, std::fmt::Debug);
assert_impl_all!(Token: Send, Sync, std::fmt::Debug);
assert_impl_all!(Acquire<DeferredLock>: Send, Unpin);
assert_impl_all!(Run<DeferredSemaphore, (), ()>: Send);

fn one() -> DeferredSemaphore {
    DeferredSemaphore::new(1).unwrap()
}

mod waiting {
    use super::*;

    #[test]
    fn waiters_go_on_in_the_order_of_their_first_polls() {
        let lock = DeferredLock::new(());
        let guard = lock.try_acquire().unwrap();
        let mut waiters: Vec<_> = (0..3).map(|_| Box::pin(lock.acquire())).collect();
        for at in [1, 2, 0] {
            assert!(poll_once(waiters[at].as_mut()).is_pending());
        }
        assert_eq!(lock.waiting(), 3);
        drop(guard);
        assert!(poll_once(waiters[0].as_mut()).is_pending());
        assert!(poll_once(waiters[2].as_mut()).is_pending());
        assert!(lock.locked());
        assert!(poll_once(waiters[1].as_mut()).is_ready()); // and its guard is dropped
        assert!(poll_once(waiters[0].as_mut()).is_pending());
        assert!(poll_once(waiters[2].as_mut()).is_ready());
        assert!(poll_once(waiters[0].as_mut()).is_ready());
        assert!(!lock.locked());
        assert_eq!(lock.waiting(), 0);
    }

    #[test]
    fn only_the_one_whose_turn_it_is_is_woken() {
        let semaphore = one();
        let token = semaphore.try_acquire().unwrap();
        let (wakes, wakers): (Vec<_>, Vec<_>) = (0..3).map(|_| Wakes::new()).unzip();
        let mut waiters: Vec<_> = (0..3).map(|_| semaphore.acquire()).collect();
        for (waiter, waker) in waiters.iter_mut().zip(&wakers) {
            let mut cx = std::task::Context::from_waker(waker);
            assert!(std::pin::Pin::new(waiter).poll(&mut cx).is_pending());
        }
        drop(token);
        let counts: Vec<_> = wakes.iter().map(|wakes| wakes.count()).collect();
        assert_eq!(counts, [1, 0, 0]);
    }

    #[test]
    fn who_comes_now_does_not_overtake_who_waits() {
        let semaphore = one();
        let token = semaphore.try_acquire();
        let mut first = pin!(semaphore.acquire());
        assert!(poll_once(first.as_mut()).is_pending());
        drop(token);
        assert!(semaphore.try_acquire().is_none());
        assert!(poll_once(pin!(semaphore.acquire())).is_pending());
        assert!(poll_once(first.as_mut()).is_ready());
    }

    #[test]
    fn a_waiter_that_is_dropped_leaves_the_queue() {
        let lock = DeferredLock::new(());
        let guard = lock.try_acquire();
        let mut first = Box::pin(lock.acquire());
        let mut second = pin!(lock.acquire());
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        drop(first);
        assert_eq!(lock.waiting(), 1);
        drop(guard);
        assert!(poll_once(second.as_mut()).is_ready());
    }

    #[test]
    fn what_was_granted_and_is_dropped_goes_to_the_next() {
        let semaphore = one();
        let token = semaphore.try_acquire();
        let mut first = Box::pin(semaphore.acquire());
        let mut second = pin!(semaphore.acquire());
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        drop(token); // the first has it now, and has not looked
        drop(first);
        let Poll::Ready(_token) = poll_once(second.as_mut()) else {
            panic!("the token is lost");
        };
        assert_eq!(semaphore.tokens(), 0);
    }

    #[test]
    fn what_was_granted_and_is_dropped_without_a_next_comes_back() {
        let semaphore = DeferredSemaphore::new(2).unwrap();
        let tokens = (semaphore.try_acquire(), semaphore.try_acquire());
        let mut waiter = Box::pin(semaphore.acquire());
        assert!(poll_once(waiter.as_mut()).is_pending());
        drop(tokens);
        assert_eq!(semaphore.tokens(), 1);
        drop(waiter);
        assert_eq!(semaphore.tokens(), 2);
    }

    #[test]
    fn a_waiter_that_is_cancelled_never_takes_a_token() {
        let semaphore = one();
        let token = semaphore.try_acquire();
        let (first, canceller) = semaphore.acquire().cancellable();
        let (mut first, mut second) = (pin!(first), pin!(semaphore.acquire()));
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        canceller.cancel();
        assert!(matches!(
            poll_once(first.as_mut()),
            Poll::Ready(Err(Cancelled))
        ));
        drop(token);
        assert!(poll_once(second.as_mut()).is_ready());
        assert_eq!(semaphore.tokens(), 1);
    }

    #[test]
    fn one_that_was_granted_before_it_was_cancelled_has_it() {
        let lock = DeferredLock::new(7);
        let guard = lock.try_acquire();
        let (waiter, canceller) = lock.acquire().cancellable();
        let mut waiter = pin!(waiter);
        assert!(poll_once(waiter.as_mut()).is_pending());
        drop(guard);
        canceller.cancel();
        let Poll::Ready(Ok(guard)) = poll_once(waiter.as_mut()) else {
            panic!("the grant stands");
        };
        assert_eq!(*guard, 7);
        assert!(lock.locked());
        drop(guard);
        assert!(!lock.locked());
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_time_ends_waiting() {
        let lock = DeferredLock::new(());
        let guard = lock.acquire().await;
        let begin = Instant::now();
        let waited = lock.acquire().timeout(Duration::from_secs(3)).await;
        assert_eq!(waited.err(), Some(TimedOut::after(Duration::from_secs(3))));
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
        assert_eq!(lock.waiting(), 0);
        drop(guard);
        assert!(lock.try_acquire().is_some());
    }

    #[tokio::test]
    async fn a_task_that_has_used_up_its_turn_loses_no_token() {
        // tokio makes who has done much in one poll give way, even where something is ready.
        let semaphore = one();
        for _ in 0..1000 {
            let token = semaphore.try_acquire();
            let (waiter, canceller) = semaphore.acquire().cancellable();
            let mut waiter = pin!(waiter);
            assert!(poll_once(waiter.as_mut()).is_pending());
            drop(token);
            canceller.cancel();
            assert!(poll_once(waiter.as_mut()).is_ready());
            assert_eq!(semaphore.tokens(), 1);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn from_many_tasks_the_value_is_changed_by_one_at_a_time() {
        let lock = DeferredLock::new(0u32);
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let lock = lock.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let mut guard = lock.acquire().await;
                        let before = *guard;
                        tokio::task::yield_now().await;
                        *guard = before + 1;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*lock.acquire().await, 1000);
    }
}

mod holding {
    use super::*;

    #[callback]
    fn push(mut list: LockGuard<Vec<u8>>, #[value] item: u8) -> usize {
        list.push(item);
        list.len()
    }

    #[callback]
    fn sum(a: usize, b: usize) -> usize {
        a + b
    }

    #[test]
    fn guards_are_arguments_of_annotated_functions() {
        let list = DeferredLock::new(vec![]);
        let (a, b) = (push(list.acquire(), 1), push(list.acquire(), 2));
        assert_eq!(futures::executor::block_on(sum(a, b)), 3);
        assert_eq!(*list.try_acquire().unwrap(), [1, 2]);
    }

    #[test]
    fn an_argument_that_fails_releases_what_another_has_acquired() {
        #[callback]
        fn both(_token: Token, n: u8) -> u8 {
            n
        }
        let semaphore = one();
        let failed = both(semaphore.acquire(), fail::<u8, _>("no"));
        assert_eq!(futures::executor::block_on(failed), Err("no"));
        assert_eq!(semaphore.tokens(), 1);
    }

    #[test]
    fn closures_return_guards_and_deferreds_of_them() {
        let (lock, semaphore) = (DeferredLock::new(3), one());
        let nested = lock.clone();
        let guard = succeed(()).add_callback(move |()| nested.acquire());
        let token = semaphore.acquire().add_callback(|token| token);
        let (guard, token) = futures::executor::block_on(async { (guard.await, token.await) });
        assert_eq!((*guard, semaphore.tokens()), (3, 0));
        token.release();
        guard.release();
        assert!(!lock.locked());
    }

    #[test]
    fn a_guard_that_a_panic_drops_releases_and_poisons_nothing() {
        let lock = DeferredLock::new(1);
        let held = lock.clone();
        let panicked = std::thread::spawn(move || {
            let _guard = held.try_acquire().unwrap();
            std::panic::resume_unwind(Box::new("out"));
        });
        panicked.join().unwrap_err();
        assert_eq!(*lock.try_acquire().unwrap(), 1);
    }

    #[test]
    fn they_tell_how_they_are() {
        let lock = DeferredLock::new(3);
        let guard = lock.try_acquire().unwrap();
        assert_eq!(format!("{guard:?}"), "LockGuard(3)");
        assert_eq!(
            format!("{lock:?}"),
            "DeferredLock { locked: true, waiting: 0 }"
        );
        let semaphore = DeferredSemaphore::new(4).unwrap();
        let _token = semaphore.try_acquire();
        assert_eq!(
            format!("{semaphore:?}"),
            "DeferredSemaphore { tokens: 3, limit: 4, waiting: 0 }"
        );
    }

    #[test]
    fn a_semaphore_has_tokens_or_is_refused() {
        let why: InvalidTokens = DeferredSemaphore::new(0).unwrap_err();
        assert_eq!(why.tokens(), 0);
        let most = tokio::sync::Semaphore::MAX_PERMITS;
        assert_eq!(DeferredSemaphore::new(most).unwrap().limit(), most);
        assert!(DeferredSemaphore::new(most + 1).is_err());
    }
}

mod running {
    use super::*;

    #[test]
    fn the_work_of_one_begins_when_that_of_the_one_before_has_ended() {
        let (semaphore, log) = (one(), Log::default());
        let job = |name: &'static str| {
            let log = log.clone();
            semaphore.run(move || told(name, &log, 1, name))
        };
        let jobs = defer::list::gather([job("a"), job("b")]);
        assert_eq!(futures::executor::block_on(jobs), ["a", "b"]);
        assert_eq!(
            log.all(),
            ["poll a", "poll a", "drop a", "poll b", "poll b", "drop b"]
        );
    }

    #[test]
    fn nothing_is_called_before_it_is_polled() {
        let called = AtomicBool::new(false);
        let run = DeferredLock::new(()).run(|()| called.store(true, SeqCst));
        drop(run);
        assert!(!called.load(SeqCst));
    }

    #[test]
    fn values_results_and_deferreds_are_taken_as_they_are() {
        let lock = DeferredLock::new(2);
        futures::executor::block_on(async {
            assert_eq!(lock.run(|n| *n + 1).await, 3);
            assert_eq!(lock.run(|_| Err::<u8, _>("no")).await, Err("no"));
            assert_eq!(lock.run(|n| succeed(*n * 2)).await, 4);
            assert_eq!(lock.run(|_| fail::<u8, _>("not")).await, Err("not"));
        });
        assert!(!lock.locked());
    }

    #[test]
    fn the_guard_is_released_after_what_the_work_gave_is_gone() {
        let semaphore = one();
        let (flag, gone) = Flag::new();
        let tokens = semaphore.clone();
        let run = semaphore.run(move || {
            defer(async move {
                let _flag = flag;
                assert_eq!(tokens.tokens(), 0);
            })
        });
        futures::executor::block_on(run);
        assert!(gone.load(SeqCst));
        assert_eq!(semaphore.tokens(), 1);
    }

    #[test]
    fn cancelling_cancels_the_work_releases_and_the_next_goes_on() {
        // As in OBS 51: the job is cancelled, and the waiter has its turn.
        let (lock, log) = (DeferredLock::new(()), Log::default());
        let seen = log.clone();
        let first = lock.run(|()| {
            defer(pending::<Result<u8, Failure>>()).add_errback(move |why| {
                seen.add(format!("clean up: {why}"));
                Err(why)
            })
        });
        let (first, canceller) = first.cancellable();
        let (mut first, mut second) = (pin!(first), pin!(lock.run(|()| 2)));
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        canceller.cancel();
        let Poll::Ready(Err(why)) = poll_once(first.as_mut()) else {
            panic!("it was cancelled");
        };
        assert!(why.is_cancelled());
        assert_eq!(log.all(), ["clean up: cancelled"]);
        assert_eq!(poll_once(second.as_mut()), Poll::Ready(2));
    }

    #[test]
    fn the_lock_is_held_until_the_work_has_cleaned_up() {
        let lock = DeferredLock::new(());
        let (resolver, cleaned) = Deferred::<Result<(), Failure>, _>::new();
        let work = |_: &mut ()| defer(pending::<Result<(), Failure>>()).add_errback(|_| cleaned);
        let (first, canceller) = lock.run(work).cancellable();
        let (mut first, mut second) = (pin!(first), pin!(lock.acquire()));
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        resolver.callback(()).unwrap();
        assert!(matches!(poll_once(first.as_mut()), Poll::Ready(Ok(()))));
        assert!(poll_once(second.as_mut()).is_ready());
    }

    #[test]
    fn cancelled_while_it_waits_it_calls_nothing() {
        let semaphore = one();
        let token = semaphore.try_acquire();
        let called = Arc::new(AtomicBool::new(false));
        let calls = called.clone();
        let (run, canceller) = semaphore
            .run(move || calls.store(true, SeqCst))
            .cancellable();
        let mut run = pin!(run);
        assert!(poll_once(run.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(poll_once(run.as_mut()), Poll::Ready(Err(Cancelled)));
        drop(token);
        assert_eq!(semaphore.tokens(), 1);
        assert!(!called.load(SeqCst));
    }

    #[test]
    fn cancelled_when_its_turn_has_come_unseen_it_calls_nothing_either() {
        let semaphore = one();
        let token = semaphore.try_acquire();
        let called = Arc::new(AtomicBool::new(false));
        let calls = called.clone();
        let (run, canceller) = semaphore
            .run(move || calls.store(true, SeqCst))
            .cancellable();
        let mut run = pin!(run);
        assert!(poll_once(run.as_mut()).is_pending());
        drop(token);
        canceller.cancel();
        assert_eq!(poll_once(run.as_mut()), Poll::Ready(Err(Cancelled)));
        assert_eq!(semaphore.tokens(), 1);
        assert!(!called.load(SeqCst));
    }

    #[test]
    fn dropped_it_drops_the_work_and_releases() {
        let lock = DeferredLock::new(());
        let (work, seen) = never::<()>();
        let mut run = Box::pin(lock.run(|()| work));
        assert!(poll_once(run.as_mut()).is_pending());
        assert!(lock.locked());
        drop(run);
        assert!(seen.dropped());
        assert!(!lock.locked());
    }

    #[test]
    fn a_panic_of_the_work_releases() {
        let semaphore = one();
        let called = semaphore
            .run(|| -> u8 { std::panic::resume_unwind(Box::new("in the call")) })
            .catch_panics();
        let polled = semaphore
            .run(|| defer(async { std::panic::resume_unwind(Box::new("later")) as u8 }))
            .catch_panics();
        futures::executor::block_on(async {
            assert_eq!(called.await.unwrap_err().message(), Some("in the call"));
            assert_eq!(semaphore.tokens(), 1);
            assert_eq!(polled.await.unwrap_err().message(), Some("later"));
            assert_eq!(semaphore.tokens(), 1);
        });
    }

    #[test]
    fn it_is_drawn_with_what_it_waits_for() {
        let lock = DeferredLock::new(());
        assert_eq!(lock.acquire().plan().to_string(), "lock of LockGuard\n");
        let mut run = pin!(lock.run(|()| defer(pending::<u8>())));
        assert_eq!(run.plan().to_string(), "run\n  lock of LockGuard\n");
        assert!(poll_once(run.as_mut()).is_pending());
        assert_eq!(run.plan().to_string(), "run\n  future of u8\n");
    }

    #[test]
    fn a_hundred_thousand_runs_are_one_after_another() {
        // Twisted loses jobs from the 125th on (OBS 54, 55).
        let order = Arc::new(Mutex::new(Vec::new()));
        let semaphore = one();
        let jobs = (0..100_000).map(|n| {
            let order = order.clone();
            semaphore.run(move || order.lock().unwrap().push(n))
        });
        futures::executor::block_on(defer::list::gather(jobs));
        assert!(order.lock().unwrap().iter().copied().eq(0..100_000));
    }
}
