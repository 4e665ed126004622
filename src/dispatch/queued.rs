//! A job that is in a queue, for who has put it there.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::{Arc, Weak};

use defer_core::__private::{Sealed, finished, leaf};
use defer_core::{Chain, Deferred, Draw, Failure, Unwind};

use super::engine::Engine;
use super::store::JobId;
use super::ticket::Ticket;
use super::{Job, JobFailed};

/// A job in a queue: what [`put`](super::ResizableDispatchQueue::put) yields.
///
/// Awaited, it yields the finished [`Job`] with its result, or fails with a [`JobFailed`], which
/// has the job, too. [`deferred`](Queued::deferred) makes a deferred of it, for callbacks and for
/// annotated functions.
///
/// **Dropping it does not cancel the job**, unlike dropping what was
/// [started](crate::start): a queue is a place to leave work in. A job that fails when it is
/// dropped, or is dropped when it has failed, is
/// [reported](crate::start#failures-that-nobody-takes). Cancelling it, or a chain that waits for
/// it, cancels the job; it is then waited for, since what is underway cleans up. `txrdq`: the
/// deferred of `put`, and `Job.watch`.
///
/// ```
/// use defer::dispatch::{Queued, ResizableDispatchQueue};
/// use defer::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::new(|text: String| text.len(), 1);
/// let queued: Queued<String, usize> = queue.put("four".to_string()).await?;
/// assert_eq!(queued.await?.result, 4);
/// # Ok(())
/// # }
/// ```
pub struct Queued<A, T, E = Failure> {
    chain: WatchJob<A, T, E>,
}

/// The chain of [`Queued::deferred`]: it waits for the end of a job.
#[must_use = "a chain does nothing until it is polled; the job goes on all the same"]
pub struct WatchJob<A, T, E> {
    // `None` when the outcome was yielded.
    job: Option<Arc<Ticket<A, T, E>>>,
    engine: Arc<Engine<A, T, E>>,
}

impl<A, T, E> WatchJob<A, T, E> {
    pub(super) fn of(job: Arc<Ticket<A, T, E>>, engine: Arc<Engine<A, T, E>>) -> Queued<A, T, E> {
        Queued {
            chain: WatchJob {
                job: Some(job),
                engine,
            },
        }
    }

    fn job(&self) -> &Arc<Ticket<A, T, E>> {
        match &self.job {
            Some(job) => job,
            None => finished(),
        }
    }
}

impl<A: Clone, T, E> Future for WatchJob<A, T, E> {
    type Output = Result<Job<A, T>, JobFailed<A, E>>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(self.job().poll_end(cx));
        match self.job.take() {
            Some(job) => Poll::Ready(job.outcome(end)),
            None => finished(),
        }
    }
}

impl<A, T, E> Unpin for WatchJob<A, T, E> {}
impl<A, T, E> Sealed for WatchJob<A, T, E> {}

impl<A, T, E> Chain for WatchJob<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        match &self.job {
            Some(job) if !job.is_ended() => {
                self.engine.cancel(job.id);
                // Its end comes, if not at once.
                Unwind::Stays
            }
            _ => Unwind::Idle,
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "job");
    }
}

impl<A, T, E> Drop for WatchJob<A, T, E> {
    fn drop(&mut self) {
        let untaken = self.job.take().and_then(|job| job.unwatch());
        if let Some(end) = untaken {
            self.engine.report(&end);
        }
    }
}

impl<A, T, E> fmt::Debug for WatchJob<A, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.job.as_ref().map(|job| job.id);
        f.debug_struct("WatchJob")
            .field("id", &id)
            .finish_non_exhaustive()
    }
}

impl<A, T, E> Queued<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    /// The name of the job, for what a queue is asked by name.
    ///
    /// # Panics
    ///
    /// If it has yielded its outcome: the job in that has the name.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let queued = queue.put_at(1, 10).await?;
    /// queue.reprioritise(queued.id(), 5)?;
    /// assert_eq!(queue.job(queued.id()).unwrap().priority, 5);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn id(&self) -> JobId {
        self.chain.job().id
    }

    /// Cancel the job.
    ///
    /// A pending one never begins. One that is underway is cancelled where it waits: its errbacks
    /// run, and what comes of that is the outcome. One that has ended is not changed.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|_: u32| defer(std::future::pending::<u32>()), 1);
    /// let queued = queue.put(1).await?;
    /// queued.cancel();
    /// assert!(queued.await.unwrap_err().is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self) {
        if let Some(job) = &self.chain.job {
            self.chain.engine.cancel(job.id);
        }
    }

    /// What cancels the job from elsewhere.
    ///
    /// # Panics
    ///
    /// As [`id`](Queued::id).
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let queued = queue.put(1).await?;
    /// let canceller = queued.canceller();
    /// std::thread::spawn(move || canceller.cancel());
    /// assert!(queued.await.unwrap_err().is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn canceller(&self) -> JobCanceller {
        let engine: Arc<dyn Cancels> = self.chain.engine.clone();
        JobCanceller {
            queue: Arc::downgrade(&engine),
            id: self.id(),
        }
    }

    /// A deferred of what it yields.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// use defer::prelude::*;
    ///
    /// #[callback]
    /// fn add(a: u32, b: u32) -> u32 { a + b }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| 10 * n, 2);
    /// let (a, b) = (queue.put(1).await?, queue.put(2).await?);
    /// let a = a.deferred().add_callback(|job| job.result);
    /// let b = b.deferred().add_callback(|job| job.result);
    /// assert_eq!(add(a, b).await?, 30);
    /// # Ok(())
    /// # }
    /// ```
    pub fn deferred(self) -> Deferred<Result<Job<A, T>, JobFailed<A, E>>, WatchJob<A, T, E>> {
        Deferred::from_chain(self.chain)
    }
}

impl<A: Clone, T, E> Future for Queued<A, T, E> {
    type Output = Result<Job<A, T>, JobFailed<A, E>>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.chain).poll(cx)
    }
}

impl<A, T, E> fmt::Debug for Queued<A, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.chain.job.as_ref().map(|job| job.id);
        f.debug_struct("Queued")
            .field("id", &id)
            .finish_non_exhaustive()
    }
}

trait Cancels: Send + Sync {
    fn cancel_job(self: Arc<Self>, id: JobId);
}

impl<A, T, E> Cancels for Engine<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fn cancel_job(self: Arc<Self>, id: JobId) {
        self.cancel(id);
    }
}

/// Cancels a job: made by [`Queued::canceller`].
///
/// Clones cancel the same job. May be sent to another thread. Dropping it cancels nothing.
///
/// ```
/// use defer::dispatch::{JobCanceller, ResizableDispatchQueue};
/// use defer::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
/// let mut cancellers: Vec<JobCanceller> = Vec::new();
/// for n in 0..3 {
///     cancellers.push(queue.put(n).await?.canceller());
/// }
/// cancellers[1].cancel();
/// assert_eq!(queue.size().pending, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JobCanceller {
    queue: Weak<dyn Cancels>,
    id: JobId,
}

impl JobCanceller {
    /// As [`Queued::cancel`].
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
    /// let queued = queue.put(1).await?;
    /// let canceller = queued.canceller();
    /// assert_eq!(queued.await?.result, 1);
    /// canceller.cancel(); // too late
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self) {
        if let Some(queue) = self.queue.upgrade() {
            queue.cancel_job(self.id);
        }
    }
}

impl fmt::Debug for JobCanceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobCanceller")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
