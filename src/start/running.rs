//! The chain of a started deferred: it waits for the task.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Cancelled, Canceller, Chain, Draw, Panicked, Unwind};
use tokio::task::JoinHandle;

use super::unhandled::Outcome;

/// What waits for a started deferred: the chain of [`Started`](super::Started).
///
/// Dropping it aborts the task.
#[must_use = "what was started is aborted when this is dropped"]
pub struct Running<T, E> {
    // `None` when the outcome was yielded, or the task is left to itself.
    task: Option<JoinHandle<Outcome<T, E>>>,
    canceller: Canceller,
    // Cancelled by the chain that this is in.
    cancelled: bool,
    // Known where it was started, so that what holds or awaits this needs no bounds for it.
    of_panicked: fn(Panicked) -> E,
    of_cancelled: fn(Cancelled) -> E,
}

impl<T, E> Running<T, E> {
    pub(super) fn new(task: JoinHandle<Outcome<T, E>>, canceller: Canceller) -> Self
    where
        E: From<Panicked> + From<Cancelled>,
    {
        Running {
            task: Some(task),
            canceller,
            cancelled: false,
            of_panicked: E::from,
            of_cancelled: E::from,
        }
    }

    pub(super) fn canceller(&self) -> &Canceller {
        &self.canceller
    }

    pub(super) fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    pub(super) fn abort(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }

    pub(super) fn detach(mut self) {
        self.task = None;
    }

    /// `None`: it was cancelled, or aborted.
    fn poll_task(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let Some(task) = &mut self.task else {
            finished()
        };
        let joined = ready!(Pin::new(task).poll(cx));
        self.task = None;
        Poll::Ready(match joined {
            Ok(outcome) => outcome.take(),
            // Panics of the deferred are caught in the task. What is left is a panic of what
            // an abort drops, or of an error's own `From<Panicked>`.
            Err(error) => error
                .try_into_panic()
                .ok()
                .map(|payload| Err((self.of_panicked)(Panicked::new(payload)))),
        })
    }
}

impl<T, E> Drop for Running<T, E> {
    fn drop(&mut self) {
        self.abort();
    }
}

impl<T, E> Future for Running<T, E> {
    type Output = Result<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_task(cx)
            .map(|outcome| outcome.unwrap_or_else(|| Err((self.of_cancelled)(Cancelled))))
    }
}

impl<T, E> Unpin for Running<T, E> {}
impl<T, E> Sealed for Running<T, E> {}

impl<T, E> Chain for Running<T, E> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.is_finished() {
            return Unwind::Idle;
        }
        self.cancelled = true;
        self.canceller.cancel();
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        if !self.cancelled {
            return self.poll(cx).map(Some);
        }
        self.poll_task(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "started");
    }
}

impl<T, E> fmt::Debug for Running<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
