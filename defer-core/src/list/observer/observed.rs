//! A deferred that somebody observes.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::memory::Memory;
use super::shared::Ticket;
use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, sealed};
use crate::plan::Draw;

pin_project! {
    /// A chain whose outcome is told on its way: made by
    /// [`append`](super::DeferredListObserver::append).
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Observed<F, T, E, H: Memory<T, E>> {
        // Dropped before it is told that it is gone.
        #[pin]
        chain: F,
        ticket: Ticket<T, E, H>,
    }
}

impl<F, T, E, H: Memory<T, E>> Observed<F, T, E, H> {
    pub(super) fn new(chain: F, ticket: Ticket<T, E, H>) -> Self {
        Observed { chain, ticket }
    }
}

impl<F, T, E, H> Future for Observed<F, T, E, H>
where
    F: Chain<Output = Result<T, E>>,
    H: Memory<T, E>,
{
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.chain.poll(cx));
        this.ticket.settle(Some(&outcome));
        Poll::Ready(outcome)
    }
}

impl<F, T, E, H: Memory<T, E>> sealed::Sealed for Observed<F, T, E, H> {}

impl<F, T, E, H> Chain for Observed<F, T, E, H>
where
    F: Chain<Output = Result<T, E>>,
    H: Memory<T, E>,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.project();
        let unwind = this.chain.cancel();
        match &unwind {
            Unwind::Is(outcome) => this.ticket.settle(Some(outcome)),
            Unwind::Out => this.ticket.settle(None),
            Unwind::Idle | Unwind::Stays => {}
        }
        unwind
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = self.project();
        let settled = ready!(this.chain.poll_settle(cx));
        this.ticket.settle(settled.as_ref());
        Poll::Ready(settled)
    }
    // It is the deferred that was appended: to look at it from the side changes no drawing.
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}

impl<F, T, E, H: Memory<T, E>> fmt::Debug for Observed<F, T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}
