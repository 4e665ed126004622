//! A parameter `Result<T, E>`, which observes: a cancellation that leaves its argument is an
//! outcome like any other, where the error can be made of it.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::Arg;
use crate::adopt::AsError;
use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Kind, OutOf};
use crate::plan::{Draw, Node, Site};

/// An argument for a parameter that observes: what the attributes make of it.
#[derive(Debug)]
pub struct Observe<A, E> {
    argument: A,
    cancelled: AsError<E>,
    site: &'static Site,
}

impl<A, E> Observe<A, E> {
    /// From the argument, and what a cancellation is for the function at `site`.
    #[inline]
    pub fn new(argument: A, cancelled: AsError<E>, site: &'static Site) -> Self {
        Observe {
            argument,
            cancelled,
            site,
        }
    }
}

/// The marker of an observed argument; `M` tells its form.
pub struct Observing<M>(PhantomData<fn() -> M>);

impl<M> fmt::Debug for Observing<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observing")
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, M, A: Arg<Result<T, E>, M>> Arg<Result<T, E>, Observing<M>> for Observe<A, E> {
    type Kind = A::Kind;
    type Chain = Observed<A::Chain, A::Kind, T, E>;
    #[inline]
    fn into_chain(self) -> Self::Chain {
        Observed {
            chain: self.argument.into_chain(),
            cancelled: self.cancelled,
            site: self.site,
            kind: PhantomData,
        }
    }
}

pin_project! {
    /// The chain of an observed argument.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Observed<F, K, T, E> {
        #[pin]
        chain: F,
        cancelled: AsError<E>,
        site: &'static Site,
        kind: PhantomData<fn() -> (K, T)>,
    }
}
opaque_debug!(Observed<F, K, T, E>);

impl<F, K: Kind, T, E> Observed<F, K, T, E> {
    /// A cancellation as what is observed.
    #[cold]
    fn outcome(&self) -> Option<OutOf<K, Result<T, E>>> {
        let error = self.cancelled.error(Node::Call(self.site))?;
        Some(K::out(Ok(Err(error))))
    }
}

impl<F, K, T, E> Future for Observed<F, K, T, E>
where
    K: Kind,
    F: Chain<Output = OutOf<K, Result<T, E>>>,
{
    type Output = OutOf<K, Result<T, E>>;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().chain.poll(cx)
    }
}

impl<F, K, T, E> sealed::Sealed for Observed<F, K, T, E> {}

impl<F, K, T, E> Chain for Observed<F, K, T, E>
where
    K: Kind,
    F: Chain<Output = OutOf<K, Result<T, E>>>,
{
    #[cold]
    #[inline(never)]
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        match self.as_mut().project().chain.cancel() {
            Unwind::Out => self.outcome().map_or(Unwind::Out, Unwind::Is),
            unwind => unwind,
        }
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let settled = ready!(self.as_mut().project().chain.poll_settle(cx));
        Poll::Ready(settled.or_else(|| self.outcome()))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
    fn waits(&self) -> bool {
        self.chain.waits()
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}
