//! Putting a job into a queue: waiting for room, and for the store.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf};
use defer_core::{Chain, Draw, Unwind};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, TryAcquireError};

use super::clock::{nanos, time};
use super::engine::Engine;
use super::kept::Saved;
use super::queued::{Queued, WatchJob};
use super::store::{JobId, Priority, StoreError, Stored};

/// Why a queue did not take a job, with the argument.
///
/// ```
/// use defer::dispatch::{Refused, ResizableDispatchQueue};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = ResizableDispatchQueue::new(|text: String| text, 1);
/// queue.stop().await;
/// let error = queue.put("a".to_string()).await.unwrap_err();
/// assert_eq!((error.argument.as_str(), error.to_string().as_str()), ("a", "the queue was stopped"));
/// assert!(matches!(error.why, Refused::Stopped));
/// # }
/// ```
#[non_exhaustive]
pub struct PutError<A> {
    /// What the job was to be done with.
    pub argument: A,
    /// Why it was not taken.
    pub why: Refused,
}

/// Why a queue did not take a job: see [`PutError`].
///
/// ```
/// use defer::dispatch::Refused;
/// assert_eq!(Refused::Full.to_string(), "the queue is full");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refused {
    /// The queue was stopped. `txrdq`: `QueueStopped`.
    Stopped,
    /// There are as many jobs as there may be. `txrdq`: `QueueOverflow`.
    Full,
    /// The store did not take it. The queue has not got it; the store may have, if it is
    /// the disk that failed.
    Store(StoreError),
    /// The put was cancelled before the job was taken.
    Cancelled,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Stopped => f.write_str("the queue was stopped"),
            Refused::Full => f.write_str("the queue is full"),
            Refused::Store(error) => write!(f, "the job was not stored: {error}"),
            Refused::Cancelled => f.write_str("cancelled before the queue had taken the job"),
        }
    }
}

impl<A> fmt::Display for PutError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl<A> fmt::Debug for PutError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutError")
            .field("why", &self.why)
            .finish_non_exhaustive()
    }
}

impl<A> Error for PutError<A> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.why {
            Refused::Store(error) => Some(error),
            _ => None,
        }
    }
}

type Permit = Result<OwnedSemaphorePermit, AcquireError>;

enum Stage<A> {
    New(A),
    /// For room.
    Waits(A, Pin<Box<dyn Future<Output = Permit> + Send>>),
    /// For the store. In a box, so that what is put in memory is not moved about for it.
    Stores(Box<(Stored<A>, Saved)>),
    Done,
}

/// The chain of a [`put`](super::ResizableDispatchQueue::put).
///
/// Dropping or cancelling it before the queue has taken the job takes the job back: it is not
/// run. Cancelled, it fails with [`Refused::Cancelled`] and gives the argument back.
#[must_use = "nothing is put before this is awaited"]
pub struct Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    // `None` when the job is taken: whoever waits for it has it then.
    engine: Option<Arc<Engine<A, T, E>>>,
    priority: Priority,
    /// Refuses where it would wait for room.
    at_once: bool,
    stage: Stage<A>,
}

type Outcome<A, T, E> = Result<Queued<A, T, E>, PutError<A>>;

fn refused<A, T, E>(argument: A, why: Refused) -> Poll<Outcome<A, T, E>> {
    Poll::Ready(Err(PutError { argument, why }))
}

impl<A, T, E> Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new(
        engine: Arc<Engine<A, T, E>>,
        argument: A,
        priority: Priority,
        at_once: bool,
    ) -> Self {
        Putting {
            engine: Some(engine),
            priority,
            at_once,
            stage: Stage::New(argument),
        }
    }

    fn engine(&self) -> &Arc<Engine<A, T, E>> {
        match &self.engine {
            Some(engine) => engine,
            None => finished(),
        }
    }

    /// There is room, and it is taken.
    fn enter(&mut self, argument: A) -> Poll<Outcome<A, T, E>> {
        if self.engine().is_volatile() {
            let (id, now) = (self.engine().store().next_id(), self.engine().now());
            return self.take(id, argument, now);
        }
        if self.engine().is_stopped() {
            self.engine().make_room(1);
            return refused(argument, Refused::Stopped);
        }
        let (id, now) = (self.engine().store().next_id(), self.engine().now());
        let mut job = Stored::new(id, self.priority, argument);
        job.queued = time(now);
        let saved = self.engine().store().put(&job);
        self.stage = Stage::Stores(Box::new((job, saved)));
        Poll::Pending
    }

    /// It is durable, where it has to be. Its room is free again when it is pending no more.
    fn take(&mut self, id: JobId, argument: A, queued: u64) -> Poll<Outcome<A, T, E>> {
        match self.engine().accept(id, argument, self.priority, queued) {
            Ok(ticket) => match self.engine.take() {
                Some(engine) => Poll::Ready(Ok(WatchJob::of(ticket, engine))),
                None => finished(),
            },
            Err(argument) => {
                self.engine().make_room(1);
                if !self.engine().is_volatile() {
                    let forget = self.engine().store().remove(id);
                    self.engine().save(id, "remove", forget);
                }
                refused(argument, Refused::Stopped)
            }
        }
    }

    /// It is not to be put any more: what it was to be done with, if it was not put.
    fn take_back(&mut self) -> Option<A> {
        match core::mem::replace(&mut self.stage, Stage::Done) {
            Stage::New(argument) | Stage::Waits(argument, _) => Some(argument),
            Stage::Stores(stored) => {
                // The store has been asked. It takes this for what comes after that.
                let (job, _) = *stored;
                let forget = self.engine().store().remove(job.id);
                self.engine().save(job.id, "remove", forget);
                self.engine().make_room(1);
                Some(job.argument)
            }
            Stage::Done => None,
        }
    }
}

impl<A, T, E> Future for Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    type Output = Outcome<A, T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let entered = match core::mem::replace(&mut this.stage, Stage::Done) {
                Stage::New(argument) => match this.engine().take_room() {
                    Ok(()) => this.enter(argument),
                    Err(TryAcquireError::Closed) => {
                        return refused(argument, Refused::Stopped);
                    }
                    Err(TryAcquireError::NoPermits) => {
                        let Some(room) = this.engine().room().filter(|_| !this.at_once) else {
                            return refused(argument, Refused::Full);
                        };
                        let free = Box::pin(room.clone().acquire_owned());
                        this.stage = Stage::Waits(argument, free);
                        continue;
                    }
                },
                Stage::Waits(argument, mut free) => match free.as_mut().poll(cx) {
                    Poll::Pending => {
                        this.stage = Stage::Waits(argument, free);
                        return Poll::Pending;
                    }
                    Poll::Ready(Err(_)) => return refused(argument, Refused::Stopped),
                    Poll::Ready(Ok(permit)) => {
                        permit.forget();
                        this.enter(argument)
                    }
                },
                Stage::Stores(mut stored) => match stored.1.as_mut().poll(cx) {
                    Poll::Pending => {
                        this.stage = Stage::Stores(stored);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(())) => {
                        let (job, _) = *stored;
                        this.take(job.id, job.argument, nanos(job.queued))
                    }
                    Poll::Ready(Err(error)) => {
                        this.engine().make_room(1);
                        return refused(stored.0.argument, Refused::Store(error));
                    }
                },
                Stage::Done => finished(),
            };
            if entered.is_ready() {
                return entered;
            }
        }
    }
}

impl<A, T, E> Unpin for Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
}
impl<A, T, E> Sealed for Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
}

impl<A, T, E> Chain for Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if matches!(self.stage, Stage::New(_) | Stage::Done) {
            return Unwind::Idle;
        }
        match self.take_back() {
            Some(argument) => Unwind::Is(Err(PutError {
                argument,
                why: Refused::Cancelled,
            })),
            None => Unwind::Idle,
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "put");
    }
}

impl<A, T, E> Drop for Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Stores(..)) {
            let _ = self.take_back();
        }
    }
}

impl<A, T, E> fmt::Debug for Putting<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Putting").finish_non_exhaustive()
    }
}
