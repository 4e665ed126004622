//! What the jobs and the dispatch queue of `txrdq` do, as it reads in Rust.
//!
//! By the classes of its suite, each test numbered by its place in its class; the sums are in
//! `README.md`. What the queue does besides is in the other files `dispatch*.rs`.
//!
//! # `TestJob`: 17
//!
//! | original | here |
//! | --- | --- |
//! | 1: pending at first | [`job::is_pending_at_first`] |
//! | 2: launching twice | cannot be: a queue begins its jobs, each once |
//! | 3, 4: cancelled before it is launched, itself or by its watcher | [`job::cancelled_before_it_is_begun`] |
//! | 5, 6: watched, it has its result and is finished | [`job::has_its_result`] |
//! | 7: watched after it has finished | [`job::watched_after_it_has_finished`] |
//! | 8: watched, it fails | [`job::fails_with_the_job`] |
//! | 9: watched after it has failed | [`job::watched_after_it_has_failed`] |
//! | 10, 11: cancelled after it has finished | [`job::cancelled_after_it_has_finished`] |
//! | 12–15: cancelled after it has failed, watched before or after | [`job::cancelled_after_it_has_failed`] |
//! | 16, 17: cancelled underway | [`job::cancelled_underway`] |
//!
//! # `TestPendingStops`: 8
//!
//! Of the workers of the original so many are to stop; here, so many jobs end before one begins.
//!
//! | original | here |
//! | --- | --- |
//! | 1, 2: none, of no width and of one | [`stops::none_at_first`] |
//! | 3: narrowed | [`stops::narrowed`] |
//! | 4: narrowed and widened | [`stops::narrowed_and_widened`] |
//! | 5: narrowed to nothing | [`stops::narrowed_to_nothing`] |
//! | 6: widened very much | [`stops::widened_very_much`] |
//! | 7: and narrowed then | [`stops::widened_very_much_and_narrowed`] |
//! | 8: and widened again | [`stops::widened_very_much_and_narrowed_and_widened`] |
//!
//! # `TestSimple`: 23
//!
//! | original | here |
//! | --- | --- |
//! | 1: a new queue | [`simple::a_new_queue`] |
//! | 2: a width at first | [`simple::a_width_at_first`] |
//! | 3, 4: a negative one, one that is no number | cannot be: a width is a `usize` |
//! | 5: pending without a width | [`simple::pending_without_a_width`] |
//! | 6: narrowed to nothing, nothing begins | [`simple::narrowed_to_nothing`] |
//! | 7: and all comes back when it stops | [`simple::narrowed_to_nothing_and_stopped`] |
//! | 8, 9: it is stopped; nothing comes back where nothing was put | [`simple::stopped`] |
//! | 10, 11: cleared, without and with cancelling | [`simple::cleared`]: whoever waits for a job is told |
//! | 12: putting into one that is stopped | [`simple::put_after_it_was_stopped`]: the argument comes back |
//! | 13, 14: widened by what is negative, or no number | cannot be: as above |
//! | 15: its width while it is paused | [`simple::a_width_while_it_is_paused`] |
//! | 16, 17: resumed with no width, with another | [`simple::resumed_with_a_width`] |
//! | 18, 19: resumed with a negative one, one that is no number | cannot be: as above |
//! | 20: the result | [`simple::a_result`] |
//! | 21: the priority of a job that is not | [`simple::the_priority_of_no_job`] |
//! | 22: the priority of a job that is not pending | [`simple::the_priority_of_a_job_that_is_not_pending`]: a job that is done is none that the queue knows |
//! | 23: the priority of a pending job | [`simple::the_priority_of_a_pending_job`] |
//!
//! # `TestTiming`: 23
//!
//! | original | here |
//! | --- | --- |
//! | 1: one at a time | [`timing::one_at_a_time`] |
//! | 2: begun by setting the width | [`timing::begun_by_setting_the_width`] |
//! | 3: one underway | [`timing::one_underway`] |
//! | 4: stopped, cancelling what is underway | [`timing::stopped_now`] |
//! | 5: one after the other | [`timing::one_after_the_other`] |
//! | 6: all at once | [`timing::all_at_once`] |
//! | 7: widened | [`timing::widened`] |
//! | 8–10: narrowed, twice, then widened | [`timing::narrowed`], [`timing::narrowed_twice`], [`timing::narrowed_twice_and_widened`] |
//! | 11: and narrowed again | [`timing::narrowed_twice_widened_and_narrowed`] |
//! | 12: paused | [`timing::paused`] |
//! | 13: paused and stopped | [`timing::paused_and_stopped`] |
//! | 14: put while it is paused | [`timing::put_while_it_is_paused`] |
//! | 15: resumed | [`timing::paused_and_resumed`] |
//! | 16: resumed after it was stopped | [`timing::resumed_after_it_was_stopped`] |
//! | 17, 18: widened while it is paused, and more | [`timing::widened_while_it_is_paused`], [`timing::played_with_while_it_is_paused`] |
//! | 19: the size | [`timing::the_size`] |
//! | 20: the size of one that is widened | [`timing::the_size_of_one_that_is_widened`] |
//! | 21: a job that is cancelled is gone | [`timing::a_job_that_is_cancelled_is_gone`] |
//! | 22: narrowed to nothing before anything is put | [`timing::narrowed_to_nothing`] |
//! | 23: no more than the width | [`timing::no_more_than_the_width`] |
//!
//! # `TestDeferredErrorHandling`: 2
//!
//! | original | here |
//! | --- | --- |
//! | 1, 2: a failure has the job, and that its argument | [`job::fails_with_the_job`] |

use std::sync::Arc;
use std::time::Duration;

use defer::dispatch::{JobState, NotPending, QueueStopped, Refused, ResizableDispatchQueue, Size};
use defer::prelude::*;
use defer::time::{call_later, defer_later};
use tokio::time::sleep;

type Queue<A, T> = ResizableDispatchQueue<A, T>;

fn size(underway: usize, pending: usize) -> Size {
    Size { underway, pending }
}

fn never(_: u32) -> Deferred<u32> {
    defer(std::future::pending()).boxed()
}

/// Let the workers come.
async fn settle() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

mod job {
    use super::*;

    fn fails(text: &'static str) -> Result<u32, Failure> {
        Ok(text.parse::<u32>()?)
    }

    #[tokio::test]
    async fn is_pending_at_first() {
        let queue = Queue::new(|n: u32| n, 1);
        let queued = queue.put(1).await.unwrap();
        assert_eq!(queue.job(queued.id()).unwrap().state, JobState::Pending);
    }

    #[tokio::test]
    async fn cancelled_before_it_is_begun() {
        let queue = Queue::new(|n: u32| n, 0);
        for by_its_deferred in [false, true] {
            let queued = queue.put(1).await.unwrap();
            let id = queued.id();
            let (waits, canceller) = queued
                .deferred()
                .add_errback(|failed| Err::<_, Failure>(failed.into()))
                .cancellable();
            let waits = waits.start();
            settle().await;
            if by_its_deferred {
                canceller.cancel();
            } else {
                assert!(queue.cancel(id));
            }
            let failure = waits.await.unwrap_err();
            let failed = failure.check::<defer::dispatch::JobFailed<u32, Failure>>();
            let job = &failed.unwrap().job;
            assert_eq!((job.state, job.started), (JobState::Cancelled, None));
            assert_eq!(queue.size(), size(0, 0));
        }
    }

    #[tokio::test]
    async fn has_its_result() {
        let queue = Queue::new(|n: u32| n * 7, 1);
        let job = queue.put(6).await.unwrap().await.unwrap();
        assert_eq!((job.result, job.state), (42, JobState::Finished));
    }

    #[tokio::test]
    async fn watched_after_it_has_finished() {
        let queue = Queue::new(|n: u32| n, 1);
        let queued = queue.put(1).await.unwrap();
        settle().await;
        assert_eq!(queue.progress().finished, 1);
        assert_eq!(queued.await.unwrap().state, JobState::Finished);
    }

    #[tokio::test]
    async fn fails_with_the_job() {
        let queue = Queue::new(fails, 1);
        let failed = queue.put_at("some argument", 1).await.unwrap();
        let failed = failed.await.unwrap_err();
        assert_eq!(failed.job.state, JobState::Failed);
        assert_eq!(failed.job.argument, "some argument");
        assert!(failed.error.check::<std::num::ParseIntError>().is_some());
    }

    #[tokio::test]
    async fn watched_after_it_has_failed() {
        let queue = Queue::new(fails, 1);
        let queued = queue.put("x").await.unwrap();
        settle().await;
        assert_eq!(queue.progress().failed, 1);
        assert_eq!(queued.await.unwrap_err().job.state, JobState::Failed);
    }

    #[tokio::test]
    async fn cancelled_after_it_has_finished() {
        let queue = Queue::new(|n: u32| n, 1);
        for by_its_deferred in [false, true] {
            let queued = queue.put(1).await.unwrap();
            settle().await;
            if by_its_deferred {
                queued.cancel();
            } else {
                assert!(!queue.cancel(queued.id()));
            }
            assert_eq!(queued.await.unwrap().state, JobState::Finished);
        }
    }

    #[tokio::test]
    async fn cancelled_after_it_has_failed() {
        let queue = Queue::new(fails, 1);
        for by_its_deferred in [false, true] {
            let queued = queue.put("x").await.unwrap();
            settle().await;
            if by_its_deferred {
                queued.cancel();
            } else {
                assert!(!queue.cancel(queued.id()));
            }
            let failed = queued.await.unwrap_err();
            assert_eq!(failed.job.state, JobState::Failed);
            assert!(failed.error.check::<std::num::ParseIntError>().is_some());
        }
    }

    #[tokio::test]
    async fn cancelled_underway() {
        let queue = Queue::new(never, 1);
        for by_its_deferred in [false, true] {
            let queued = queue.put(1).await.unwrap();
            settle().await;
            assert_eq!(queue.size(), size(1, 0));
            if by_its_deferred {
                queued.cancel();
            } else {
                assert!(queue.cancel(queued.id()));
            }
            let failed = queued.await.unwrap_err();
            assert_eq!(failed.job.state, JobState::Cancelled);
            assert!(failed.error.is_cancelled());
        }
    }
}

mod stops {
    use super::*;
    use tokio::sync::Semaphore;

    /// Until everything waits.
    async fn idle() {
        sleep(Duration::from_millis(1)).await;
    }

    /// How many jobs end before another one begins, after these widths were set in turn.
    async fn stops(widths: &[usize]) -> usize {
        let ends = Arc::new(Semaphore::new(0));
        let end = ends.clone();
        let work = move |_: u32| {
            let end = end.clone();
            defer(async move { end.acquire_owned().await.unwrap().forget() })
        };
        let queue = Queue::new(work, 0);
        for n in 0..2500 {
            queue.put(n).await.unwrap();
        }
        for width in widths {
            queue.set_width(*width);
            idle().await;
        }
        let mut stops = 0;
        loop {
            let before = queue.size().underway;
            ends.add_permits(1);
            idle().await;
            if queue.size().underway == before {
                return stops;
            }
            stops += 1;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn none_at_first() {
        assert_eq!(stops(&[0]).await, 0);
        assert_eq!(stops(&[10]).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed() {
        assert_eq!(stops(&[5, 3]).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed_and_widened() {
        assert_eq!(stops(&[10, 7, 8]).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed_to_nothing() {
        assert_eq!(stops(&[10, 0]).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn widened_very_much() {
        assert_eq!(stops(&[10, 1000]).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn widened_very_much_and_narrowed() {
        assert_eq!(stops(&[10, 1000, 100]).await, 900);
    }

    #[tokio::test(start_paused = true)]
    async fn widened_very_much_and_narrowed_and_widened() {
        assert_eq!(stops(&[10, 1000, 100, 500]).await, 500);
    }
}

mod simple {
    use super::*;

    #[tokio::test]
    async fn a_new_queue() {
        let queue = Queue::new(|n: u32| n, 0);
        assert!(queue.pending().is_empty() && queue.underway().is_empty());
        assert!(!queue.is_stopped() && !queue.is_paused());
        assert_eq!(queue.size(), size(0, 0));
    }

    #[tokio::test]
    async fn a_width_at_first() {
        assert_eq!(Queue::new(|n: u32| n, 10).width(), 10);
    }

    #[tokio::test]
    async fn pending_without_a_width() {
        let queue = Queue::new(|n: u32| n, 0);
        for n in 0..3 {
            queue.put(n).await.unwrap();
        }
        settle().await;
        assert_eq!(queue.size(), size(0, 3));
    }

    #[tokio::test]
    async fn narrowed_to_nothing() {
        let queue = Queue::new(|text: &'static str| text, 3);
        queue.set_width(0);
        queue.put("aaa").await.unwrap();
        queue.put("bbb").await.unwrap();
        settle().await;
        assert_eq!(queue.size(), size(0, 2));
    }

    #[tokio::test]
    async fn narrowed_to_nothing_and_stopped() {
        let queue = Queue::new(|text: &'static str| text, 3);
        queue.set_width(0);
        queue.put_at("aaa", 5).await.unwrap();
        queue.put_at("bbb", 10).await.unwrap();
        let undone = queue.stop().await;
        let undone: Vec<_> = undone.iter().map(|job| job.argument).collect();
        assert_eq!(undone, ["aaa", "bbb"]);
    }

    #[tokio::test]
    async fn stopped() {
        let queue = Queue::new(|n: u32| n, 5);
        assert!(queue.stop().await.is_empty());
        assert!(queue.is_stopped());
    }

    #[tokio::test]
    async fn cleared() {
        let queue = Queue::new(|n: u32| n, 2);
        let first = queue.put(0).await.unwrap();
        let second = queue.put(1).await.unwrap();
        assert_eq!(queue.size(), size(0, 2));
        let cleared = queue.clear();
        assert_eq!(queue.size(), size(0, 0));
        assert_eq!(cleared.len(), 2);
        for queued in [first, second] {
            assert_eq!(queued.await.unwrap_err().job.state, JobState::Cancelled);
        }
    }

    #[tokio::test]
    async fn put_after_it_was_stopped() {
        let queue = Queue::new(|text: String| text, 0);
        queue.stop().await;
        let error = queue.put("text".to_string()).await.unwrap_err();
        assert!(matches!(error.why, Refused::Stopped));
        assert_eq!(error.argument, "text");
    }

    #[tokio::test]
    async fn a_width_while_it_is_paused() {
        let queue = Queue::new(|n: u32| n, 1);
        queue.pause().await;
        assert_eq!(queue.width(), 1);
        queue.set_width(3);
        assert_eq!(queue.width(), 3);
    }

    #[tokio::test]
    async fn resumed_with_a_width() {
        for width in [0, 10] {
            let queue = Queue::new(|n: u32| n, 1);
            queue.pause().await;
            queue.resume(width).unwrap();
            assert_eq!(queue.width(), width);
        }
    }

    #[tokio::test]
    async fn a_result() {
        let queue = Queue::new(|n: u32| 2 * n, 1);
        assert_eq!(queue.put(6).await.unwrap().await.unwrap().result, 12);
    }

    #[tokio::test]
    async fn the_priority_of_no_job() {
        let queue = Queue::new(|n: u32| n, 1);
        let id = defer::dispatch::JobId::new(77);
        assert_eq!(queue.reprioritise(id, 10), Err(NotPending::Unknown));
    }

    #[tokio::test]
    async fn the_priority_of_a_job_that_is_not_pending() {
        let queue = Queue::new(|n: u32| n, 1);
        let id = queue.put(1).await.unwrap().await.unwrap().id;
        assert_eq!(queue.reprioritise(id, 10), Err(NotPending::Unknown));

        let queue = Queue::new(never, 1);
        let id = queue.put(1).await.unwrap().id();
        settle().await;
        assert_eq!(queue.reprioritise(id, 10), Err(NotPending::Underway));
    }

    #[tokio::test]
    async fn the_priority_of_a_pending_job() {
        let queue = Queue::new(|text: &'static str| text, 0);
        queue.put_at("xxx", 5).await.unwrap();
        let job = queue.pending().pop().unwrap();
        assert_eq!(queue.reprioritise(job.id, 10), Ok(5));
        assert_eq!(queue.pending()[0].priority, 10);
    }
}

mod timing {
    use super::*;

    /// Times are in milliseconds.
    fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    /// A queue for jobs of 200 ms each.
    fn slow(width: usize) -> Queue<u32, u32> {
        Queue::new(|n| defer_later(ms(200), move || n), width)
    }

    async fn put(queue: &Queue<u32, u32>, jobs: u32) {
        for n in 0..jobs {
            queue.put(n).await.unwrap();
        }
    }

    fn widen(queue: &Queue<u32, u32>, at: u64, width: usize) {
        let queue = queue.clone();
        call_later(ms(at), move || queue.set_width(width)).detach();
    }

    /// Call this then.
    fn then(
        queue: &Queue<u32, u32>,
        at: u64,
        f: impl FnOnce(&Queue<u32, u32>) + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let queue = queue.clone();
        tokio::spawn(async move {
            sleep(ms(at)).await;
            f(&queue);
        })
    }

    fn pending(queue: &Queue<u32, u32>) -> Vec<u32> {
        queue.pending().iter().map(|job| job.argument).collect()
    }

    fn underway(queue: &Queue<u32, u32>) -> Vec<u32> {
        queue.underway().iter().map(|job| job.argument).collect()
    }

    /// Stop it then: these are left.
    async fn stop(queue: &Queue<u32, u32>, at: u64, left: impl IntoIterator<Item = u32>) {
        sleep(ms(at)).await;
        let undone = queue.stop().await;
        let undone: Vec<u32> = undone.iter().map(|job| job.argument).collect();
        assert_eq!(undone, Vec::from_iter(left));
        assert_eq!(queue.size(), size(0, undone.len()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time() {
        let queue = slow(1);
        put(&queue, 3).await;
        stop(&queue, 1, [1, 2]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn begun_by_setting_the_width() {
        let queue = slow(0);
        put(&queue, 3).await;
        assert_eq!(queue.width(), 0);
        queue.set_width(1);
        stop(&queue, 1, [1, 2]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn one_underway() {
        let queue = slow(1);
        put(&queue, 3).await;
        let seen = then(&queue, 10, |queue| assert_eq!(underway(queue), [0]));
        stop(&queue, 20, [1, 2]).await;
        seen.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn stopped_now() {
        let queue = slow(2);
        let first = queue.put(0).await.unwrap();
        let second = queue.put(1).await.unwrap();
        queue.put(2).await.unwrap();
        let seen = then(&queue, 10, |queue| assert_eq!(underway(queue), [0, 1]));
        sleep(ms(100)).await;
        let undone = queue.stop_now().await;
        seen.await.unwrap();
        let undone: Vec<_> = undone.iter().map(|job| (job.argument, job.state)).collect();
        let expected = [
            (0, JobState::Cancelled),
            (1, JobState::Cancelled),
            (2, JobState::Pending),
        ];
        assert_eq!(undone, expected);
        for queued in [first, second] {
            assert_eq!(queued.await.unwrap_err().job.state, JobState::Cancelled);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_after_the_other() {
        let queue = slow(1);
        put(&queue, 3).await;
        stop(&queue, 500, []).await;
    }

    #[tokio::test(start_paused = true)]
    async fn all_at_once() {
        let queue = slow(3);
        put(&queue, 3).await;
        stop(&queue, 1, []).await;
    }

    #[tokio::test(start_paused = true)]
    async fn widened() {
        let queue = slow(2);
        put(&queue, 8).await;
        widen(&queue, 100, 10);
        stop(&queue, 250, []).await;
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed() {
        let queue = slow(2);
        put(&queue, 8).await;
        widen(&queue, 100, 1);
        stop(&queue, 300, 3..8).await;
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed_twice() {
        let queue = slow(3);
        put(&queue, 8).await;
        widen(&queue, 100, 2);
        widen(&queue, 300, 1);
        stop(&queue, 500, [6, 7]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed_twice_and_widened() {
        let queue = slow(3);
        put(&queue, 11).await;
        widen(&queue, 100, 2);
        widen(&queue, 300, 1);
        widen(&queue, 700, 3);
        stop(&queue, 900, [10]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed_twice_widened_and_narrowed() {
        let queue = slow(3);
        put(&queue, 14).await;
        widen(&queue, 100, 2);
        let at_100 = then(&queue, 100, |queue| {
            assert_eq!(pending(queue), Vec::from_iter(3..14));
        });
        let at_250 = then(&queue, 250, |queue| {
            assert_eq!(pending(queue), Vec::from_iter(5..14));
        });
        widen(&queue, 300, 1);
        widen(&queue, 700, 3);
        widen(&queue, 850, 1);
        stop(&queue, 1350, [12, 13]).await;
        at_100.await.unwrap();
        at_250.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn paused() {
        let queue = slow(1);
        put(&queue, 3).await;
        let seen = then(&queue, 199, |queue| assert!(queue.is_paused()));
        sleep(ms(100)).await;
        queue.pause().await;
        assert_eq!(pending(&queue), [1, 2]);
        assert_eq!(queue.size().underway, 0);
        seen.await.unwrap();
    }

    /// Pause it at 100 ms.
    fn pause(queue: &Queue<u32, u32>) -> tokio::task::JoinHandle<()> {
        let queue = queue.clone();
        tokio::spawn(async move {
            sleep(ms(100)).await;
            queue.pause().await;
        })
    }

    #[tokio::test(start_paused = true)]
    async fn paused_and_stopped() {
        let queue = slow(1);
        put(&queue, 3).await;
        let paused = pause(&queue);
        stop(&queue, 150, [1, 2]).await;
        paused.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn put_while_it_is_paused() {
        let queue = slow(1);
        put(&queue, 3).await;
        let paused = pause(&queue);
        let later = queue.clone();
        let puts = tokio::spawn(async move {
            for (at, n) in [(120, 70), (20, 80), (20, 90)] {
                sleep(ms(at)).await;
                later.put(n).await.unwrap();
            }
        });
        stop(&queue, 180, [1, 2, 70, 80, 90]).await;
        paused.await.unwrap();
        puts.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn paused_and_resumed() {
        let queue = slow(1);
        put(&queue, 3).await;
        let paused = pause(&queue);
        let resumed = then(&queue, 500, |queue| queue.resume(None).unwrap());
        let seen = then(&queue, 510, |queue| assert!(!queue.is_paused()));
        stop(&queue, 600, [2]).await;
        for task in [paused, resumed, seen] {
            task.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn resumed_after_it_was_stopped() {
        let queue = slow(1);
        put(&queue, 3).await;
        let paused = pause(&queue);
        stop(&queue, 200, [1, 2]).await;
        sleep(ms(100)).await;
        assert_eq!(queue.resume(None), Err(QueueStopped));
        paused.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn widened_while_it_is_paused() {
        let queue = slow(1);
        put(&queue, 3).await;
        let paused = pause(&queue);
        widen(&queue, 200, 2);
        let resumed = then(&queue, 500, |queue| queue.resume(None).unwrap());
        stop(&queue, 600, []).await;
        paused.await.unwrap();
        resumed.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn played_with_while_it_is_paused() {
        let queue = slow(1);
        put(&queue, 3).await;
        let paused = pause(&queue);
        for (at, width) in [(120, 100), (160, 0), (200, 2)] {
            widen(&queue, at, width);
        }
        let resumed = then(&queue, 500, |queue| queue.resume(None).unwrap());
        stop(&queue, 600, []).await;
        paused.await.unwrap();
        resumed.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_size() {
        let queue = slow(1);
        put(&queue, 3).await;
        let seen = then(&queue, 40, |queue| assert_eq!(queue.size(), size(1, 2)));
        stop(&queue, 100, [1, 2]).await;
        seen.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_size_of_one_that_is_widened() {
        let queue = slow(2);
        put(&queue, 8).await;
        widen(&queue, 50, 4);
        widen(&queue, 100, 10);
        let sizes = [
            (20, size(2, 6)),
            (70, size(4, 4)),
            (150, size(8, 0)),
            (240, size(6, 0)),
            (280, size(4, 0)),
            (330, size(0, 0)),
        ];
        let seen = sizes.map(|(at, expected)| {
            then(&queue, at, move |queue| assert_eq!(queue.size(), expected))
        });
        stop(&queue, 350, []).await;
        for task in seen {
            task.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_cancelled_is_gone() {
        let queue = slow(1);
        queue.put_at(1, 1).await.unwrap();
        let second = queue.put_at(2, 2).await.unwrap();
        second.cancel();
        assert_eq!(second.await.unwrap_err().job.state, JobState::Cancelled);
        sleep(ms(100)).await;
        queue.pause().await;
        assert!(queue.pending().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn narrowed_to_nothing() {
        let queue = slow(3);
        sleep(ms(10)).await;
        queue.set_width(0);
        put(&queue, 2).await;
        sleep(ms(50)).await;
        assert_eq!(queue.size(), size(0, 2));
        stop(&queue, 0, [0, 1]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_width() {
        let queue = slow(3);
        put(&queue, 5).await;
        sleep(ms(100)).await;
        assert_eq!(queue.size(), size(3, 2));
    }
}
