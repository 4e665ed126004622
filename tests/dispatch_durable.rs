//! The dispatch queue and its store: what is asked, in which order, and what happens when the
//! store fails.

#[path = "support/reports.rs"]
mod reports;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use defer::dispatch::store::{JobId, JobStore, Priority, StoreError, StoreErrorKind, Stored};
use defer::dispatch::{Event, JobState, Queued, Refused, ResizableDispatchQueue};
use defer::prelude::*;
use futures::StreamExt;
use reports::Reports;
use tokio::sync::Notify;

/// A store that writes down what it is asked, and may hold back or fail.
#[derive(Clone, Default)]
struct Book(Arc<Pages>);

#[derive(Default)]
struct Pages {
    said: Mutex<Vec<String>>,
    jobs: Mutex<BTreeMap<u64, Stored<u32>>>,
    next: AtomicU64,
    /// Nothing is durable before it is told so.
    holds: AtomicBool,
    free: Notify,
    /// What it cannot do.
    fails: Mutex<Option<&'static str>>,
}

type Done = Result<(), StoreError>;

impl Book {
    fn call(
        &self,
        what: &'static str,
        id: JobId,
        more: &str,
    ) -> impl Future<Output = Done> + use<> {
        let pages = self.0.clone();
        pages
            .said
            .lock()
            .unwrap()
            .push(format!("{what} {id}{more}"));
        let fails = *pages.fails.lock().unwrap() == Some(what);
        async move {
            while pages.holds.load(SeqCst) {
                pages.free.notified().await;
            }
            if fails {
                return Err(StoreError::new(StoreErrorKind::Io, "the disk is full"));
            }
            Ok(())
        }
    }

    fn said(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.said.lock().unwrap())
    }

    fn hold(&self) {
        self.0.holds.store(true, SeqCst);
    }

    fn let_go(&self) {
        self.0.holds.store(false, SeqCst);
        self.0.free.notify_waiters();
    }

    fn fail(&self, what: Option<&'static str>) {
        *self.0.fails.lock().unwrap() = what;
    }

    fn jobs(&self) -> Vec<u32> {
        let jobs = self.0.jobs.lock().unwrap();
        jobs.values().map(|job| job.argument).collect()
    }
}

impl JobStore<u32> for Book {
    const VOLATILE: bool = false;

    fn next_id(&self) -> JobId {
        JobId::new(self.0.next.fetch_add(1, SeqCst) + 1)
    }

    async fn recover(&self) -> Result<Vec<Stored<u32>>, StoreError> {
        if *self.0.fails.lock().unwrap() == Some("recover") {
            return Err(StoreError::new(StoreErrorKind::Corrupt, "a page is torn"));
        }
        let jobs = self.0.jobs.lock().unwrap();
        let mut jobs: Vec<_> = jobs.values().cloned().collect();
        jobs.sort_by_key(|job| (job.priority, job.id));
        Ok(jobs)
    }

    fn put(&self, job: &Stored<u32>) -> impl Future<Output = Done> + Send + 'static {
        self.0
            .jobs
            .lock()
            .unwrap()
            .insert(job.id.get(), job.clone());
        self.call("put", job.id, "")
    }

    fn lease(&self, id: JobId) -> impl Future<Output = Done> + Send + 'static {
        if let Some(job) = self.0.jobs.lock().unwrap().get_mut(&id.get()) {
            job.attempts += 1;
        }
        self.call("lease", id, "")
    }

    fn release(&self, id: JobId) -> impl Future<Output = Done> + Send + 'static {
        self.call("release", id, "")
    }

    fn reprioritise(
        &self,
        id: JobId,
        priority: Priority,
    ) -> impl Future<Output = Done> + Send + 'static {
        if let Some(job) = self.0.jobs.lock().unwrap().get_mut(&id.get()) {
            job.priority = priority;
        }
        self.call("reprioritise", id, &format!(" to {priority}"))
    }

    fn remove(&self, id: JobId) -> impl Future<Output = Done> + Send + 'static {
        self.0.jobs.lock().unwrap().remove(&id.get());
        self.call("remove", id, "")
    }

    fn bury(&self, id: JobId, why: &str) -> impl Future<Output = Done> + Send + 'static {
        self.0.jobs.lock().unwrap().remove(&id.get());
        self.call("bury", id, &format!(": {why}"))
    }

    fn flush(&self) -> impl Future<Output = Done> + Send + 'static {
        self.call("flush", JobId::new(0), "")
    }
}

type Queue = ResizableDispatchQueue<u32, u32>;

async fn open(book: &Book, width: usize) -> Queue {
    let work = |n: u32| match n {
        0 => Err(Failure::msg("not nothing")),
        n => Ok(n + 1),
    };
    let builder = ResizableDispatchQueue::builder(work).width(width);
    builder.open(book.clone()).await.unwrap()
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Let the workers and the store come.
async fn settle() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_job_is_put_leased_and_removed() {
    let book = Book::default();
    let queue = open(&book, 1).await;
    let job = queue.put(5).await.unwrap().await.unwrap();
    assert_eq!((job.result, job.attempts), (6, 1));
    assert_eq!(book.said(), ["put 1", "lease 1", "remove 1"]);
    assert!(queue.put(0).await.unwrap().await.is_err());
    assert_eq!(book.said(), ["put 2", "lease 2", "remove 2"]);
}

#[tokio::test]
async fn a_put_waits_until_it_is_durable() {
    let book = Book::default();
    let queue = open(&book, 1).await;
    book.hold();
    let mut put = Box::pin(queue.put(5));
    assert!(poll_once(&mut put).is_pending());
    settle().await;
    assert_eq!(queue.progress().all(), 0, "it is not begun before");
    book.let_go();
    let queued = put.await.unwrap();
    assert_eq!(queued.await.unwrap().result, 6);
}

#[tokio::test]
async fn its_deferred_waits_until_the_store_has_forgotten_it() {
    let book = Book::default();
    let queue = open(&book, 1).await;
    let mut queued = queue.put(5).await.unwrap();
    book.hold();
    settle().await;
    assert_eq!(queue.progress().finished, 1);
    assert_eq!(queue.size().underway, 0, "the next one may begin");
    assert!(poll_once(&mut queued).is_pending());
    let stops = queue.stop().start();
    settle().await;
    assert!(!stops.is_finished(), "it waits for what is written");
    book.let_go();
    assert_eq!(queued.await.unwrap().result, 6);
    assert!(stops.await.unwrap().is_empty());
}

#[tokio::test]
async fn a_put_that_fails_gives_the_argument_back() {
    let book = Book::default();
    book.fail(Some("put"));
    let queue = open(&book, 1).await;
    let error = queue.put(5).await.unwrap_err();
    assert_eq!(error.argument, 5);
    assert!(matches!(&error.why, Refused::Store(error) if error.kind() == StoreErrorKind::Io));
    assert_eq!(
        error.to_string(),
        "the job was not stored: the disk is full"
    );
    settle().await;
    assert_eq!(queue.progress().all(), 0);
    book.fail(None);
    assert!(
        queue.put(6).await.unwrap().await.is_ok(),
        "the queue goes on"
    );
}

#[tokio::test]
async fn a_put_that_is_given_up_is_taken_back() {
    for cancelled in [true, false] {
        let book = Book::default();
        let queue = open(&book, 1).await;
        book.hold();
        let put = queue.put(5);
        let put = put.add_errback(|error| Err::<Queued<u32, u32>, Failure>(error.into()));
        let (put, canceller) = put.cancellable();
        let mut put = Box::pin(put);
        assert!(poll_once(&mut put).is_pending());
        if cancelled {
            canceller.cancel();
            assert!(put.await.is_err());
        } else {
            drop(put);
        }
        book.let_go();
        settle().await;
        assert_eq!(book.said(), ["put 1", "remove 1"]);
        assert_eq!(queue.progress().all(), 0);
        assert!(book.jobs().is_empty());
    }
}

#[tokio::test]
async fn a_queue_that_is_stopped_meanwhile_does_not_take_it() {
    let book = Book::default();
    let queue = open(&book, 1).await;
    book.hold();
    let mut put = Box::pin(queue.put(5));
    assert!(poll_once(&mut put).is_pending());
    let stops = queue.stop();
    book.let_go();
    let error = put.await.unwrap_err();
    assert!(matches!(error.why, Refused::Stopped));
    assert!(stops.await.is_empty());
    assert!(book.jobs().is_empty());
}

#[tokio::test]
async fn what_cannot_be_removed_is_told_and_its_deferred_resolves() {
    let (reports, _guard) = Reports::begin();
    let book = Book::default();
    book.fail(Some("remove"));
    let queue = open(&book, 1).await;
    let events = queue.events();
    let job = queue.put(5).await.unwrap().await.unwrap();
    assert_eq!(job.result, 6);
    queue.stop().await;
    let told: Vec<Event> = events.collect().await;
    let failed = told.iter().any(|event| {
        matches!(event, Event::StoreFailed { id, asked: "remove", error }
            if *id == job.id && error.kind() == StoreErrorKind::Io)
    });
    assert!(failed, "{told:?}");
    let said = reports.take();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("the disk is full"), "{said:?}");
}

#[tokio::test]
async fn a_lease_that_fails_is_told_and_the_job_is_done() {
    let book = Book::default();
    book.fail(Some("lease"));
    let queue = open(&book, 1).await;
    let events = queue.events();
    assert_eq!(queue.put(5).await.unwrap().await.unwrap().result, 6);
    queue.stop().await;
    let told: Vec<Event> = events.collect().await;
    assert!(
        told.iter()
            .any(|event| matches!(event, Event::StoreFailed { asked: "lease", .. }))
    );
}

#[tokio::test]
async fn what_failed_is_buried_if_that_is_asked_for() {
    let book = Book::default();
    let fails = |_: u32| Err::<u32, Failure>(Failure::msg("no"));
    let builder = ResizableDispatchQueue::builder(fails).keep_failed();
    let queue = builder.open(book.clone()).await.unwrap();
    let failed = queue.put(5).await.unwrap().await.unwrap_err();
    assert_eq!(failed.job.state, JobState::Failed);
    assert_eq!(book.said(), ["put 1", "lease 1", "bury 1: no"]);
}

#[tokio::test]
async fn what_is_cancelled_or_cleared_is_removed() {
    let book = Book::default();
    let queue = open(&book, 0).await;
    let first = queue.put(1).await.unwrap();
    for n in 2..4 {
        queue.put(n).await.unwrap();
    }
    first.cancel();
    queue.clear();
    queue.stop().await;
    let said = book.said();
    assert_eq!(said[3..], ["remove 1", "remove 2", "remove 3"]);
}

#[tokio::test]
async fn what_is_cancelled_underway_is_removed_or_released() {
    for stopped in [false, true] {
        let book = Book::default();
        let builder =
            ResizableDispatchQueue::builder(|_: u32| defer(std::future::pending::<u32>()));
        let queue = builder.open(book.clone()).await.unwrap();
        let queued = queue.put(1).await.unwrap();
        settle().await;
        if stopped {
            assert_eq!(queue.stop_now().await.len(), 1);
            assert_eq!(book.said(), ["put 1", "lease 1", "release 1"]);
            assert_eq!(book.jobs(), [1]);
        } else {
            queued.cancel();
            assert!(queued.await.unwrap_err().is_cancelled());
            assert_eq!(book.said(), ["put 1", "lease 1", "remove 1"]);
        }
    }
}

#[tokio::test]
async fn a_store_hears_of_priorities() {
    let book = Book::default();
    let queue = open(&book, 0).await;
    let queued = queue.put_at(1, 4).await.unwrap();
    queue.reprioritise(queued.id(), -4).unwrap();
    assert_eq!(book.said(), ["put 1", "reprioritise 1 to -4"]);
}

#[tokio::test]
async fn what_was_not_done_is_done_when_it_is_opened_again() {
    let book = Book::default();
    let queue = open(&book, 0).await;
    let first = queue.put_at(1, 5).await.unwrap();
    queue.put_at(2, 1).await.unwrap();
    queue.put_at(3, 5).await.unwrap();
    drop(queue);
    assert_eq!(first.await.unwrap_err().job.state, JobState::Pending);
    assert_eq!(book.jobs(), [1, 2, 3]);

    let queue = open(&book, 0).await;
    let pending = queue.pending();
    let pending: Vec<_> = pending
        .iter()
        .map(|job| (job.argument, job.priority))
        .collect();
    assert_eq!(pending, [(2, 1), (1, 5), (3, 5)]);
    let second = queue.queued(JobId::new(2)).unwrap();
    assert!(queue.queued(JobId::new(2)).is_none(), "somebody has it");
    let new = queue.put(4).await.unwrap();
    assert!(new.id() > JobId::new(3), "names are never given twice");
    queue.set_width(1);
    assert_eq!(second.await.unwrap().result, 3);
    new.await.unwrap();
    while queue.progress().finished < 4 {
        tokio::task::yield_now().await;
    }
    queue.stop().await;
    assert!(book.jobs().is_empty());
}

#[tokio::test]
async fn attempts_are_counted_over_restarts() {
    let book = Book::default();
    let builder = ResizableDispatchQueue::builder(|_: u32| defer(std::future::pending::<u32>()));
    let queue = builder.open(book.clone()).await.unwrap();
    queue.put(1).await.unwrap();
    settle().await;
    queue.stop_now().await;
    drop(queue);
    let queue = open(&book, 0).await;
    let queued = queue.queued(JobId::new(1)).unwrap();
    queue.set_width(1);
    assert_eq!(queued.await.unwrap().attempts, 2);
}

#[tokio::test]
async fn more_jobs_than_the_bound_may_be_there_already() {
    let book = Book::default();
    let queue = open(&book, 0).await;
    for n in 1..=4 {
        queue.put(n).await.unwrap();
    }
    drop(queue);
    let builder = ResizableDispatchQueue::builder(|n: u32| n)
        .width(0)
        .bound(2);
    let queue = builder.open(book.clone()).await.unwrap();
    assert_eq!(queue.size().pending, 4);
    for id in 1..=2 {
        assert!(queue.cancel(JobId::new(id)));
        assert!(matches!(
            queue.try_put(9).await.unwrap_err().why,
            Refused::Full
        ));
    }
    assert!(queue.cancel(JobId::new(3)));
    assert!(queue.try_put(9).await.is_ok());
    assert!(matches!(
        queue.try_put(9).await.unwrap_err().why,
        Refused::Full
    ));
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_an_error() {
    let book = Book::default();
    book.fail(Some("recover"));
    let builder = ResizableDispatchQueue::builder(|n: u32| n);
    let error = builder.open(book).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
}

#[test]
fn a_runtime_that_goes_leaves_the_job_in_the_store() {
    let book = Book::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (queue, queued) = runtime.block_on(async {
        let builder =
            ResizableDispatchQueue::builder(|_: u32| defer(std::future::pending::<u32>()));
        let queue = builder.open(book.clone()).await.unwrap();
        let queued = queue.put(1).await.unwrap();
        settle().await;
        (queue, queued)
    });
    drop(runtime);
    let failed = futures::executor::block_on(queued).unwrap_err();
    assert_eq!(failed.job.state, JobState::Cancelled);
    assert_eq!(book.jobs(), [1]);
    drop(queue);
}
