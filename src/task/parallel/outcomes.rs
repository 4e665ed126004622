//! Outcomes as a stream, as they come.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use defer_core::Canceller;
use futures_core::Stream;

use super::sink::Sink;
use crate::start::{Started, StartedExt};

/// The outcomes of jobs, in the order in which they come: made by
/// [`Parallel::stream`](super::Parallel::stream).
///
/// A `Stream` of `Result<T, E>`. If the iterator panics, or the jobs are cancelled, or the
/// runtime is shut down, that is the last outcome. Dropping it drops the jobs where they are.
#[must_use = "the jobs are dropped with this"]
pub struct Outcomes<T, E> {
    buffer: Arc<Buffer<Result<T, E>>>,
    // `None` when it has ended.
    task: Option<Started<(), E>>,
    last: Option<E>,
}

impl<T, E> Outcomes<T, E> {
    pub(super) fn new(buffer: Arc<Buffer<Result<T, E>>>, task: Started<(), E>) -> Self {
        Outcomes {
            buffer,
            task: Some(task),
            last: None,
        }
    }

    /// Cancel the jobs that are alive, and take no more from the iterator.
    ///
    /// Their errbacks run. What they come to is still given, and then, unless all had been done,
    /// a last failure that is [`Cancelled`](crate::Cancelled).
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// use futures::StreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let waits = |_| defer(std::future::pending::<Result<u8, Failure>>());
    /// let mut outcomes = parallel(0.., 3, waits).stream(0);
    /// outcomes.cancel();
    /// assert!(outcomes.next().await.unwrap().unwrap_err().is_cancelled());
    /// assert!(outcomes.next().await.is_none());
    /// # }
    /// ```
    pub fn cancel(&self) {
        if let Some(task) = &self.task {
            task.cancel();
        }
    }

    /// What cancels them from elsewhere; `None` when the last outcome was given.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// use futures::StreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut outcomes = parallel([1, 2], 1, |n| n).stream(8);
    /// let canceller = outcomes.canceller().unwrap();
    /// assert_eq!(outcomes.next().await.unwrap().unwrap(), 1);
    /// canceller.cancel();
    /// # }
    /// ```
    #[must_use]
    pub fn canceller(&self) -> Option<Canceller> {
        self.task.as_ref().map(StartedExt::canceller)
    }
}

impl<T, E> Unpin for Outcomes<T, E> {}

impl<T, E> Stream for Outcomes<T, E> {
    type Item = Result<T, E>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(outcome) = this.buffer.pop(Some(cx)) {
            return Poll::Ready(Some(outcome));
        }
        if let Some(task) = &mut this.task {
            let ended = ready!(Pin::new(task).poll(cx));
            this.task = None;
            this.last = ended.err();
            // It has put all that it had into the buffer before it ended.
            if let Some(outcome) = this.buffer.pop(None) {
                return Poll::Ready(Some(outcome));
            }
        }
        Poll::Ready(this.last.take().map(Err))
    }
}

impl<T, E> fmt::Debug for Outcomes<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes").finish_non_exhaustive()
    }
}

/// Outcomes on their way from the task to whoever takes them.
pub(super) struct Buffer<O> {
    /// So many are here or being made, at most.
    most: usize,
    state: Mutex<State<O>>,
}

struct State<O> {
    outcomes: VecDeque<O>,
    reader: Option<Waker>,
    driver: Option<Waker>,
}

impl<O> Buffer<O> {
    pub(super) fn new(most: usize) -> Self {
        Buffer {
            most,
            state: Mutex::new(State {
                outcomes: VecDeque::new(),
                reader: None,
                driver: None,
            }),
        }
    }

    // Nothing panics while the lock is held.
    fn state(&self) -> MutexGuard<'_, State<O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more may be made beside so many.
    fn room(&self, alive: usize, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        let room = state.outcomes.len() + alive < self.most;
        let old = match room {
            true => None,
            false => state.driver.replace(cx.waker().clone()),
        };
        drop(state);
        drop(old);
        room
    }

    fn push(&self, outcome: O) {
        let reader = {
            let mut state = self.state();
            state.outcomes.push_back(outcome);
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The oldest; if there is none, the task is woken when there is.
    fn pop(&self, cx: Option<&Context<'_>>) -> Option<O> {
        let mut state = self.state();
        let outcome = state.outcomes.pop_front();
        let waker = match (&outcome, cx) {
            (Some(_), _) => state.driver.take(),
            (None, Some(cx)) => state.reader.replace(cx.waker().clone()),
            (None, None) => None,
        };
        drop(state);
        match (&outcome, waker) {
            (Some(_), Some(driver)) => driver.wake(),
            // The reader of before.
            (_, old) => drop(old),
        }
        outcome
    }
}

/// The task's side.
pub(super) struct IntoBuffer<O>(pub(super) Arc<Buffer<O>>);

impl<T, E> Sink<T, E> for IntoBuffer<Result<T, E>> {
    type Out = ();
    fn room(&mut self, alive: usize, cx: &Context<'_>) -> bool {
        self.0.room(alive, cx)
    }
    fn take(&mut self, _: usize, outcome: Result<T, E>) -> Result<(), E> {
        self.0.push(outcome);
        Ok(())
    }
    fn end(&mut self) {}
}
