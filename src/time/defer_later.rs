//! The deferred of a call that is made later.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use defer_core::__private::{Sealed, finished, leaf, node};
use defer_core::{Chain, Deferred, Draw, Node, OutOf, Returned, Unwind};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

/// A deferred that calls `f` after `delay`, and yields what `f` returns.
///
/// `f` returns a [`Plain`](crate::Plain) value, a `Result`, or a deferred, which is waited for.
/// To do nothing but wait, return `()`. The delay counts from the first poll, since nothing
/// runs before that: [start](crate::StartExt::start) it to let it count from now on.
///
/// Cancelling it while it waits removes the timer: `f` never runs. Later it cancels what `f`
/// gave. Dropping it drops `f`, or what it gave. Twisted: `task.deferLater`, whose delay counts
/// from the call on.
///
/// # Panics
///
/// The first poll panics outside of a tokio runtime that has its time enabled.
///
/// ```
/// use defer::prelude::*;
/// use defer::time::defer_later;
/// use std::time::Duration;
/// use tokio::time::Instant;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let begin = Instant::now();
/// let hour = Duration::from_secs(3600);
/// assert_eq!(defer_later(hour, || 7).await, 7);
/// let number = defer_later(hour, || "eight".parse::<u8>());
/// assert!(number.await.is_err());
/// assert_eq!(begin.elapsed(), 2 * hour);
/// # }
/// ```
pub fn defer_later<C, R, M>(
    delay: Duration,
    f: C,
) -> Deferred<OutOf<R::Kind, R::Value>, DeferLater<C, R::Chain, M>>
where
    C: FnOnce() -> R,
    R: Returned<M>,
{
    Deferred::from_chain(DeferLater {
        state: State::Idle { delay, call: f },
        marker: PhantomData,
    })
}

pin_project! {
    /// A chain that waits, then calls a function: made by [`defer_later`](defer_later()).
    #[must_use = "a chain does nothing until it is polled"]
    pub struct DeferLater<C, F, M> {
        #[pin]
        state: State<C, F>,
        marker: PhantomData<fn() -> M>,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<C, F> {
        Idle { delay: Duration, call: C },
        Waits { #[pin] timer: Sleep, call: Option<C> },
        Follows { #[pin] chain: F },
        Done,
    }
}

impl<C, R, M> Future for DeferLater<C, R::Chain, M>
where
    C: FnOnce() -> R,
    R: Returned<M>,
{
    type Output = OutOf<R::Kind, R::Value>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        if let State::Idle { .. } = *state {
            if let StateOwn::Idle { delay, call } = state.as_mut().project_replace(State::Done) {
                let (timer, call) = (sleep(delay), Some(call));
                state.set(State::Waits { timer, call });
            }
        }
        if let StateProj::Waits { timer, call } = state.as_mut().project() {
            ready!(timer.poll(cx));
            let call = call.take();
            // The timer is gone before the function runs.
            state.set(State::Done);
            if let Some(call) = call {
                let chain = call().into_chain();
                state.set(State::Follows { chain });
            }
        }
        let StateProj::Follows { chain } = state.as_mut().project() else {
            finished()
        };
        let outcome = ready!(chain.poll(cx));
        state.set(State::Done);
        Poll::Ready(outcome)
    }
}

impl<C, F, M> Sealed for DeferLater<C, F, M> {}

impl<C, R, M> Chain for DeferLater<C, R::Chain, M>
where
    C: FnOnce() -> R,
    R: Returned<M>,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut state = self.project().state;
        let unwind = match state.as_mut().project() {
            StateProj::Idle { .. } | StateProj::Done => return Unwind::Idle,
            StateProj::Waits { .. } => Unwind::Out,
            StateProj::Follows { chain } => chain.cancel(),
        };
        if matches!(unwind, Unwind::Is(_) | Unwind::Out) {
            state.set(State::Done);
        }
        unwind
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let mut state = self.as_mut().project().state;
        let StateProj::Follows { chain } = state.as_mut().project() else {
            return self.poll(cx).map(Some);
        };
        let settled = ready!(chain.poll_settle(cx));
        state.set(State::Done);
        Poll::Ready(settled)
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.state {
            State::Follows { chain } => {
                node(to, Node::Named("defer_later"), |to| chain.describe(to));
            }
            _ => leaf(to, "defer_later"),
        }
    }
}

impl<C, F, M> fmt::Debug for DeferLater<C, F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferLater").finish_non_exhaustive()
    }
}
