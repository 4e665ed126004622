//! A queue whose jobs are in a file, stopped or cut off, and begun again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use defer::dispatch::store::{JobStore, Redb, StoreErrorKind};
use defer::dispatch::{Job, JobFailed, Refused, ResizableDispatchQueue};
use defer::prelude::*;
use tokio::sync::Semaphore;

#[path = "support/store.rs"]
mod store;

use store::Place;

type Queue = ResizableDispatchQueue<String, String, Failure>;

/// What was done, in order, and how much of it may go on.
#[derive(Clone)]
struct Carrier {
    begun: Arc<Mutex<Vec<String>>>,
    begins: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Carrier {
    /// One that lets so many messages through.
    fn letting_through(count: usize) -> Self {
        Carrier {
            begun: Arc::default(),
            begins: Arc::new(Semaphore::new(0)),
            open: Arc::new(Semaphore::new(count)),
        }
    }

    fn begun(&self) -> Vec<String> {
        self.begun.lock().unwrap().clone()
    }

    async fn send(self, text: String) -> Result<String, Failure> {
        self.begun.lock().unwrap().push(text.clone());
        self.begins.add_permits(1);
        self.open.acquire().await?.forget();
        if text.starts_with("bad") {
            return Err(Failure::msg("no such number"));
        }
        Ok(text.to_uppercase())
    }

    /// Wait until so many were begun.
    async fn has_begun(&self, count: u32) {
        self.begins.acquire_many(count).await.unwrap().forget();
    }

    async fn queue(&self, width: usize, store: &Redb<String>) -> Queue {
        let carrier = self.clone();
        let send = move |text: String| defer(carrier.clone().send(text));
        let builder = ResizableDispatchQueue::builder(send).width(width);
        builder.keep_failed().open(store.clone()).await.unwrap()
    }
}

async fn opened(place: &Place) -> Redb<String> {
    Redb::open(place.path()).await.unwrap()
}

/// The file as it is left when the process is killed now, in a place of its own.
fn cut_off(place: &Place) -> Place {
    let copy = Place::new();
    std::fs::copy(place.path(), copy.path()).unwrap();
    copy
}

fn texts(jobs: &[Job<String>]) -> Vec<&str> {
    jobs.iter().map(|job| &*job.argument).collect()
}

async fn left(store: &Redb<String>) -> Vec<(String, u32)> {
    let jobs = store.recover().await.unwrap();
    let told = jobs.into_iter().map(|job| (job.argument, job.attempts));
    told.collect()
}

/// Let a queue do what it has, and tell how it came out.
async fn done(queue: &Queue) -> Vec<String> {
    let mut jobs = queue.pending();
    jobs.extend(queue.underway());
    let queued: Vec<_> = jobs.iter().filter_map(|job| queue.queued(job.id)).collect();
    let mut results = Vec::new();
    for queued in queued {
        results.push(queued.await.unwrap().result);
    }
    results.sort();
    results
}

#[tokio::test]
async fn a_queue_that_was_stopped_goes_on_with_what_it_handed_back() {
    let place = Place::new();
    let carrier = Carrier::letting_through(0);
    let store = opened(&place).await;
    let queue = carrier.queue(0, &store).await;
    let mut queued = Vec::new();
    for (text, priority) in [("b", 0), ("d", 7), ("a", -2), ("c", 0)] {
        queued.push(queue.put_at(text.into(), priority).await.unwrap());
    }
    let before = queue.pending();
    assert_eq!(texts(&before), ["a", "b", "c", "d"]);
    queue.reprioritise(before[3].id, -9).unwrap();
    let back = queue.stop().await;
    assert_eq!(texts(&back), ["d", "a", "b", "c"]);
    for queued in queued {
        let failed: JobFailed<_, _> = queued.await.unwrap_err();
        drop(failed);
    }
    let refused = queue.put("late".into()).await.unwrap_err();
    assert!(matches!(refused.why, Refused::Stopped), "{refused:?}");
    store.close().await.unwrap();

    let store = opened(&place).await;
    let carrier = Carrier::letting_through(4);
    let queue = carrier.queue(0, &store).await;
    let pending = queue.pending();
    assert_eq!(texts(&pending), ["d", "a", "b", "c"]);
    for (job, before) in pending.iter().zip(&back) {
        assert_eq!((job.id, job.queued), (before.id, before.queued));
    }
    queue.set_width(1);
    assert_eq!(done(&queue).await, ["A", "B", "C", "D"]);
    assert_eq!(carrier.begun(), ["d", "a", "b", "c"]);
    assert_eq!(left(&store).await, []);
}

#[tokio::test]
async fn what_was_underway_when_it_was_stopped_now_is_done_again() {
    let place = Place::new();
    let store = opened(&place).await;
    let carrier = Carrier::letting_through(0);
    let queue = carrier.queue(2, &store).await;
    for text in ["a", "b", "c"] {
        drop(queue.put(text.into()).await.unwrap());
    }
    carrier.has_begun(2).await;
    assert_eq!(queue.stop_now().await.len(), 3);
    store.close().await.unwrap();

    let store = opened(&place).await;
    // They were handed back, not given up.
    assert!(store.given_up().is_empty());
    let expected = [("a", 1), ("b", 1), ("c", 0)].map(|(text, n)| (text.to_owned(), n));
    assert_eq!(left(&store).await, expected);
    let queue = Carrier::letting_through(3).queue(3, &store).await;
    assert_eq!(done(&queue).await, ["A", "B", "C"]);
    assert_eq!(left(&store).await, []);
}

#[tokio::test]
async fn what_was_underway_when_it_was_cut_off_is_done_again() {
    let place = Place::new();
    let store = opened(&place).await;
    let carrier = Carrier::letting_through(1);
    let queue = carrier.queue(2, &store).await;
    let first = queue.put("first".into()).await.unwrap();
    assert_eq!(first.await.unwrap().result, "FIRST");
    for text in ["a", "b", "c"] {
        drop(queue.put(text.into()).await.unwrap());
    }
    carrier.has_begun(3).await;
    // Leases are written behind the back of the work.
    JobStore::<String>::flush(&store).await.unwrap();
    let after = cut_off(&place);

    let store = opened(&after).await;
    assert_eq!(store.given_up().len(), 2);
    // What was seen to be done is not done again.
    let carrier = Carrier::letting_through(3);
    let queue = carrier.queue(0, &store).await;
    let attempts: Vec<_> = queue.pending().iter().map(|job| job.attempts).collect();
    assert_eq!(attempts, [1, 1, 0]);
    queue.set_width(5);
    assert_eq!(done(&queue).await, ["A", "B", "C"]);
    assert_eq!(left(&store).await, []);
}

#[tokio::test]
async fn a_job_is_in_the_file_before_put_yields_and_gone_before_it_is_seen_to_be_done() {
    let place = Place::new();
    let store = opened(&place).await;
    let queue = Carrier::letting_through(100).queue(1, &store).await;
    for round in 0..5 {
        queue.set_width(0);
        let text = format!("message {round}");
        let queued = queue.put(text.clone()).await.unwrap();
        let accepted = cut_off(&place);
        assert_eq!(left(&opened(&accepted).await).await, [(text, 0)]);
        queue.set_width(1);
        queued.await.unwrap();
        let ended = cut_off(&place);
        assert_eq!(left(&opened(&ended).await).await, []);
    }
}

#[tokio::test]
async fn a_job_that_fails_is_a_dead_letter_and_can_be_put_again() {
    let place = Place::new();
    let store = opened(&place).await;
    let carrier = Carrier::letting_through(10);
    let queue = carrier.queue(1, &store).await;
    let queued = queue.put("bad one".into()).await.unwrap();
    let id = queued.id();
    queued.await.unwrap_err();
    let letters = store.dead_letters().await.unwrap();
    assert_eq!((letters[0].id, letters[0].attempts), (id, 1));
    assert!(
        letters[0].why.contains("no such number"),
        "{}",
        letters[0].why
    );
    drop(queue.stop().await);
    store.revive(id).await.unwrap();
    store.close().await.unwrap();

    let store = opened(&place).await;
    let queue = carrier.queue(0, &store).await;
    let pending = queue.pending();
    assert_eq!((pending[0].id, pending[0].attempts), (id, 0));
}

#[tokio::test]
async fn cancelled_and_cleared_jobs_do_not_come_back() {
    let place = Place::new();
    let store = opened(&place).await;
    let queue = Carrier::letting_through(0).queue(0, &store).await;
    let mut queued = Vec::new();
    for text in ["a", "b", "c"] {
        queued.push(queue.put(text.into()).await.unwrap());
    }
    assert!(queue.cancel(queued[1].id()));
    JobStore::<String>::flush(&store).await.unwrap();
    let after = opened(&cut_off(&place)).await;
    assert_eq!(texts(&queue.pending()), ["a", "c"]);
    assert_eq!(left(&after).await.len(), 2);
    assert_eq!(queue.clear().len(), 2);
    drop(queue.stop().await);
    assert_eq!(left(&store).await, []);
    for queued in queued {
        queued.await.unwrap_err();
    }
}

#[tokio::test]
async fn a_put_fails_with_its_argument_when_the_store_is_closed() {
    let place = Place::new();
    let store = opened(&place).await;
    let queue = Carrier::letting_through(0).queue(0, &store).await;
    store.close().await.unwrap();
    let refused = queue.put("a".into()).await.unwrap_err();
    assert_eq!(refused.argument, "a");
    let Refused::Store(error) = refused.why else {
        panic!("{refused:?}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Closed);
}

#[tokio::test]
async fn a_thousand_jobs_over_many_restarts() {
    let place = Place::new();
    let mut done: BTreeMap<String, u32> = BTreeMap::new();
    for round in 0..10 {
        let store = opened(&place).await;
        // Some of what is left of before, and some of what is new.
        let carrier = Carrier::letting_through(90);
        let queue = carrier.queue(7, &store).await;
        let puts = (0..100).map(|n| queue.put(format!("{round}.{n}")));
        let mut queued = Vec::new();
        for put in puts {
            queued.push(put.await.unwrap());
        }
        // What is let through is begun, and seven more that are not.
        carrier.has_begun(97).await;
        let back = queue.stop_now().await;
        assert_eq!(back.len(), (round + 1) * 10);
        for text in carrier.begun() {
            *done.entry(text).or_default() += 1;
        }
        for job in back {
            // Begun, and not done; or neither.
            if let Some(count) = done.get_mut(&job.argument) {
                *count -= 1;
            }
        }
        for queued in queued {
            // Taken, so that nothing is reported.
            let _ = queued.await;
        }
        store.close().await.unwrap();
    }
    let store = opened(&place).await;
    let carrier = Carrier::letting_through(1000);
    let queue = carrier.queue(7, &store).await;
    for text in self::done(&queue).await {
        *done.entry(text.to_lowercase()).or_default() += 1;
    }
    assert_eq!(left(&store).await, []);
    done.retain(|_, count| *count > 0);
    assert_eq!(done.len(), 1000);
}
