//! Work that is done while a guard is held.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Sealed, finished, node};
use defer_core::{Chain, Deferred, Draw, Node, OutOf, Returned, Unwind};
use pin_project_lite::pin_project;

use super::acquire::{Acquirable, Acquire};

/// What `run` calls once it has its guard.
///
/// Implemented for what stands in the types of [`Run`] only.
pub trait Call<G>: Sealed {
    /// What the work waits for.
    type Chain: Chain;
    #[doc(hidden)]
    fn call(self, guard: &mut G) -> Self::Chain;
}

/// A closure that is called without anything: of
/// [`DeferredSemaphore::run`](super::DeferredSemaphore::run).
pub struct Alone<C, M>(pub(super) C, pub(super) PhantomData<fn() -> M>);

/// A closure that is shown what is locked: of [`DeferredLock::run`](super::DeferredLock::run).
pub struct Shown<C, M>(pub(super) C, pub(super) PhantomData<fn() -> M>);

impl<C, M> Sealed for Alone<C, M> {}
impl<C, M> Sealed for Shown<C, M> {}

impl<G, C, R, M> Call<G> for Alone<C, M>
where
    C: FnOnce() -> R,
    R: Returned<M>,
{
    type Chain = R::Chain;
    fn call(self, _: &mut G) -> R::Chain {
        (self.0)().into_chain()
    }
}

impl<G, C, R, M> Call<G> for Shown<C, M>
where
    G: core::ops::DerefMut<Target: Sized>,
    C: FnOnce(&mut G::Target) -> R,
    R: Returned<M>,
{
    type Chain = R::Chain;
    fn call(self, guard: &mut G) -> R::Chain {
        (self.0)(guard).into_chain()
    }
}

pin_project! {
    /// A chain that acquires, calls a function, and releases when what that gave has its
    /// outcome: made by `run`.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Run<L: Acquirable, C, F> {
        #[pin]
        state: State<L, C, F, L::Guard>,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<L: Acquirable, C, F, G> {
        Waits { acquire: Acquire<L>, call: Option<C> },
        // In this order they are dropped: what has to do with the work goes before the guard.
        Works { #[pin] chain: F, guard: G },
        Done,
    }
}

/// The deferred of a `run`, by what its closure returns.
pub(super) type RunOf<L, C, R, M> =
    Deferred<OutOf<<R as Returned<M>>::Kind, <R as Returned<M>>::Value>, Run<L, C, ChainOf<R, M>>>;
type ChainOf<R, M> = <R as Returned<M>>::Chain;

impl<L: Acquirable, C: Call<L::Guard>> Run<L, C, C::Chain> {
    pub(super) fn new(from: L, call: C) -> Self {
        let (acquire, call) = (Acquire::new(from), Some(call));
        Run {
            state: State::Waits { acquire, call },
        }
    }
}

impl<L: Acquirable, C: Call<L::Guard>> Future for Run<L, C, C::Chain> {
    type Output = <C::Chain as Future>::Output;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        if let StateProj::Waits { acquire, call } = state.as_mut().project() {
            let mut guard = ready!(Pin::new(acquire).poll(cx));
            let call = call.take();
            state.set(State::Done);
            if let Some(call) = call {
                // A panic in here drops the guard, too.
                let chain = call.call(&mut guard);
                state.set(State::Works { chain, guard });
            }
        }
        let StateProj::Works { chain, .. } = state.as_mut().project() else {
            finished()
        };
        let outcome = ready!(chain.poll(cx));
        state.set(State::Done);
        Poll::Ready(outcome)
    }
}

impl<L: Acquirable, C, F> Sealed for Run<L, C, F> {}

impl<L: Acquirable, C: Call<L::Guard>> Chain for Run<L, C, C::Chain> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut state = self.project().state;
        let unwind = match state.as_mut().project() {
            // What has not begun does not begin: a guard that has been granted goes on to the
            // next one that waits.
            StateProj::Waits { acquire, .. } if acquire.has_begun() => Unwind::Out,
            StateProj::Waits { .. } | StateProj::Done => return Unwind::Idle,
            StateProj::Works { chain, .. } => chain.cancel(),
        };
        if matches!(unwind, Unwind::Is(_) | Unwind::Out) {
            state.set(State::Done);
        }
        unwind
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let mut state = self.as_mut().project().state;
        let StateProj::Works { chain, .. } = state.as_mut().project() else {
            return self.poll(cx).map(Some);
        };
        let settled = ready!(chain.poll_settle(cx));
        state.set(State::Done);
        Poll::Ready(settled)
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("run"), |to| match &self.state {
            State::Waits { acquire, .. } => acquire.describe(to),
            State::Works { chain, .. } => chain.describe(to),
            State::Done => {}
        });
    }
}

impl<L: Acquirable, C, F> fmt::Debug for Run<L, C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}

impl<C, M> fmt::Debug for Alone<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alone").finish_non_exhaustive()
    }
}

impl<C, M> fmt::Debug for Shown<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").finish_non_exhaustive()
    }
}
