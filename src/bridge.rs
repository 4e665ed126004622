//! From tokio's tasks and channels to deferreds, and back.
//!
//! | from | to a deferred by | when it is cancelled |
//! | --- | --- | --- |
//! | any future | [`defer`](crate::defer()) | the future is dropped |
//! | a task, `JoinHandle` | [`into_deferred`](IntoDeferred::into_deferred) | the task is aborted, and its end is waited for |
//! | a channel, `oneshot::Receiver` | [`into_deferred`](IntoDeferred::into_deferred) | the sender learns that nobody waits |
//!
//! The other way round nothing has to be done: a deferred is a future. Twisted:
//! `Deferred.fromFuture` and `Deferred.asFuture`. To hand a deferred to another task, with
//! what cancels it, [`start`](crate::start) it.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Abandoned, Cancelled, Chain, Deferred, Draw, Panicked, Unwind};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::task::JoinHandle;

/// What becomes a deferred that can fail, with an error of the caller's choice.
pub trait IntoDeferred: Sized {
    /// What it yields.
    type Value;
    /// What is inside the deferred.
    type Chain<E>;

    /// Make a deferred of it, that fails with an `E`, often a [`Failure`](crate::Failure).
    ///
    /// Of a task: it fails with [`Panicked`] if the task panics, and with [`Cancelled`] if it
    /// is aborted; `E` has `From` for both. Dropping the deferred aborts the task, which a
    /// `JoinHandle` does not do. Of a channel: it fails with [`Abandoned`], for which `E` has
    /// `From`, if the sender is dropped.
    ///
    /// A value that is a `Result` itself is taken apart by `add_callback(|result| result)`.
    ///
    /// ```
    /// use defer::prelude::*;
    ///
    /// #[callback]
    /// fn add(a: u8, b: u8) -> u8 { a + b }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let (sender, receiver) = tokio::sync::oneshot::channel();
    /// let sends = tokio::spawn(async { sender.send(40).unwrap(); 2 });
    /// let (sent, received) = (sends.into_deferred::<Failure>(), receiver.into_deferred());
    /// assert_eq!(add(sent, received).await?, 42);
    /// # Ok(())
    /// # }
    /// ```
    fn into_deferred<E>(self) -> Deferred<Result<Self::Value, E>, Self::Chain<E>>
    where
        Self::Chain<E>: Chain<Output = Result<Self::Value, E>>;
}

impl<T> IntoDeferred for JoinHandle<T> {
    type Value = T;
    type Chain<E> = Joined<T, E>;
    fn into_deferred<E>(self) -> Deferred<Result<T, E>, Joined<T, E>> {
        Deferred::from_chain(Joined {
            task: Some(self),
            cancelled: false,
            error: PhantomData,
        })
    }
}

impl<T> IntoDeferred for oneshot::Receiver<T> {
    type Value = T;
    type Chain<E> = Received<T, E>;
    fn into_deferred<E>(self) -> Deferred<Result<T, E>, Received<T, E>> {
        Deferred::from_chain(Received {
            state: State::Waiting(self),
            error: PhantomData,
        })
    }
}

/// The chain of a deferred that waits for a tokio task. Dropping it aborts the task.
#[must_use = "a chain does nothing until it is polled"]
pub struct Joined<T, E> {
    // `None` when the outcome was yielded.
    task: Option<JoinHandle<T>>,
    // Only then does a task that was aborted leave the chain without an outcome.
    cancelled: bool,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Unpin for Joined<T, E> {}

impl<T, E> Drop for Joined<T, E> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl<T, E: From<Panicked> + From<Cancelled>> Future for Joined<T, E> {
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_settle(cx)
            .map(|outcome| outcome.unwrap_or_else(|| Err(Cancelled.into())))
    }
}

impl<T, E> Sealed for Joined<T, E> {}

impl<T, E: From<Panicked> + From<Cancelled>> Chain for Joined<T, E> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let Some(task) = &self.task else {
            return Unwind::Idle;
        };
        if task.is_finished() {
            return Unwind::Idle;
        }
        task.abort();
        self.cancelled = true;
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let Some(task) = &mut self.task else {
            finished()
        };
        let joined = ready!(Pin::new(task).poll(cx));
        self.task = None;
        Poll::Ready(match joined {
            Ok(value) => Some(Ok(value)),
            Err(error) => match error.try_into_panic() {
                Ok(payload) => Some(Err(Panicked::new(payload).into())),
                Err(_) if self.cancelled => None,
                Err(_) => Some(Err(Cancelled.into())),
            },
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "task");
    }
}

impl<T, E> fmt::Debug for Joined<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").finish_non_exhaustive()
    }
}

/// The chain of a deferred that waits for a tokio channel of one value.
#[must_use = "a chain does nothing until it is polled"]
pub struct Received<T, E> {
    state: State<T>,
    error: PhantomData<fn() -> E>,
}

enum State<T> {
    Waiting(oneshot::Receiver<T>),
    /// A cancellation has found that the value was sent, or that the sender was gone.
    Told(Result<T, Abandoned>),
    Done,
}

impl<T, E> Unpin for Received<T, E> {}

impl<T, E: From<Abandoned>> Future for Received<T, E> {
    type Output = Result<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let told = match core::mem::replace(&mut self.state, State::Done) {
            State::Waiting(mut receiver) => match Pin::new(&mut receiver).poll(cx) {
                Poll::Ready(received) => received.map_err(|_| Abandoned),
                Poll::Pending => {
                    self.state = State::Waiting(receiver);
                    return Poll::Pending;
                }
            },
            State::Told(told) => told,
            State::Done => finished(),
        };
        Poll::Ready(told.map_err(E::from))
    }
}

impl<T, E> Sealed for Received<T, E> {}

impl<T, E: From<Abandoned>> Chain for Received<T, E> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let State::Waiting(receiver) = &mut self.state else {
            return Unwind::Idle;
        };
        // What was sent before the cancellation stands, and so does a sender's going.
        let told = match receiver.try_recv() {
            Ok(value) => Ok(value),
            Err(TryRecvError::Closed) => Err(Abandoned),
            Err(TryRecvError::Empty) => {
                receiver.close();
                // It may have been sent in between; later it comes back to the sender.
                match receiver.try_recv() {
                    Ok(value) => Ok(value),
                    Err(_) => return Unwind::Out,
                }
            }
        };
        self.state = State::Told(told);
        Unwind::Idle
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "channel");
    }
}

impl<T, E> fmt::Debug for Received<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").finish_non_exhaustive()
    }
}
