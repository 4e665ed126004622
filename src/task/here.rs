//! Units of work in the task that awaits them.

use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};

use defer_core::__private::Sealed;
use defer_core::{Chain, Deferred, Draw, Returned, Unwind};
use pin_project_lite::pin_project;

use super::cooperator::Budget;
use super::units::{Source, Taken, Units};
use super::work::WorkKind;

/// A deferred that does the units of an iterator where it is awaited, and lets the runtime go
/// on every millisecond.
///
/// No cooperator has a part in it, nothing is allocated, and nothing has to be `Send`. Several
/// of them in one task take turns as the arguments of a call do, each for its millisecond.
/// It yields `()`, or fails with the first error of a unit: with [`Failure`](crate::Failure) if
/// units cannot fail, which does not happen. A panic unwinds through the poll.
///
/// Cancelling it cancels what a unit waits for, and drops the iterator. Dropping it drops both.
///
/// ```
/// use defer::task::iterate_here;
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = Rc::new(Cell::new(0)); // not `Send`
/// let add = |n| sum.set(sum.get() + n);
/// iterate_here((0..1000).map(add)).await.unwrap();
/// assert_eq!(sum.get(), 499_500);
/// # }
/// ```
pub fn iterate_here<I, M>(
    units: I,
) -> Deferred<
    Result<(), <<I::Item as Returned<M>>::Kind as WorkKind>::Error>,
    Here<Taken<I::IntoIter>, M>,
>
where
    I: IntoIterator,
    I::Item: Returned<M>,
    <I::Item as Returned<M>>::Kind: WorkKind,
{
    let units = Units::new(Taken(units.into_iter()));
    Deferred::from_chain(Here { units })
}

pin_project! {
    /// A chain that does units of work for a while in each poll: made by [`iterate_here`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Here<S, M>
    where
        S: Source,
        S::Unit: Returned<M>,
    {
        #[pin]
        units: Units<S, M>,
    }
}

impl<S, M> Future for Here<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
    <S::Unit as Returned<M>>::Kind: WorkKind,
{
    type Output = <Units<S, M> as Future>::Output;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut units = self.project().units;
        let mut budget = Budget::default();
        let mut turn = budget.begin();
        loop {
            if let Some(outcome) = ready!(units.as_mut().poll_unit(cx)) {
                return Poll::Ready(outcome);
            }
            if turn.is_over() {
                // Sockets and timers have their turn, too, before this goes on.
                let _ = pin!(tokio::task::yield_now()).poll(cx);
                return Poll::Pending;
            }
        }
    }
}

impl<S, M> Sealed for Here<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
{
}

impl<S, M> Chain for Here<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
    <S::Unit as Returned<M>>::Kind: WorkKind,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        self.project().units.cancel()
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        self.project().units.poll_settle(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.units.describe(to);
    }
}

impl<S, M> fmt::Debug for Here<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Here").finish_non_exhaustive()
    }
}
