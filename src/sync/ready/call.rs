//! A call of something that may not be ready yet.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf, node};
use defer_core::{Chain, Draw, Kind, Lift, Node, Returned, Unwind};
use pin_project_lite::pin_project;

use super::Constructed;
use super::turns::{Turn, Turns};

pin_project! {
    /// The chain of [`Ready::call`](super::Ready::call).
    #[must_use = "a chain does nothing until it is polled"]
    pub struct ReadyCall<T, E, C, F, M> {
        #[pin]
        state: State<T, E, C, F>,
        marker: PhantomData<fn() -> M>,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<T, E, C, F> {
        Idle {
            value: Constructed<T, E>,
            turns: Arc<Turns>,
            call: C,
        },
        Waits {
            waits: Waits<T, E, C>,
        },
        Follows {
            #[pin]
            chain: F,
            // Until it has been polled.
            turn: Option<Turn>,
        },
        Done,
    }
}

/// What a call has while it waits for the value, and then for its turn.
struct Waits<T, E, C> {
    constructed: Constructed<T, E>,
    value: Option<Arc<T>>,
    turn: Turn,
    call: C,
}

impl<T, E, C, F, M> ReadyCall<T, E, C, F, M> {
    pub(super) fn new(value: Constructed<T, E>, turns: Arc<Turns>, call: C) -> Self {
        ReadyCall {
            state: State::Idle { value, turns, call },
            marker: PhantomData,
        }
    }
}

impl<T, E: Clone, C> Waits<T, E, C> {
    /// `None`: a cancellation has left the construction.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), E>>> {
        if self.value.is_none() {
            match ready!(Pin::new(&mut self.constructed).poll_settle(cx)) {
                Some(Ok(value)) => self.value = Some(value),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        if self.turn.has_come(cx) {
            Poll::Ready(Some(Ok(())))
        } else {
            Poll::Pending
        }
    }
}

impl<T, E, C, R, M> Future for ReadyCall<T, E, C, R::Chain, M>
where
    E: Clone,
    C: FnOnce(Arc<T>) -> R,
    R: Returned<M>,
    R::Kind: Lift<E>,
{
    type Output = Result<R::Value, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|outcome| outcome.unwrap_or_else(|| finished()))
    }
}

impl<T, E, C, F, M> Sealed for ReadyCall<T, E, C, F, M> {}

impl<T, E, C, R, M> Chain for ReadyCall<T, E, C, R::Chain, M>
where
    E: Clone,
    C: FnOnce(Arc<T>) -> R,
    R: Returned<M>,
    R::Kind: Lift<E>,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut state = self.project().state;
        let unwind = match state.as_mut().project() {
            StateProj::Idle { .. } | StateProj::Done => return Unwind::Idle,
            StateProj::Waits { waits } => match Pin::new(&mut waits.constructed).cancel() {
                // Nobody else wants it any more.
                Unwind::Stays => return Unwind::Stays,
                Unwind::Is(Ok(value)) => {
                    waits.value = Some(value);
                    return Unwind::Stays;
                }
                Unwind::Is(Err(error)) => Unwind::Is(Err(error)),
                // It is there, or others want it: what has not begun does not begin.
                Unwind::Idle | Unwind::Out => Unwind::Out,
            },
            StateProj::Follows { chain, .. } => chain.cancel().map(lifted::<R, E, M>),
        };
        if matches!(unwind, Unwind::Is(_) | Unwind::Out) {
            state.set(State::Done);
        }
        unwind
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let mut state = self.project().state;
        if let State::Idle { .. } = *state {
            if let StateOwn::Idle { value, turns, call } =
                state.as_mut().project_replace(State::Done)
            {
                let waits = Waits {
                    constructed: value,
                    value: None,
                    turn: Turn::new(turns, cx),
                    call,
                };
                state.set(State::Waits { waits });
            }
        }
        if let StateProj::Waits { waits } = state.as_mut().project() {
            match ready!(waits.poll(cx)) {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    state.set(State::Done);
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    state.set(State::Done);
                    return Poll::Ready(None);
                }
            }
            if let StateOwn::Waits { waits } = state.as_mut().project_replace(State::Done) {
                // Should it panic it is the turn of the next one.
                let turn = Some(waits.turn);
                let Some(value) = waits.value else { finished() };
                drop(waits.constructed);
                let chain = (waits.call)(value).into_chain();
                state.set(State::Follows { chain, turn });
            }
        }
        let StateProj::Follows { chain, turn } = state.as_mut().project() else {
            finished()
        };
        let polled = chain.poll_settle(cx);
        *turn = None;
        let outcome = ready!(polled);
        state.set(State::Done);
        Poll::Ready(outcome.map(lifted::<R, E, M>))
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.state {
            State::Idle { value, .. } => node(to, Node::Named("ready"), |to| value.describe(to)),
            State::Waits { waits } => {
                node(to, Node::Named("ready"), |to| {
                    waits.constructed.describe(to)
                });
            }
            State::Follows { chain, .. } => {
                node(to, Node::Named("ready"), |to| chain.describe(to));
            }
            State::Done => leaf(to, "ready"),
        }
    }
}

/// The outcome of what was called.
fn lifted<R, E, M>(out: <R::Chain as Future>::Output) -> Result<R::Value, E>
where
    R: Returned<M>,
    R::Kind: Lift<E>,
{
    R::Kind::outcome(out).map_err(<R::Kind as Lift<E>>::lift)
}

impl<T, E, C, F, M> fmt::Debug for ReadyCall<T, E, C, F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyCall").finish_non_exhaustive()
    }
}
