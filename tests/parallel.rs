//! `task::parallel`: many jobs, a bounded number of them at once.

mod support;

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use allocation_counter::measure;
use defer::prelude::*;
use defer::task::parallel;
use defer::{Cancelled, Panicked};
use futures::StreamExt;
use support::{Flag, Log};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

const MS: Duration = Duration::from_millis(1);

/// What goes wrong.
#[derive(Debug)]
struct Bad(&'static str);

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Bad {}

fn bad<T>(what: &'static str) -> Result<T, Failure> {
    Err(Bad(what).into())
}

/// How many are alive, and were at most.
#[derive(Clone, Default)]
struct Alive(Arc<(AtomicUsize, AtomicUsize, AtomicUsize)>);

impl Alive {
    fn one(&self) -> One {
        let alive = self.0.0.fetch_add(1, SeqCst) + 1;
        self.0.1.fetch_max(alive, SeqCst);
        self.0.2.fetch_add(1, SeqCst);
        One(self.clone())
    }
    fn now(&self) -> usize {
        self.0.0.load(SeqCst)
    }
    fn most(&self) -> usize {
        self.0.1.load(SeqCst)
    }
    fn begun(&self) -> usize {
        self.0.2.load(SeqCst)
    }
}

/// Alive until it is dropped.
struct One(Alive);

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, SeqCst);
    }
}

#[callback]
async fn after(#[value] time: Duration, n: u32) -> Result<u32, Failure> {
    sleep(time).await;
    Ok(n)
}

#[callback]
async fn never(#[value] held: Flag) -> Result<u32, Failure> {
    let _held = held;
    pending().await
}

#[errback]
async fn cleanup(failure: Failure, #[value] name: u32, #[value] log: Log) -> Result<u32, Failure> {
    log.add(format!("cleaning {name}"));
    sleep(10 * MS).await;
    log.add(format!("clean {name}"));
    Err(failure)
}

#[callback]
fn sum(all: Vec<u32>, count: usize) -> u32 {
    all.into_iter().sum::<u32>() + u32::try_from(count).unwrap()
}

mod slots {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_thousand_jobs_fifty_at_a_time() {
        let (alive, start) = (Alive::default(), Instant::now());
        let seen = alive.clone();
        let done = parallel(0..1000, 50, move |n| {
            let one = alive.one();
            defer(async move {
                let _one = one;
                sleep(10 * MS).await;
                Ok::<_, Failure>(n)
            })
        });
        assert_eq!(done.await.unwrap(), 1000);
        assert_eq!((seen.most(), seen.begun(), seen.now()), (50, 1000, 0));
        assert_eq!(start.elapsed(), 200 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn an_item_is_taken_when_there_is_a_slot_for_it() {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = taken.clone();
        let items = (0..).inspect(move |_| {
            count.fetch_add(1, SeqCst);
        });
        let jobs = parallel(items, 3, |n| after(10 * MS, n)).run();
        assert_eq!(taken.load(SeqCst), 0, "not before its turn");
        sleep(5 * MS).await;
        assert_eq!(taken.load(SeqCst), 3);
        sleep(20 * MS).await;
        assert_eq!(taken.load(SeqCst), 9);
        drop(jobs);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_is_gone_before_the_next_one_is_made() {
        let alive = Alive::default();
        let (seen, inside) = (alive.clone(), alive.clone());
        let done = parallel(0..100, 1, move |_| {
            assert_eq!(inside.now(), 0);
            let one = alive.one();
            defer(async move {
                let _one = one;
                yield_now().await;
            })
        });
        assert_eq!(done.await.unwrap(), 100);
        assert_eq!(seen.most(), 1);
    }

    #[test]
    #[should_panic(expected = "`parallel` was given the limit 0")]
    fn a_limit_of_zero_is_refused() {
        let _ = parallel([1], 0, |n: u8| n);
    }

    #[tokio::test]
    async fn no_items_and_a_limit_beyond_all_items() {
        assert_eq!(parallel(0..0, 1, |n| n).await.unwrap(), 0);
        let all = parallel(0..3, usize::MAX, |n| n).gather().await;
        assert_eq!(all.unwrap(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn jobs_that_never_wait_leave_others_their_turn() {
        let turns = Arc::new(AtomicUsize::new(0));
        let count = turns.clone();
        let other = tokio::spawn(async move {
            loop {
                count.fetch_add(1, SeqCst);
                yield_now().await;
            }
        });
        assert_eq!(parallel(0..100_000, 50, |n| n).await.unwrap(), 100_000);
        assert!(turns.load(SeqCst) > 5, "{turns:?}");
        other.abort();
    }

    /// tokio lets a task do 128 things at a time; the others are not asked in vain again and again.
    #[tokio::test]
    async fn many_jobs_woken_at_once_are_polled_a_few_times_each() {
        let polls = Arc::new(AtomicUsize::new(0));
        let (go, _) = tokio::sync::broadcast::channel::<()>(1);
        let (count, subscribe) = (polls.clone(), go.clone());
        let jobs = parallel(0..5000_u32, 5000, move |_| {
            let (count, mut signal) = (count.clone(), subscribe.subscribe());
            defer(async move {
                let mut received = std::pin::pin!(signal.recv());
                std::future::poll_fn(|cx| {
                    count.fetch_add(1, SeqCst);
                    received.as_mut().poll(cx)
                })
                .await
                .map_err(Failure::from)
            })
        });
        let jobs = jobs.run();
        for _ in 0..200 {
            yield_now().await;
        }
        assert_eq!(go.receiver_count(), 5000);
        go.send(()).unwrap();
        assert_eq!(jobs.await.unwrap(), 5000);
        assert!(polls.load(SeqCst) < 4 * 5000, "{polls:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn jobs_that_other_threads_wake() {
        let done = parallel(0..2000_u32, 20, |n| {
            let task = tokio::spawn(async move {
                yield_now().await;
                n
            });
            task.into_deferred::<Failure>()
        });
        let expected: Vec<u32> = (0..2000).collect();
        assert_eq!(done.gather().await.unwrap(), expected);
    }
}

mod outcomes {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn values_are_in_the_order_of_the_items() {
        let all = parallel([30, 10, 20], 3, |n| after(n * MS, n)).gather();
        assert_eq!(all.await.unwrap(), [30, 10, 20]);
    }

    #[tokio::test(start_paused = true)]
    async fn they_are_deferreds_as_any() {
        let all = parallel([1, 2], 2, |n| after(n * MS, n)).gather();
        let count = parallel(0..5, 2, |n| after(MS, n)).run();
        assert_eq!(sum(all, count).await.unwrap(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn they_run_though_nobody_awaits_them() {
        let log = Log::default();
        let said = log.clone();
        let jobs = parallel(1..=2, 1, move |n| {
            said.add(n.to_string());
            after(MS, n)
        });
        let jobs = jobs.run();
        sleep(5 * MS).await;
        assert_eq!(log.all(), ["1", "2"]);
        assert!(jobs.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_failure_comes_at_once_and_drops_the_others() {
        let start = Instant::now();
        let (flag, dropped) = Flag::new();
        let mut flag = Some(flag);
        let log = Log::default();
        let seen = log.clone();
        let jobs = parallel(0.., 2, move |n| match n {
            0 => cleanup(never(flag.take().unwrap()), n, log.clone()).boxed(),
            3 => defer(async { bad("three") }).boxed(),
            _ => after(10 * MS, n).boxed(),
        });
        let failure = jobs.await.unwrap_err();
        assert_eq!(failure.to_string(), "three");
        assert_eq!(start.elapsed(), 20 * MS);
        assert!(dropped.load(SeqCst));
        assert!(seen.all().is_empty(), "no errback runs");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_failure_cancels_the_others_if_it_is_asked_to() {
        let start = Instant::now();
        let log = Log::default();
        let seen = log.clone();
        let jobs = parallel(0.., 3, move |n| match n {
            2 => defer(async {
                sleep(5 * MS).await;
                bad("two")
            })
            .boxed(),
            _ => cleanup(never(Flag::default()), n, log.clone()).boxed(),
        });
        let failure = jobs.cancel_rest().gather().await.unwrap_err();
        assert_eq!(failure.to_string(), "two");
        assert_eq!(start.elapsed(), 15 * MS);
        let expected = ["cleaning 0", "cleaning 1", "clean 0", "clean 1"];
        assert_eq!(seen.all(), expected);
    }

    /// A member that is woken in the same round in which another one fails.
    #[tokio::test(start_paused = true)]
    async fn failures_in_one_round_lose_nobody() {
        let jobs = parallel(0..4_u32, 4, |n| {
            defer(async move {
                sleep(MS).await;
                if n == 1 {
                    bad::<u32>("one")
                } else {
                    pending().await
                }
            })
        });
        let failure = jobs.cancel_rest().await.unwrap_err();
        assert_eq!(failure.to_string(), "one");
    }

    #[tokio::test(start_paused = true)]
    async fn every_outcome_can_be_handed_on() {
        let log = Log::default();
        let said = log.clone();
        let jobs = parallel([3, 1, 2], 3, |n| {
            after(n * MS, n).add_callback(|n| if n == 2 { bad("two") } else { Ok(n) })
        });
        let count = jobs.each(move |outcome| said.add(format!("{:?}", outcome.ok())));
        assert_eq!(count.await.unwrap(), 3);
        assert_eq!(log.all(), ["Some(1)", "None", "Some(3)"]);
    }

    #[tokio::test]
    async fn a_panic_of_a_job_is_its_failure() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let seen = said.clone();
        let jobs = parallel(0..4_u32, 1, |n| {
            assert_ne!(n, 1, "made of one");
            defer(async move {
                assert_ne!(n, 2, "two was run");
                n
            })
        });
        let count = jobs.each(move |outcome| said.lock().unwrap().push(outcome));
        assert_eq!(count.await.unwrap(), 4);
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        let messages: Vec<_> = seen
            .iter()
            .map(|outcome| match outcome {
                Ok(n) => n.to_string(),
                Err(failure) => failure.check::<Panicked>().unwrap().to_string(),
            })
            .collect();
        assert_eq!(messages[0], "0");
        assert!(messages[1].contains("made of one"), "{messages:?}");
        assert!(messages[2].contains("two was run"), "{messages:?}");
        assert_eq!(messages[3], "3");
    }

    #[tokio::test]
    async fn a_panic_of_the_iterator_is_a_failure_of_the_whole() {
        let items = (0..).inspect(|n| assert_ne!(*n, 5, "no more items"));
        let failure = parallel(items, 2, |n| n).each(|_| ()).await.unwrap_err();
        assert!(failure.check::<Panicked>().is_some());
    }

    #[tokio::test]
    async fn errors_of_the_programs_own() {
        #[derive(Debug, PartialEq)]
        enum App {
            Odd(u32),
            Stopped,
        }
        impl From<Cancelled> for App {
            fn from(_: Cancelled) -> Self {
                App::Stopped
            }
        }
        impl From<Panicked> for App {
            fn from(_: Panicked) -> Self {
                App::Stopped
            }
        }
        let even = |n: u32| if n % 2 == 0 { Ok(n) } else { Err(App::Odd(n)) };
        assert_eq!(parallel([2, 3], 1, even).gather().await, Err(App::Odd(3)));
    }
}

mod cancelling {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_waits_for_clean_up_and_takes_no_more() {
        let (log, taken) = (Log::default(), Arc::new(AtomicUsize::new(0)));
        let (seen, count) = (log.clone(), taken.clone());
        let jobs = parallel(0.., 2, move |n| {
            count.fetch_add(1, SeqCst);
            cleanup(never(Flag::default()), n, log.clone())
        });
        let jobs = jobs.run();
        sleep(MS).await;
        let start = Instant::now();
        jobs.cancel();
        assert!(jobs.await.unwrap_err().is_cancelled());
        assert_eq!(start.elapsed(), 10 * MS);
        let expected = ["cleaning 0", "cleaning 1", "clean 0", "clean 1"];
        assert_eq!(seen.all(), expected);
        assert_eq!(taken.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_recovers_and_was_all_is_the_outcome() {
        for (items, whole) in [(0..2, true), (0..3, false)] {
            let jobs = parallel(items, 3, |n| never(Flag::default()).add_errback(move |_| n));
            // The third slot is free, so that the end of the items has been seen.
            let jobs = match whole {
                true => jobs.gather(),
                false => {
                    parallel(0..3, 2, |n| never(Flag::default()).add_errback(move |_| n)).gather()
                }
            };
            sleep(MS).await;
            jobs.cancel();
            match jobs.await {
                Ok(all) => assert!(whole && all == [0, 1]),
                Err(failure) => assert!(!whole && failure.is_cancelled()),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_again_cancels_the_clean_up() {
        let log = Log::default();
        let seen = log.clone();
        let jobs = parallel(0..1, 1, move |n| {
            cleanup(never(Flag::default()), n, log.clone())
        })
        .run();
        sleep(MS).await;
        jobs.cancel();
        sleep(MS).await;
        jobs.cancel();
        assert!(jobs.await.unwrap_err().is_cancelled());
        assert_eq!(seen.all(), ["cleaning 0"]);
    }

    #[tokio::test(start_paused = true)]
    async fn before_they_have_begun_none_begins() {
        let log = Log::default();
        let said = log.clone();
        let jobs = parallel(0..3, 1, move |n: u32| said.add(n.to_string())).run();
        jobs.cancel();
        assert!(jobs.await.unwrap_err().is_cancelled());
        assert!(log.all().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_drops_the_jobs() {
        let (flag, dropped) = Flag::new();
        let mut flag = Some(flag);
        let jobs = parallel(0..1, 1, move |_| never(flag.take().unwrap())).run();
        sleep(MS).await;
        assert!(!dropped.load(SeqCst));
        drop(jobs);
        sleep(MS).await;
        assert!(dropped.load(SeqCst));
    }
}

mod streams {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn outcomes_come_as_they_come() {
        let jobs = parallel([30, 10, 20], 3, |n| after(n * MS, n)).stream(0);
        let all: Vec<_> = jobs.map(Result::unwrap).collect().await;
        assert_eq!(all, [10, 20, 30]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_does_not_hold_up_what_is_alive() {
        let alive = Alive::default();
        let seen = alive.clone();
        let mut jobs = parallel(0.., 3, move |n: u32| {
            let one = alive.one();
            defer(async move {
                let _one = one;
                sleep(10 * MS).await;
                n
            })
        })
        .stream(4);
        // Nobody takes anything: those that have begun end, and no more begin.
        sleep(1000 * MS).await;
        assert_eq!((seen.begun(), seen.now(), seen.most()), (7, 0, 3));
        for n in 0..20 {
            assert_eq!(jobs.next().await.unwrap().unwrap(), n);
            assert!(seen.begun() <= n as usize + 1 + 7);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_outcomes_as_any() {
        let mut jobs = parallel(1.., 1, |n: u32| if n == 2 { bad("two") } else { Ok(n) }).stream(1);
        assert_eq!(jobs.next().await.unwrap().unwrap(), 1);
        assert_eq!(jobs.next().await.unwrap().unwrap_err().to_string(), "two");
        assert_eq!(jobs.next().await.unwrap().unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_it_ends_with_what_they_come_to() {
        let jobs = parallel(0.., 2, |n: u32| {
            never(Flag::default()).add_errback(move |_| n)
        });
        let jobs = jobs.stream(0);
        sleep(MS).await;
        jobs.cancel();
        let all: Vec<_> = jobs
            .map(|outcome| outcome.map_err(|why| why.is_cancelled()))
            .collect()
            .await;
        assert_eq!(all, [Ok(0), Ok(1), Err(true)]);
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_while_it_waits_for_the_reader() {
        let jobs = parallel(0.., 2, |n: u32| n).stream(0);
        sleep(MS).await;
        jobs.cancel();
        let all: Vec<_> = jobs
            .map(|outcome| outcome.map_err(|why| why.is_cancelled()))
            .collect()
            .await;
        assert_eq!(all, [Ok(0), Ok(1), Err(true)]);
    }

    #[tokio::test]
    async fn a_panic_of_the_iterator_is_the_last_outcome() {
        let items = (0..).inspect(|n| assert_ne!(*n, 2, "no more items"));
        let jobs = parallel(items, 1, |n: u32| n).stream(8);
        let all: Vec<_> = jobs
            .map(|outcome| outcome.map_err(|why| why.check::<Panicked>().is_some()))
            .collect()
            .await;
        assert_eq!(all, [Ok(0), Ok(1), Err(true)]);
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_it_drops_the_jobs() {
        let (flag, dropped) = Flag::new();
        let mut flag = Some(flag);
        let mut jobs = parallel(0..2, 2, move |n| match n {
            0 => after(MS, n).boxed(),
            _ => never(flag.take().unwrap()).boxed(),
        })
        .stream(0);
        assert_eq!(jobs.next().await.unwrap().unwrap(), 0);
        drop(jobs);
        sleep(MS).await;
        assert!(dropped.load(SeqCst));
    }
}

mod a_million {
    use super::*;

    const JOBS: usize = 1_000_000;
    const LIMIT: usize = 50;

    /// Live bytes at most, and allocations, of work on a runtime of this thread.
    fn bytes<T>(work: impl Future<Output = T>) -> (T, u64, u64) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut out = None;
        let info = measure(|| out = Some(runtime.block_on(work)));
        (out.unwrap(), info.bytes_max, info.count_total)
    }

    /// Waits for one turn.
    fn job(alive: &Alive, n: usize) -> Deferred<usize, impl defer::Chain<Output = usize> + use<>> {
        let one = alive.one();
        defer(async move {
            let _one = one;
            yield_now().await;
            n
        })
    }

    #[test]
    fn for_their_effect_in_constant_memory() {
        let alive = Alive::default();
        let seen = alive.clone();
        let (count, bytes, allocations) =
            bytes(async move { parallel(0..JOBS, LIMIT, move |n| job(&alive, n)).await });
        assert_eq!(count.unwrap(), JOBS);
        assert_eq!((seen.begun(), seen.most()), (JOBS, LIMIT));
        assert!(bytes < 64 * 1024, "{bytes}");
        // tokio's list of those that yield is all that may grow.
        assert!(allocations < 2_000, "{allocations}");
    }

    #[test]
    fn as_a_stream_in_constant_memory() {
        let alive = Alive::default();
        let seen = alive.clone();
        let (sum, bytes, _) = bytes(async move {
            let jobs = parallel(0..JOBS, LIMIT, move |n| job(&alive, n)).stream(100);
            jobs.map(Result::unwrap)
                .fold(0, |sum, n| async move { sum + n })
                .await
        });
        assert_eq!(sum, JOBS * (JOBS - 1) / 2);
        assert_eq!(seen.most(), LIMIT);
        assert!(bytes < 64 * 1024, "{bytes}");
    }
}

mod auto_traits {
    use super::*;
    use defer::Started;
    use defer::task::{Outcomes, Parallel};
    use static_assertions::{assert_impl_all, assert_not_impl_any};
    use std::rc::Rc;

    type Jobs<R> = Parallel<std::ops::Range<u8>, fn(u8) -> R, R, defer::markers::ByValue>;
    assert_impl_all!(Jobs<u8>: Send, Unpin, std::fmt::Debug);
    assert_impl_all!(Jobs<Rc<u8>>: Send);
    assert_impl_all!(Outcomes<u8, Failure>: Send, Sync, Unpin, futures::Stream, std::fmt::Debug);
    assert_not_impl_any!(Outcomes<Rc<u8>, Failure>: Send, Sync);
    assert_impl_all!(Started<Vec<u8>>: Send, Unpin);
}
