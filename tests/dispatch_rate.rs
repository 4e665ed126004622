//! Jobs a second, on tokio's clock.

use std::time::Duration;

use defer::dispatch::{Rate, ResizableDispatchQueue};
use defer::time::defer_later;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// When so many jobs began.
async fn begins(rate: Rate, width: usize, jobs: u32) -> Vec<u128> {
    let begin = Instant::now();
    let queue = ResizableDispatchQueue::builder(move |_: u32| begin.elapsed().as_millis())
        .width(width)
        .rate(rate)
        .build();
    let mut waiting = Vec::new();
    for n in 0..jobs {
        waiting.push(queue.put(n).await.unwrap());
    }
    let mut times = Vec::new();
    for queued in waiting {
        times.push(queued.await.unwrap().result);
    }
    times
}

#[tokio::test(start_paused = true)]
async fn jobs_begin_at_equal_distances_however_wide_the_queue_is() {
    for width in [1, 3, 100] {
        let times = begins(Rate::per_second(4), width, 5).await;
        assert_eq!(times, [0, 250, 500, 750, 1000], "{width}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_begins_together() {
    let times = begins(Rate::per_second(2).burst(3), 10, 5).await;
    assert_eq!(times, [0, 0, 0, 500, 1000]);
}

#[tokio::test(start_paused = true)]
async fn fast_rates_are_kept() {
    let times = begins(Rate::per_second(10_000), 50, 20_000).await;
    let last = times.last().unwrap();
    assert!((1_980..=2_020).contains(last), "{last} ms for 20,000");
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_the_rate_is_pending_and_can_be_steered() {
    let queue = ResizableDispatchQueue::builder(|n: u32| n)
        .width(5)
        .rate(Rate::every(SECOND))
        .build();
    let first = queue.put(1).await.unwrap();
    let second = queue.put(2).await.unwrap();
    let third = queue.put(3).await.unwrap();
    assert_eq!(first.await.unwrap().result, 1);
    assert_eq!((queue.size().underway, queue.size().pending), (0, 2));
    let begin = Instant::now();
    second.cancel();
    assert!(second.await.unwrap_err().is_cancelled());
    third.await.unwrap();
    assert_eq!(begin.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn pausing_and_stopping_do_not_wait_for_the_rate() {
    let queue = ResizableDispatchQueue::builder(|n: u32| n)
        .width(5)
        .rate(Rate::every(3600 * SECOND))
        .build();
    queue.put(1).await.unwrap().await.unwrap();
    let queued = queue.put(2).await.unwrap();
    sleep(SECOND).await;
    let begin = Instant::now();
    queue.pause().await;
    queue.resume(None).unwrap();
    assert_eq!(queue.stop().await.len(), 1);
    assert!(queued.await.is_err());
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn resumed_it_keeps_the_rate() {
    let begin = Instant::now();
    let queue = ResizableDispatchQueue::builder(move |_: u32| begin.elapsed())
        .width(5)
        .rate(Rate::every(SECOND))
        .build();
    queue.put(1).await.unwrap().await.unwrap();
    let second = queue.put(2).await.unwrap();
    let third = queue.put(3).await.unwrap();
    sleep(SECOND / 4).await;
    queue.pause().await;
    sleep(SECOND / 4).await;
    queue.resume(None).unwrap();
    assert_eq!(second.await.unwrap().result, SECOND);
    assert_eq!(third.await.unwrap().result, 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn another_rate_holds_at_once() {
    let queue = ResizableDispatchQueue::builder(|n: u32| n)
        .width(5)
        .rate(Rate::every(3600 * SECOND))
        .build();
    queue.put(1).await.unwrap().await.unwrap();
    let second = queue.put(2).await.unwrap();
    sleep(SECOND).await;
    let begin = Instant::now();
    queue.set_rate(None);
    second.await.unwrap();
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_width_holds_as_well() {
    let queue = ResizableDispatchQueue::builder(|n: u32| defer_later(SECOND, move || n))
        .width(2)
        .rate(Rate::per_second(10))
        .build();
    for n in 0..6 {
        queue.put(n).await.unwrap();
    }
    sleep(SECOND / 2).await;
    assert_eq!((queue.size().underway, queue.size().pending), (2, 4));
    sleep(3 * SECOND).await;
    assert_eq!(queue.progress().finished, 6);
}
