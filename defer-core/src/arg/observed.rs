//! A parameter `Result<T, E>`, which observes: a cancellation that leaves its argument is an
//! outcome like any other, where the error can be made of it.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::Arg;
use crate::adopt::AsOutcome;
use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Kind, OutOf};
use crate::plan::{Draw, Node, Site};

pin_project! {
    /// The chain of an observed argument.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Observed<F, K, R> {
        #[pin]
        chain: F,
        cancelled: AsOutcome<R>,
        site: &'static Site,
        kind: PhantomData<fn() -> K>,
    }
}
opaque_debug!(Observed<F, K, R>);

/// The chain of an argument as it was passed to the function at `site`.
#[inline]
pub fn observed<R, M, A: Arg<R, M>>(
    argument: A,
    cancelled: AsOutcome<R>,
    site: &'static Site,
) -> Observed<A::Chain, A::Kind, R> {
    Observed {
        chain: argument.into_chain(),
        cancelled,
        site,
        kind: PhantomData,
    }
}

impl<F, K: Kind, R> Observed<F, K, R> {
    /// A cancellation as what is observed.
    #[cold]
    fn outcome(&self) -> Option<OutOf<K, R>> {
        let outcome = self.cancelled.outcome(Node::Call(self.site))?;
        Some(K::out(Ok(outcome)))
    }
}

impl<F, K, R> Future for Observed<F, K, R>
where
    K: Kind,
    F: Chain<Output = OutOf<K, R>>,
{
    type Output = OutOf<K, R>;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().chain.poll(cx)
    }
}

impl<F, K, R> sealed::Sealed for Observed<F, K, R> {}

impl<F, K, R> Chain for Observed<F, K, R>
where
    K: Kind,
    F: Chain<Output = OutOf<K, R>>,
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
