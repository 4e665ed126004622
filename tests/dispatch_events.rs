//! What a dispatch queue tells of itself: events, progress, metrics.

use defer::dispatch::{Event, ResizableDispatchQueue};
use defer::prelude::*;
use futures::{FutureExt, StreamExt};

async fn settle() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

/// Without the names of its fields.
fn short(event: &Event) -> String {
    match event {
        Event::Queued { id, priority } => format!("queued {id} at {priority}"),
        Event::Started { id } => format!("started {id}"),
        Event::Finished { id } => format!("finished {id}"),
        Event::Failed { id } => format!("failed {id}"),
        Event::Cancelled { id } => format!("cancelled {id}"),
        Event::Reprioritised { id, priority } => format!("{id} to {priority}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn everything_is_told_in_order_to_everybody() {
    let work = |n: u32| match n {
        0 => Err(Failure::msg("nothing")),
        n => Ok(n),
    };
    let queue = ResizableDispatchQueue::new(work, 0);
    let (first, second) = (queue.events(), queue.events());
    let a = queue.put(0).await.unwrap();
    let b = queue.put_at(1, 3).await.unwrap();
    queue.put(2).await.unwrap().cancel();
    queue.reprioritise(b.id(), -1).unwrap();
    queue.set_width(1);
    assert!(a.await.is_err() && b.await.is_ok());
    queue.pause().await;
    queue.resume(2).unwrap();
    queue.set_width(0);
    let left = queue.put(7).await.unwrap();
    queue.stop().await;
    // After the end nothing is told.
    left.cancel();
    let told: Vec<String> = first.map(|event| short(&event)).collect().await;
    let expected = [
        "queued 1 at 0",
        "queued 2 at 3",
        "queued 3 at 0",
        "cancelled 3",
        "2 to -1",
        "Width(1)",
        "started 2",
        "finished 2",
        "started 1",
        "failed 1",
        "Paused",
        "Width(2)",
        "Resumed",
        "Width(0)",
        "queued 4 at 0",
        "Stopped",
    ];
    assert_eq!(told, expected);
    let again: Vec<String> = second.map(|event| short(&event)).collect().await;
    assert_eq!(again, expected);
}

#[tokio::test]
async fn who_is_slow_is_told_how_many_were_missed() {
    let queue = ResizableDispatchQueue::builder(|n: u32| n)
        .width(0)
        .event_buffer(3)
        .build();
    let mut slow = queue.events();
    let mut quick = queue.events();
    for n in 0..5 {
        queue.put(n).await.unwrap();
        assert!(matches!(quick.next().await, Some(Event::Queued { .. })));
    }
    assert_eq!(short(&slow.next().await.unwrap()), "Missed(2)");
    assert_eq!(short(&slow.next().await.unwrap()), "queued 3 at 0");
    queue.put(5).await.unwrap();
    queue.put(6).await.unwrap();
    assert_eq!(short(&slow.next().await.unwrap()), "Missed(1)");
    assert_eq!(short(&slow.next().await.unwrap()), "queued 5 at 0");
    drop(slow);
    assert_eq!(short(&quick.next().await.unwrap()), "queued 6 at 0");
}

#[tokio::test]
async fn who_comes_late_is_told_what_comes_then() {
    let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    drop(queue.events());
    queue.put(1).await.unwrap();
    let mut events = queue.events();
    assert!(events.next().now_or_never().is_none());
    queue.put(2).await.unwrap();
    assert_eq!(short(&events.next().await.unwrap()), "queued 2 at 0");
}

#[tokio::test]
async fn who_waits_is_woken() {
    let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    let mut events = queue.events();
    let waits = tokio::spawn(async move { events.next().await });
    settle().await;
    queue.set_width(4);
    assert!(matches!(waits.await.unwrap(), Some(Event::Width(4))));
}

#[tokio::test]
async fn the_end_is_told_when_the_last_handle_goes() {
    let (resolver, done) = Deferred::<Result<u32, Failure>, _>::new();
    let done = std::sync::Mutex::new(Some(done));
    let queue = ResizableDispatchQueue::new(move |_: u32| done.lock().unwrap().take().unwrap(), 1);
    let events = queue.events();
    let queued = queue.put(1).await.unwrap();
    settle().await;
    drop(queue);
    resolver.callback(5).unwrap();
    assert_eq!(queued.await.unwrap().result, 5);
    let told: Vec<String> = events.map(|event| short(&event)).collect().await;
    assert_eq!(told.last().unwrap(), "Stopped");
}

#[tokio::test]
async fn progress_counts_every_job_once() {
    let work = |n: u32| match n {
        0 => Err(Failure::msg("nothing")),
        n => Ok(n),
    };
    let queue = ResizableDispatchQueue::new(work, 0);
    for n in 0..5 {
        queue.put(n).await.unwrap();
    }
    let last = queue.pending().pop().unwrap();
    queue.cancel(last.id);
    queue.set_width(1);
    settle().await;
    let progress = queue.progress();
    let counts = [progress.finished, progress.failed, progress.cancelled];
    assert_eq!(counts, [3, 1, 1]);
    assert_eq!((progress.ended(), progress.all()), (5, 5));
}

#[cfg(feature = "indicatif")]
mod bar {
    use super::*;
    use indicatif::ProgressBar;

    #[tokio::test]
    async fn a_bar_is_finished_when_all_is_done() {
        let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
        let bar = ProgressBar::hidden();
        let shown = queue.show_on(bar.clone()).start();
        for n in 0..4 {
            queue.put(n).await.unwrap();
        }
        settle().await;
        assert_eq!((bar.length(), bar.position()), (Some(4), 0));
        queue.set_width(2);
        settle().await;
        assert_eq!(bar.position(), 4);
        assert!(!bar.is_finished());
        drop(queue);
        shown.await.unwrap();
        assert!(bar.is_finished());
    }

    #[tokio::test]
    async fn a_bar_stands_where_it_is_when_something_is_left() {
        let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
        let bar = ProgressBar::hidden();
        let shown = queue.show_on(bar.clone()).start();
        queue.put(1).await.unwrap();
        queue.stop().await;
        shown.await.unwrap();
        assert_eq!((bar.length(), bar.position()), (Some(1), 0));
    }
}

#[cfg(feature = "metrics")]
mod numbers {
    use super::*;
    use metrics::{
        Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata,
        Recorder, SharedString, Unit,
    };
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    /// Numbers by their names and labels.
    #[derive(Clone, Default)]
    struct Numbers(Arc<Mutex<BTreeMap<String, f64>>>);

    struct One(Numbers, String);

    impl One {
        fn change(&self, change: impl FnOnce(&mut f64)) {
            change(self.0.0.lock().unwrap().entry(self.1.clone()).or_default());
        }
    }
    impl CounterFn for One {
        fn increment(&self, value: u64) {
            self.change(|number| *number += value as f64);
        }
        fn absolute(&self, value: u64) {
            self.change(|number| *number = value as f64);
        }
    }
    impl GaugeFn for One {
        fn increment(&self, value: f64) {
            self.change(|number| *number += value);
        }
        fn decrement(&self, value: f64) {
            self.change(|number| *number -= value);
        }
        fn set(&self, value: f64) {
            self.change(|number| *number = value);
        }
    }
    /// How many were recorded.
    impl HistogramFn for One {
        fn record(&self, _: f64) {
            self.change(|number| *number += 1.0);
        }
    }

    impl Numbers {
        fn one(&self, key: &Key) -> Arc<One> {
            let labels: Vec<&str> = key.labels().map(metrics::Label::value).collect();
            Arc::new(One(
                self.clone(),
                format!("{} {}", key.name(), labels.join(" ")),
            ))
        }
    }

    impl Recorder for Numbers {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.one(key))
        }
        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.one(key))
        }
        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.one(key))
        }
    }

    #[tokio::test]
    async fn what_is_counted() {
        let numbers = Numbers::default();
        let guard = metrics::set_default_local_recorder(&numbers);
        let work = |n: u32| match n {
            0 => Err(Failure::msg("nothing")),
            n => Ok(n),
        };
        let queue = ResizableDispatchQueue::builder(work)
            .name("mine")
            .width(0)
            .build();
        drop(guard);
        for n in 0..5 {
            queue.put(n).await.unwrap();
        }
        let last = queue.pending().pop().unwrap();
        queue.cancel(last.id);
        queue.set_width(2);
        settle().await;
        let expected = [
            ("dispatch_job_run_seconds mine", 4.0),
            ("dispatch_job_wait_seconds mine", 4.0),
            ("dispatch_jobs_ended_total mine cancelled", 1.0),
            ("dispatch_jobs_ended_total mine failed", 1.0),
            ("dispatch_jobs_ended_total mine finished", 3.0),
            ("dispatch_jobs_pending mine", 0.0),
            ("dispatch_jobs_queued_total mine", 5.0),
            ("dispatch_jobs_underway mine", 0.0),
            ("dispatch_width mine", 2.0),
        ];
        let counted = numbers.0.lock().unwrap().clone();
        let counted: Vec<(&str, f64)> = counted.iter().map(|(k, v)| (k.as_str(), *v)).collect();
        assert_eq!(counted, expected);
    }
}
