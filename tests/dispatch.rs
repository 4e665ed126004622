//! The dispatch queue: what becomes of a job, whoever does what to it.

#[path = "support/reports.rs"]
mod reports;
mod support;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::dispatch::{JobFailed, JobState, Queued, Refused, ResizableDispatchQueue};
use defer::prelude::*;
use defer::retry::Retry;
use defer::time::defer_later;
use defer::{Cancelled, Panicked};
use reports::Reports;
use support::Log;

use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Let the workers come.
async fn settle() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

fn never(_: u32) -> Deferred<u32> {
    defer(std::future::pending()).boxed()
}

fn slow(width: usize) -> ResizableDispatchQueue<u32, u32> {
    ResizableDispatchQueue::new(|n: u32| defer_later(SECOND, move || n), width)
}

fn arguments<A: Copy>(jobs: &[defer::dispatch::Job<A>]) -> Vec<A> {
    jobs.iter().map(|job| job.argument).collect()
}

#[tokio::test]
async fn the_lowest_priority_first_and_then_the_oldest() {
    let log = Log::default();
    let told = log.clone();
    let queue = ResizableDispatchQueue::new(move |name: &'static str| told.add(name), 0);
    for (name, priority) in [("c", 5), ("a", -2), ("d", 5), ("b", 0), ("e", i64::MAX)] {
        queue.put_at(name, priority).await.unwrap();
    }
    assert_eq!(arguments(&queue.pending()), ["a", "b", "c", "d", "e"]);
    queue.set_width(1);
    settle().await;
    assert_eq!(log.all(), ["a", "b", "c", "d", "e"]);
}

/// The original loses a job whose priority was changed, and counts one that is not there.
#[tokio::test]
async fn a_job_with_another_priority_is_there_once() {
    for to in [5, -5] {
        let queue = ResizableDispatchQueue::new(|name: &'static str| name, 0);
        let a = queue.put_at("a", 1).await.unwrap();
        let b = queue.put_at("b", 2).await.unwrap();
        assert_eq!(queue.reprioritise(a.id(), to), Ok(1));
        assert_eq!(queue.size().pending, 2);
        queue.set_width(1);
        assert_eq!(a.await.unwrap().priority, to);
        assert_eq!(b.await.unwrap().result, "b");
        assert_eq!((queue.size().pending, queue.progress().finished), (0, 2));
    }
}

#[tokio::test]
async fn among_equals_it_stands_where_it_would_have_stood() {
    let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    let first = queue.put_at(1, 9).await.unwrap();
    queue.put_at(2, 0).await.unwrap();
    queue.put_at(3, 0).await.unwrap();
    queue.reprioritise(first.id(), 0).unwrap();
    assert_eq!(arguments(&queue.pending()), [1, 2, 3]);
}

#[tokio::test]
async fn nothing_is_put_before_it_is_awaited() {
    let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    drop(queue.put(1));
    assert_eq!(queue.progress().all(), 0);
}

#[tokio::test]
async fn a_panic_is_a_failure_of_its_job_and_the_queue_goes_on() {
    let work = |n: u32| -> Deferred<Result<u32, Failure>> {
        assert!(n != 1, "when it is made");
        let later = async move {
            tokio::task::yield_now().await;
            assert!(n != 2, "when it is polled");
            Ok(n)
        };
        defer(later).boxed()
    };
    let queue = ResizableDispatchQueue::new(work, 1);
    for (n, says) in [(1, "when it is made"), (2, "when it is polled")] {
        let failed = queue.put(n).await.unwrap().await.unwrap_err();
        assert_eq!(failed.job.state, JobState::Failed);
        let panicked = failed.error.check::<Panicked>().unwrap();
        assert_eq!(panicked.message(), Some(says));
    }
    assert_eq!(queue.put(3).await.unwrap().await.unwrap().result, 3);
}

#[tokio::test]
async fn a_panic_of_a_clone_of_the_argument_is_one_too() {
    struct Odd;
    impl Clone for Odd {
        fn clone(&self) -> Self {
            panic!("there is only one")
        }
    }
    let queue = ResizableDispatchQueue::new(|_: Arc<Odd>| (), 1);
    assert!(queue.put(Arc::new(Odd)).await.unwrap().await.is_ok());
    let queue = ResizableDispatchQueue::new(|_: Odd| (), 1);
    let queued = queue.put(Odd).await.unwrap();
    settle().await;
    assert_eq!(queue.progress().failed, 1);
    // Nobody else has it: it is given back without being cloned.
    let failed = queued.await.err().unwrap();
    assert!(failed.error.check::<Panicked>().is_some());
}

#[tokio::test]
async fn errbacks_of_what_is_cancelled_underway_run_and_are_waited_for() {
    let log = Log::default();
    let told = log.clone();
    let work = move |n: u32| {
        let told = told.clone();
        never(n)
            .add_callback(Ok::<u32, Failure>)
            .add_errback(move |why: Failure| {
                let told = told.clone();
                defer(async move {
                    told.add("cleans up");
                    tokio::task::yield_now().await;
                    told.add("clean");
                    Err::<u32, Failure>(why)
                })
            })
    };
    let queue = ResizableDispatchQueue::new(work, 1);
    let queued = queue.put(1).await.unwrap();
    settle().await;
    queued.cancel();
    let failed = queued.await.unwrap_err();
    assert_eq!(failed.job.state, JobState::Cancelled);
    assert!(failed.error.check::<Cancelled>().is_some());
    assert_eq!(log.all(), ["cleans up", "clean"]);
}

#[tokio::test]
async fn what_recovers_from_a_cancellation_has_finished() {
    let work = |n: u32| {
        never(n)
            .add_callback(Ok::<u32, Failure>)
            .add_errback(move |_: Failure| n + 1)
    };
    let queue = ResizableDispatchQueue::new(work, 1);
    let queued = queue.put(1).await.unwrap();
    settle().await;
    queued.cancel();
    let job = queued.await.unwrap();
    assert_eq!((job.state, job.result), (JobState::Finished, 2));
}

#[tokio::test(start_paused = true)]
async fn dropping_its_deferred_does_not_cancel_a_job() {
    let done = Arc::new(AtomicUsize::new(0));
    let count = done.clone();
    let work = move |_: u32| {
        let count = count.clone();
        defer_later(SECOND, move || {
            count.fetch_add(1, SeqCst);
        })
    };
    let queue = ResizableDispatchQueue::new(work, 1);
    drop(queue.put(1).await.unwrap());
    let waits = queue.put(2).await.unwrap();
    settle().await;
    drop(waits);
    sleep(3 * SECOND).await;
    assert_eq!(done.load(SeqCst), 2);
}

#[tokio::test]
async fn cancelling_what_waits_for_a_job_cancels_the_job() {
    let queue = ResizableDispatchQueue::new(never, 1);
    for underway in [true, false] {
        if !underway {
            queue.set_width(0);
        }
        let queued = queue.put(1).await.unwrap();
        settle().await;
        let chain = queued.deferred().add_callback(|job| job.result);
        let chain = chain.add_errback(|failed| Err::<u32, Failure>(failed.into()));
        let (chain, canceller) = chain.cancellable();
        let chain = chain.start();
        settle().await;
        canceller.cancel();
        let failure = chain.await.unwrap_err();
        let failed = failure.check::<JobFailed<u32, Failure>>().unwrap();
        assert!(failed.is_cancelled());
        assert_eq!(queue.progress().cancelled, 1 + u64::from(!underway));
    }
}

#[tokio::test]
async fn a_failure_that_nobody_takes_is_reported_once() {
    let (reports, _guard) = Reports::begin();
    let fails = |_: u32| Err::<(), Failure>(Failure::msg("no"));
    let queue = ResizableDispatchQueue::builder(fails).name("mine").build();
    drop(queue.put(1).await.unwrap());
    settle().await;
    assert_eq!(reports.take().len(), 1, "dropped before");
    let queued = queue.put(1).await.unwrap();
    settle().await;
    assert!(reports.take().is_empty());
    drop(queued);
    let said = reports.take();
    assert_eq!(said.len(), 1, "dropped after: {said:?}");
    assert!(
        said[0].contains("mine") && said[0].contains("no"),
        "{said:?}"
    );
    assert!(queue.put(1).await.unwrap().await.is_err());
    settle().await;
    assert!(reports.take().is_empty(), "taken");
}

#[tokio::test]
async fn what_is_cancelled_is_not_reported() {
    let (reports, _guard) = Reports::begin();
    let queue = ResizableDispatchQueue::new(never, 1);
    drop(queue.put(1).await.unwrap());
    drop(queue.put(2).await.unwrap());
    settle().await;
    let ids: Vec<_> = queue
        .underway()
        .iter()
        .chain(&queue.pending())
        .map(|job| job.id)
        .collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        assert!(queue.cancel(id));
    }
    settle().await;
    assert_eq!(queue.progress().cancelled, 2);
    assert!(reports.take().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_stops_the_queue() {
    let queue = slow(1);
    let first = queue.put(1).await.unwrap();
    let second = queue.put(2).await.unwrap();
    settle().await;
    let other = queue.clone();
    drop(queue);
    assert!(!other.is_stopped());
    drop(other);
    let failed = second.await.unwrap_err();
    assert_eq!(
        (failed.job.state, failed.job.argument),
        (JobState::Pending, 2)
    );
    assert_eq!(
        failed.to_string(),
        "job 2 was not begun: its queue was stopped"
    );
    assert_eq!(first.await.unwrap().result, 1, "it was underway");
}

#[tokio::test(start_paused = true)]
async fn the_work_goes_with_the_queue() {
    let (flag, gone) = support::Flag::new();
    let flag = Arc::new(flag);
    let queue = ResizableDispatchQueue::new(move |_: u32| drop(flag.clone()), 1);
    let queued = queue.put(1).await.unwrap();
    settle().await;
    drop(queue);
    settle().await;
    assert!(
        gone.load(SeqCst),
        "though the deferred of a job is there still"
    );
    assert!(queued.await.is_ok());
}

#[test]
fn a_runtime_that_goes_takes_the_queue_along() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let builder = ResizableDispatchQueue::builder(never).on(runtime.handle());
    let queue = builder.build();
    let (first, second) = runtime.block_on(async {
        let pair = (queue.put(1).await.unwrap(), queue.put(2).await.unwrap());
        settle().await;
        pair
    });
    assert_eq!((queue.size().underway, queue.size().pending), (1, 1));
    drop(runtime);
    let first = futures::executor::block_on(first).unwrap_err();
    assert_eq!(first.job.state, JobState::Cancelled);
    let second = futures::executor::block_on(second).unwrap_err();
    assert_eq!(second.job.state, JobState::Pending);
    assert!(queue.is_stopped());
    let third = futures::executor::block_on(queue.put(3)).unwrap_err();
    assert!(matches!(third.why, Refused::Stopped));
}

#[test]
fn outside_of_a_runtime_it_says_what_to_do() {
    let built = std::panic::catch_unwind(|| ResizableDispatchQueue::new(|n: u32| n, 1));
    let panicked = Panicked::new(built.err().unwrap());
    assert!(panicked.message().unwrap().contains("name one with `on`"));
}

#[tokio::test(start_paused = true)]
async fn room_is_waited_for_in_order() {
    let work = |n: u32| defer_later(SECOND, move || n);
    let queue = ResizableDispatchQueue::builder(work)
        .width(1)
        .bound(2)
        .build();
    let begin = Instant::now();
    let order = Arc::new(Mutex::new(Vec::new()));
    let puts = (0..6).map(|n| {
        let (queue, order) = (queue.clone(), order.clone());
        tokio::spawn(async move {
            let queued = queue.put(n).await.unwrap();
            order.lock().unwrap().push((n, begin.elapsed().as_secs()));
            queued.await.unwrap();
        })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap();
    }
    // The first two are put at once, the third when the first one has begun.
    let expected = [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 3)];
    assert_eq!(*order.lock().unwrap(), expected);
}

#[tokio::test]
async fn whoever_waits_for_room_no_longer_takes_none() {
    let queue = ResizableDispatchQueue::builder(|n: u32| n)
        .width(0)
        .bound(1)
        .build();
    let first = queue.put(1).await.unwrap();
    let (second, canceller) = queue
        .put(2)
        .add_errback(|error| Err::<Queued<u32, u32>, Failure>(error.into()))
        .cancellable();
    let second = second.start();
    let third = {
        let queue = queue.clone();
        tokio::spawn(async move { queue.put(3).await.unwrap().await })
    };
    settle().await;
    canceller.cancel();
    let failure = second.await.unwrap_err();
    let error = failure.check::<defer::dispatch::PutError<u32>>().unwrap();
    assert!(matches!(error.why, Refused::Cancelled));
    assert_eq!(error.argument, 2);
    first.cancel();
    settle().await;
    assert_eq!(arguments(&queue.pending()), [3]);
    assert!(matches!(
        queue.try_put(4).await.unwrap_err().why,
        Refused::Full
    ));
    queue.set_width(1);
    assert_eq!(third.await.unwrap().unwrap().result, 3);
}

#[tokio::test]
async fn clearing_and_stopping_make_and_take_room() {
    let queue = ResizableDispatchQueue::builder(|n: u32| n)
        .width(0)
        .bound(2)
        .build();
    for n in 0..2 {
        queue.put(n).await.unwrap();
    }
    assert_eq!(arguments(&queue.clear()), [0, 1]);
    for n in 2..4 {
        queue.try_put(n).await.unwrap();
    }
    let puts = queue.put(4);
    let puts = puts.add_errback(|error| Err::<Queued<u32, u32>, Failure>(error.into()));
    let waits = puts.start();
    settle().await;
    let undone = queue.stop().await;
    assert_eq!(arguments(&undone), [2, 3]);
    let error = waits.await.unwrap_err();
    assert!(error.to_string().contains("stopped"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_time_and_retrying() {
    let attempts = Arc::new(AtomicUsize::new(0));
    let count = attempts.clone();
    let work = move |_: u32| {
        let attempt = count.fetch_add(1, SeqCst);
        defer(async move {
            if attempt < 2 {
                std::future::pending::<()>().await;
            }
            Ok::<_, Failure>(attempt)
        })
    };
    let each = ResizableDispatchQueue::builder(work.clone())
        .timeout(SECOND)
        .retry(|| [SECOND, SECOND, SECOND])
        .build();
    let begin = Instant::now();
    let job = each.put(1).await.unwrap().await.unwrap();
    assert_eq!((job.result, job.attempts), (2, 3));
    assert_eq!(begin.elapsed(), 4 * SECOND);
    assert_eq!(job.took(), Some(4 * SECOND));

    attempts.store(0, SeqCst);
    let whole = ResizableDispatchQueue::builder(work)
        .retry(Retry::<Failure>::default)
        .timeout(SECOND)
        .build();
    let failed = whole.put(1).await.unwrap().await.unwrap_err();
    assert!(failed.error.is_timeout());
    assert_eq!(
        (failed.job.state, failed.job.attempts),
        (JobState::Failed, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_is_cancelled_between_two_attempts() {
    let fails = |_: u32| Err::<(), Failure>(Failure::msg("no"));
    let queue = ResizableDispatchQueue::builder(fails)
        .retry(|| [1000 * SECOND])
        .build();
    let queued = queue.put(1).await.unwrap();
    sleep(SECOND).await;
    assert_eq!(queue.underway()[0].attempts, 1);
    queued.cancel();
    let failed = queued.await.unwrap_err();
    assert_eq!(
        (failed.job.state, failed.job.attempts),
        (JobState::Cancelled, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn times_are_those_of_the_clock() {
    let queue = slow(1);
    let first = queue.put(1).await.unwrap();
    sleep(SECOND / 2).await;
    let second = queue.put(2).await.unwrap();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!(
        (first.waited(), first.took()),
        (Some(Duration::ZERO), Some(SECOND))
    );
    assert_eq!(
        (second.waited(), second.took()),
        (Some(SECOND / 2), Some(SECOND))
    );
    assert_eq!(first.stopped, second.started);
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_and_may_be_hurried() {
    let queue = ResizableDispatchQueue::new(never, 2);
    let first = queue.put(1).await.unwrap();
    let third = {
        queue.put(2).await.unwrap();
        queue.put(3).await.unwrap()
    };
    settle().await;
    let stops = queue.stop();
    let failed = third.await.unwrap_err();
    assert_eq!(failed.job.state, JobState::Pending, "at once");
    let waits = tokio::time::timeout(SECOND, stops).await;
    assert!(waits.is_err(), "something is underway");
    let undone = queue.stop_now().await;
    assert_eq!(arguments(&undone), [1, 2, 3]);
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(
        arguments(&queue.stop().await),
        [3],
        "what was cancelled is handed back once"
    );
}

#[tokio::test]
async fn what_is_handed_back_does_not_go_with_the_last_handle() {
    let queue = ResizableDispatchQueue::new(never, 1);
    for n in 1..4 {
        queue.put(n).await.unwrap();
    }
    settle().await;
    let stops = queue.stop_now();
    drop(queue);
    assert_eq!(arguments(&stops.await), [1, 2, 3]);
}

#[tokio::test]
async fn what_finishes_though_it_is_stopped_is_not_handed_back() {
    let work = |n: u32| {
        never(n)
            .add_callback(Ok::<u32, Failure>)
            .add_errback(move |why: Failure| if n == 1 { Ok(7) } else { Err(why) })
    };
    let queue = ResizableDispatchQueue::new(work, 2);
    let first = queue.put(1).await.unwrap();
    let second = queue.put(2).await.unwrap();
    settle().await;
    assert_eq!(arguments(&queue.stop_now().await), [2]);
    assert_eq!(first.await.unwrap().result, 7);
    assert!(second.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_pending_job_may_be_cancelled_after_the_queue_was_stopped() {
    let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    let queued = queue.put(1).await.unwrap();
    queue.put(2).await.unwrap();
    queue.stop().await;
    assert!(queue.cancel(queued.id()));
    assert_eq!(arguments(&queue.stop().await), [2]);
    assert_eq!(
        queued.await.unwrap_err().job.state,
        JobState::Pending,
        "it was told so"
    );
}

#[tokio::test(start_paused = true)]
async fn resuming_ends_the_waiting_of_who_has_paused() {
    let queue = slow(1);
    queue.put(1).await.unwrap();
    settle().await;
    let begin = Instant::now();
    let pauses = queue.pause().start();
    settle().await;
    queue.resume(None).unwrap();
    pauses.await.unwrap();
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn work_that_puts_into_its_own_queue() {
    let place = Arc::new(Mutex::new(None::<ResizableDispatchQueue<u32, u32>>));
    let here = place.clone();
    let work = move |n: u32| {
        let queue = here.lock().unwrap().clone().unwrap();
        defer(async move {
            if n == 0 {
                return Ok(0);
            }
            queue.put(n - 1).await?;
            Ok::<_, Failure>(n)
        })
    };
    let queue = ResizableDispatchQueue::new(work, 1);
    *place.lock().unwrap() = Some(queue.clone());
    queue.put(10).await.unwrap();
    while queue.progress().finished < 11 {
        tokio::task::yield_now().await;
    }
    place.lock().unwrap().take();
    assert!(queue.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_threads_put_steer_and_work() {
    const PUTTERS: u32 = 4;
    const JOBS: u32 = 2_000;
    let alive = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, seen) = (alive.clone(), most.clone());
    let work = move |n: u32| {
        let (now, seen) = (now.clone(), seen.clone());
        defer(async move {
            seen.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, SeqCst);
            n
        })
    };
    let queue = ResizableDispatchQueue::builder(work)
        .width(8)
        .bound(100)
        .build();
    let putters = (0..PUTTERS).map(|putter| {
        let queue = queue.clone();
        tokio::spawn(async move {
            let mut sum = 0_u64;
            let mut waiting = Vec::new();
            for n in 0..JOBS {
                waiting.push(queue.put_at(n, i64::from(n % 7)).await.unwrap());
                if n % 100 == 0 {
                    queue.set_width(1 + (n as usize / 100 + putter as usize) % 8);
                }
            }
            queue.set_width(8);
            for queued in waiting {
                sum += u64::from(queued.await.unwrap().result);
            }
            sum
        })
    });
    for putter in putters.collect::<Vec<_>>() {
        assert_eq!(putter.await.unwrap(), u64::from(JOBS * (JOBS - 1) / 2));
    }
    assert!(most.load(SeqCst) <= 8, "{most:?}");
    assert_eq!(queue.progress().finished, u64::from(PUTTERS * JOBS));
    assert!(queue.stop().await.is_empty());
}

#[tokio::test]
async fn an_error_of_ones_own_stays_what_it_is() {
    #[derive(Debug, PartialEq)]
    enum Sad {
        Because(u32),
        Panicked,
        Cancelled,
    }
    impl From<Panicked> for Sad {
        fn from(_: Panicked) -> Self {
            Sad::Panicked
        }
    }
    impl From<Cancelled> for Sad {
        fn from(_: Cancelled) -> Self {
            Sad::Cancelled
        }
    }
    let queue = ResizableDispatchQueue::new(|n: u32| Err::<(), Sad>(Sad::Because(n)), 1);
    let failed = queue.put(3).await.unwrap().await.unwrap_err();
    assert_eq!(failed.error, Sad::Because(3));
    queue.set_width(0);
    let queued = queue.put(4).await.unwrap();
    queued.cancel();
    assert_eq!(queued.await.unwrap_err().error, Sad::Cancelled);
}
