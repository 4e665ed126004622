//! Handing an outcome on to a hand-made deferred.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::plan::{Draw, Node, node};
use crate::{Cancelled, Deferred, Resolver};

pin_project! {
    /// A chain that fires another deferred with its outcome: made by
    /// [`Deferred::chain_into`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct ChainInto<F, T, E> {
        #[pin]
        chain: F,
        follower: Option<Resolver<T, E>>,
        begun: bool,
    }
}
opaque_debug!(ChainInto<F, T, E>);

/// Fire the follower, if it has not been dropped or cancelled.
fn fire<T: Clone, E: Clone>(follower: &mut Option<Resolver<T, E>>, outcome: &Result<T, E>) {
    if let Some(follower) = follower.take().filter(|follower| !follower.is_cancelled()) {
        // Nobody waits for it, if it comes back.
        let _ = follower.resolve(outcome.clone());
    }
}

fn cancel<T, E: From<Cancelled>>(follower: &mut Option<Resolver<T, E>>) {
    if let Some(follower) = follower.take() {
        follower.cancel();
    }
}

impl<T: Clone, E: Clone, F: Chain<Output = Result<T, E>>> Future for ChainInto<F, T, E> {
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        *this.begun = true;
        let outcome = ready!(this.chain.poll(cx));
        fire(this.follower, &outcome);
        Poll::Ready(outcome)
    }
}

impl<F, T, E> sealed::Sealed for ChainInto<F, T, E> {}

impl<T, E, F> Chain for ChainInto<F, T, E>
where
    T: Clone,
    E: Clone + From<Cancelled>,
    F: Chain<Output = Result<T, E>>,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.project();
        match this.chain.cancel() {
            Unwind::Is(outcome) => {
                fire(this.follower, &outcome);
                Unwind::Is(outcome)
            }
            // What has not begun does not begin, and the follower is not to hear that it
            // was abandoned.
            Unwind::Idle if !*this.begun => {
                cancel(this.follower);
                Unwind::Out
            }
            Unwind::Out => {
                cancel(this.follower);
                Unwind::Out
            }
            other => other,
        }
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = self.project();
        let settled = ready!(this.chain.poll_settle(cx));
        match &settled {
            Some(outcome) => fire(this.follower, outcome),
            None => cancel(this.follower),
        }
        Poll::Ready(settled)
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("chain_into"), |to| self.chain.describe(to));
    }
}

impl<T, E, F: Chain<Output = Result<T, E>>> Deferred<Result<T, E>, F> {
    /// Fire another deferred with this one's outcome, and go on with it.
    ///
    /// The value passes on, so that what is added afterwards has it, too, and several
    /// followers can be chained one after the other. A follower that has been cancelled or
    /// dropped is not fired. Cancelling this deferred cancels the follower (its canceller
    /// runs), once the cancellation has got this far outward. Dropping it drops the
    /// resolver: the follower fails with [`Abandoned`](crate::Abandoned). A resolver can be
    /// given away once, so that a deferred which is chained cannot be fired by anyone else.
    ///
    /// Twisted's `chainDeferred` leaves `None` behind and does not cancel; this is what
    /// Terry Jones' `tdefer` made of it.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (resolver, first) = Deferred::<Result<u8, Failure>, _>::new();
    /// let (hand_on, follower) = Deferred::<Result<u8, Failure>, _>::new();
    /// let first = first.chain_into(hand_on).add_callback(|n| n + 1);
    /// resolver.callback(3).unwrap();
    /// assert_eq!(first.await.unwrap(), 4);
    /// assert_eq!(follower.await.unwrap(), 3);
    /// # });
    /// ```
    pub fn chain_into(self, follower: Resolver<T, E>) -> Deferred<Result<T, E>, ChainInto<F, T, E>>
    where
        T: Clone,
        E: Clone + From<Cancelled>,
    {
        Deferred::from_chain(ChainInto {
            chain: self.into_chain(),
            follower: Some(follower),
            begun: false,
        })
    }
}
