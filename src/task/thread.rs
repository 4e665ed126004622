//! A function that blocks, on a thread that may.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{
    Cancelled, Chain, Deferred, Draw, Kind, OutOf, Panicked, Returned, Unwind, Value,
};
use tokio::task::{JoinError, JoinHandle};

use super::JobKind;
use crate::time::scope::{self, Scope};

/// Run `f` on a thread that may block, and wait for what it returns.
///
/// For what does not know how to wait otherwise: files, heavy sums, libraries that block. `f`
/// returns a value or a `Result`. A plain value becomes a `Result` with a
/// [`Failure`](crate::Failure); an error of its own is kept: see [`JobKind`].
/// The threads are those of tokio's `spawn_blocking`.
///
/// Nothing runs before the first poll. `f` can ask [`remaining`](crate::time::remaining), how
/// much of the limit of time around the deferred is left.
///
/// # Errors
///
/// Those of `f`; [`Panicked`] if it panics; [`Cancelled`] if the runtime is shut down before it
/// has begun.
///
/// # Panics
///
/// The first poll panics outside of a tokio runtime.
///
/// # Cancelling and dropping
///
/// A thread cannot be stopped. Cancelled or dropped, the deferred is done at once: if `f` has
/// not begun, it never does; if it has, it goes on to its end, and what it returns is
/// dropped. Shutting the runtime down waits for it.
///
/// Twisted: `deferToThread`.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::defer_to_thread;
///
/// #[callback]
/// fn longest(lines: Vec<String>) -> usize {
///     lines.iter().map(String::len).max().unwrap_or(0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let lines = defer_to_thread(|| {
///     let text = std::fs::read_to_string("Cargo.toml")?;
///     Ok::<_, Failure>(text.lines().map(str::to_owned).collect::<Vec<_>>())
/// });
/// assert!(longest(lines).await.unwrap() > 10);
/// # }
/// ```
pub fn defer_to_thread<F, R, M>(f: F) -> Deferred<OutcomeOf<R, M>, Thread<F, R, M>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Returned<M, Chain = Value<OutOf<<R as Returned<M>>::Kind, <R as Returned<M>>::Value>>>
        + Send
        + 'static,
    R::Kind: JobKind,
{
    Deferred::from_chain(Thread {
        state: State::Fresh(f),
        marker: PhantomData,
    })
}

type OutcomeOf<R, M> =
    Result<<R as Returned<M>>::Value, <<R as Returned<M>>::Kind as JobKind>::Failure>;

/// The chain of [`defer_to_thread`]: it waits for a thread.
#[must_use = "a chain does nothing until it is polled"]
pub struct Thread<F, R, M> {
    state: State<F, R>,
    marker: PhantomData<fn() -> M>,
}

enum State<F, R> {
    Fresh(F),
    Runs(Blocking<R>),
    Done,
}

impl<F, R, M> Unpin for Thread<F, R, M> {}

impl<F, R, M> Future for Thread<F, R, M>
where
    F: FnOnce() -> R + Send + 'static,
    R: Returned<M, Chain = Value<OutOf<<R as Returned<M>>::Kind, <R as Returned<M>>::Value>>>
        + Send
        + 'static,
    R::Kind: JobKind,
{
    type Output = OutcomeOf<R, M>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Fresh(_) = self.state {
            if let State::Fresh(f) = core::mem::replace(&mut self.state, State::Done) {
                self.state = State::Runs(Blocking::begin(f));
            }
        }
        let State::Runs(running) = &mut self.state else {
            finished()
        };
        let ended = ready!(running.poll(cx));
        self.state = State::Done;
        Poll::Ready(match ended {
            Ok(returned) => {
                // It is there: a value or a `Result`.
                let out = ready!(Pin::new(&mut returned.into_chain()).poll(cx));
                R::Kind::outcome(out).map_err(R::Kind::failure)
            }
            Err(Lost::Panicked(panicked)) => Err(panicked.into()),
            Err(Lost::Never) => Err(Cancelled.into()),
        })
    }
}

impl<F, R, M> Sealed for Thread<F, R, M> {}

impl<F, R, M> Chain for Thread<F, R, M>
where
    F: FnOnce() -> R + Send + 'static,
    R: Returned<M, Chain = Value<OutOf<<R as Returned<M>>::Kind, <R as Returned<M>>::Value>>>
        + Send
        + 'static,
    R::Kind: JobKind,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        match &self.state {
            State::Runs(running) if !running.has_ended() => {
                // Dropping it keeps from beginning what has not begun.
                self.state = State::Done;
                Unwind::Out
            }
            _ => Unwind::Idle,
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "thread");
    }
}

impl<F, R, M> fmt::Debug for Thread<F, R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").finish_non_exhaustive()
    }
}

/// A function on its thread. Dropped, it does not begin any more.
pub(crate) struct Blocking<R> {
    task: JoinHandle<R>,
}

/// Why a function returned nothing.
pub(crate) enum Lost {
    Panicked(Panicked),
    /// It has not begun, and never will.
    Never,
}

impl From<JoinError> for Lost {
    fn from(error: JoinError) -> Self {
        match error.try_into_panic() {
            Ok(payload) => Lost::Panicked(Panicked::new(payload)),
            Err(_) => Lost::Never,
        }
    }
}

impl<R: Send + 'static> Blocking<R> {
    /// Hand it to the runtime.
    pub(crate) fn begin(f: impl FnOnce() -> R + Send + 'static) -> Self {
        let deadline = scope::deadline();
        let task = tokio::task::spawn_blocking(move || {
            let _scope = Scope::of(deadline);
            f()
        });
        Blocking { task }
    }
}

impl<R> Blocking<R> {
    pub(crate) fn has_ended(&self) -> bool {
        self.task.is_finished()
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, Lost>> {
        Pin::new(&mut self.task).poll(cx).map_err(Lost::from)
    }
}

impl<R> Drop for Blocking<R> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
