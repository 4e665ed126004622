//! The handle of a task, and who waits for its result.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf};
use defer_core::{Chain, Deferred, Draw, NotPaused, Unwind};

use super::cell::Cell;
use super::done::{Done, End};
use crate::task::TaskFinished;

/// Those who wait for a task. When the last one is gone, so is its work.
pub(super) struct Owned<T, E> {
    pub(super) cell: Arc<Cell>,
    pub(super) done: Arc<Done<T, E>>,
}

impl<T, E> Owned<T, E> {
    pub(super) fn new(cell: Arc<Cell>, done: Arc<Done<T, E>>) -> Self {
        Owned { cell, done }
    }
}

impl<T, E> Drop for Owned<T, E> {
    fn drop(&mut self) {
        self.cell.abandon();
    }
}

/// A task of a [`Cooperator`](super::Cooperator): pauses, resumes and stops it.
///
/// Clones are the same task. When the last of them, and the last of its
/// [`when_done`](CooperativeTask::when_done) deferreds, is dropped, its work is dropped, as
/// dropping does everywhere here, and no errback runs. [`detach`](CooperativeTask::detach)
/// leaves it to itself; a failure that nobody takes is reported once through `tracing`, as that
/// of a [started](mod@crate::start#failures-that-nobody-takes) deferred. Twisted:
/// `task.CooperativeTask`.
///
/// ```
/// use defer::task::{CooperativeTask, Cooperator};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let task: CooperativeTask = Cooperator::new().cooperate(0..100);
/// task.pause().unwrap();
/// // … nothing of it is done …
/// task.resume().unwrap();
/// task.when_done().await.unwrap();
/// # }
/// ```
#[must_use = "a task is dropped with its handle; `detach` leaves it to itself"]
pub struct CooperativeTask<T = (), E = defer_core::Failure> {
    owned: Arc<Owned<T, E>>,
}

impl<T, E> CooperativeTask<T, E> {
    pub(super) fn of(owned: Owned<T, E>) -> Self {
        CooperativeTask {
            owned: Arc::new(owned),
        }
    }

    /// Hold it back once more: from its next unit on nothing of it is done.
    ///
    /// A deferred that it waits for is not polled, either. It goes on when it has been
    /// [resumed](CooperativeTask::resume) as often as it was paused.
    ///
    /// # Errors
    ///
    /// If it has come to its end, or was stopped.
    ///
    /// ```
    /// use defer::task::{TaskFinished, cooperate};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let task = cooperate(0..3);
    /// assert_eq!(task.pause(), Ok(()));
    /// task.stop().unwrap();
    /// assert_eq!(task.pause(), Err(TaskFinished::Stopped));
    /// # }
    /// ```
    pub fn pause(&self) -> Result<(), TaskFinished> {
        self.owned.cell.pause()
    }

    /// Take one pause back. After the last one it has its turns again, beginning at the end of
    /// the queue.
    ///
    /// # Errors
    ///
    /// If it is not paused, which changes nothing. Waiting for a deferred is no pause. One that
    /// was stopped while it was paused may be resumed as often.
    ///
    /// ```
    /// use defer::NotPaused;
    /// use defer::task::cooperate;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(cooperate(0..3).resume(), Err(NotPaused));
    /// # }
    /// ```
    pub fn resume(&self) -> Result<(), NotPaused> {
        self.owned.cell.resume()
    }

    /// Let it end here: what it waits for is cancelled, then the rest of its work dropped.
    ///
    /// Errbacks of what it waits for clean up; when they have, its result is
    /// [`TaskFinished::Stopped`], or, if one of them took the cancellation, what that made of
    /// it. Twisted's task is left where it is, and what it waits for goes on.
    ///
    /// # Errors
    ///
    /// If it has come to its end, or was stopped.
    ///
    /// ```
    /// use defer::task::{TaskFinished, cooperate};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let endless = cooperate(0..);
    /// endless.stop().unwrap();
    /// let failure = endless.when_done().await.unwrap_err();
    /// assert_eq!(failure.check(), Some(&TaskFinished::Stopped));
    /// # }
    /// ```
    pub fn stop(&self) -> Result<(), TaskFinished> {
        self.owned.cell.stop(TaskFinished::Stopped)
    }

    /// A deferred of its result, a clone for each.
    ///
    /// Cancelling or dropping it leaves the task alone, but for the last one, see
    /// [there](CooperativeTask). Twisted: `CooperativeTask.whenDone`, which yields the iterator.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::cooperate;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let task = cooperate(defer(async { Ok::<_, Failure>("done") }));
    /// let (a, b) = (task.when_done(), task.when_done());
    /// assert_eq!(a.await.unwrap(), "done");
    /// assert_eq!(b.await.unwrap(), "done");
    /// assert_eq!(task.when_done().await.unwrap(), "done");
    /// # }
    /// ```
    pub fn when_done(&self) -> Deferred<Result<T, E>, WhenDone<T, E>>
    where
        T: Clone,
        E: Clone + From<TaskFinished>,
    {
        Deferred::from_chain(WhenDone {
            owned: Some(self.owned.clone()),
            id: None,
            read: |end| end.clone().outcome(),
        })
    }

    /// Leave it to itself: it goes on, and is done even if nobody waits for it.
    ///
    /// ```
    /// use defer::task::cooperate;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (sender, mut numbers) = tokio::sync::mpsc::unbounded_channel();
    /// cooperate((0..3).map(move |n| drop(sender.send(n)))).detach();
    /// assert_eq!(numbers.recv().await, Some(0));
    /// # }
    /// ```
    pub fn detach(self) {
        self.owned.cell.detach();
    }

    /// Whether its result is there. One that was stopped may still clean up.
    ///
    /// ```
    /// use defer::task::cooperate;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let task = cooperate(0..3);
    /// assert!(!task.is_finished());
    /// task.when_done().await.unwrap();
    /// assert!(task.is_finished());
    /// # }
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.owned.done.is_set()
    }

    /// Whether it is paused.
    ///
    /// ```
    /// use defer::task::cooperate;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let task = cooperate(0..3);
    /// task.pause().unwrap();
    /// assert!(task.is_paused());
    /// # }
    /// ```
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.owned.cell.is_paused()
    }
}

impl<T, E> Clone for CooperativeTask<T, E> {
    fn clone(&self) -> Self {
        CooperativeTask {
            owned: self.owned.clone(),
        }
    }
}

impl<T, E> fmt::Debug for CooperativeTask<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CooperativeTask")
            .field("paused", &self.is_paused())
            .field("finished", &self.owned.cell.finished())
            .finish()
    }
}

/// A chain that waits for the result of a task: made by
/// [`CooperativeTask::when_done`].
#[must_use = "a chain does nothing until it is polled"]
pub struct WhenDone<T, E> {
    // `None` when the outcome was yielded.
    owned: Option<Arc<Owned<T, E>>>,
    id: Option<u64>,
    // Chosen where the types are known to be `Clone`.
    read: fn(&End<T, E>) -> Result<T, E>,
}

impl<T, E> Unpin for WhenDone<T, E> {}

impl<T, E> Future for WhenDone<T, E> {
    type Output = Result<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let WhenDone { owned, id, read } = &mut *self;
        let Some(waited) = owned else { finished() };
        let outcome = ready!(waited.done.poll(id, cx, |end| end.as_ref().map(*read)));
        // Only who waits alone takes it.
        let outcome = outcome.unwrap_or_else(|| finished());
        *owned = None;
        Poll::Ready(outcome)
    }
}

impl<T, E> Drop for WhenDone<T, E> {
    fn drop(&mut self) {
        if let Some(owned) = &self.owned {
            owned.done.forget(self.id);
        }
    }
}

impl<T, E> Sealed for WhenDone<T, E> {}

impl<T, E> Chain for WhenDone<T, E> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let waits = self.id.is_some() && self.owned.as_ref().is_some_and(|of| !of.done.is_set());
        if waits { Unwind::Out } else { Unwind::Idle }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "when_done");
    }
}

impl<T, E> fmt::Debug for WhenDone<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenDone").finish_non_exhaustive()
    }
}
