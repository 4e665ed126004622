//! Units of work, one after the other.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Sealed, finished, leaf, node};
use defer_core::{Chain, Draw, Kind, Node, Returned, Unwind};
use futures_core::Stream;
use pin_project_lite::pin_project;

use super::work::WorkKind;

/// What units of work are taken from: an iterator or a stream.
pub trait Source: Sealed {
    /// A unit of work.
    type Unit;
    /// What it is called in a plan.
    const NAME: &'static str;
    /// Take the next one.
    fn poll_unit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Unit>>;
}

/// An iterator as a [`Source`].
#[derive(Debug)]
pub struct Taken<I>(pub(super) I);

impl<I> Unpin for Taken<I> {}
impl<I> Sealed for Taken<I> {}

impl<I: Iterator> Source for Taken<I> {
    type Unit = I::Item;
    const NAME: &'static str = "iterator";
    fn poll_unit(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

pin_project! {
    /// A stream as a [`Source`].
    #[derive(Debug)]
    pub struct Streamed<S> {
        #[pin]
        pub(super) stream: S,
    }
}

impl<S> Sealed for Streamed<S> {}

impl<S: Stream> Source for Streamed<S> {
    type Unit = S::Item;
    const NAME: &'static str = "stream";
    fn poll_unit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().stream.poll_next(cx)
    }
}

pin_project! {
    /// A chain that does units of work, one in each poll: what becomes of an iterator or a
    /// stream that is [`Work`](super::Work).
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Units<S, M>
    where
        S: Source,
        S::Unit: Returned<M>,
    {
        // `None` when it has ended. What its units wait for is dropped first.
        #[pin]
        unit: Option<<S::Unit as Returned<M>>::Chain>,
        #[pin]
        source: Option<S>,
        begun: bool,
        cancelled: bool,
        marker: PhantomData<fn() -> M>,
    }
}

/// How units of work fail.
type ErrorOf<U, M> = <<U as Returned<M>>::Kind as WorkKind>::Error;

impl<S, M> Units<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
    <S::Unit as Returned<M>>::Kind: WorkKind,
{
    pub(super) fn new(source: S) -> Self {
        Units {
            unit: None,
            source: Some(source),
            begun: false,
            cancelled: false,
            marker: PhantomData,
        }
    }

    /// Do what is left of a unit, and the next one. `None`: more may follow.
    pub(super) fn poll_unit(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), ErrorOf<S::Unit, M>>>> {
        let mut this = self.project();
        *this.begun = true;
        let mut taken = false;
        loop {
            if let Some(unit) = this.unit.as_mut().as_pin_mut() {
                let outcome = Kinds::<S, M>::outcome(ready!(unit.poll(cx)));
                this.unit.set(None);
                if let Err(error) = outcome {
                    this.source.set(None);
                    let error = Kinds::<S, M>::error(error);
                    return Poll::Ready(Some(Err(error)));
                }
                if taken {
                    return Poll::Ready(None);
                }
            }
            let Some(source) = this.source.as_mut().as_pin_mut() else {
                finished()
            };
            let Some(unit) = ready!(source.poll_unit(cx)) else {
                this.source.set(None);
                return Poll::Ready(Some(Ok(())));
            };
            this.unit.set(Some(unit.into_chain()));
            taken = true;
        }
    }
}

/// The kind of the units of a source.
type Kinds<S, M> = <<S as Source>::Unit as Returned<M>>::Kind;

impl<S, M> Future for Units<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
    <S::Unit as Returned<M>>::Kind: WorkKind,
{
    type Output = Result<(), ErrorOf<S::Unit, M>>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match ready!(self.poll_unit(cx)) {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl<S, M> Sealed for Units<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
{
}

impl<S, M> Chain for Units<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
    <S::Unit as Returned<M>>::Kind: WorkKind,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut this = self.project();
        if this.source.is_none() || !*this.begun {
            return Unwind::Idle;
        }
        let unwind = match this.unit.as_mut().as_pin_mut() {
            None => Unwind::Out,
            Some(unit) => unit.cancel(),
        };
        // No unit follows, whatever comes of this one. Its failure stands.
        let outcome = match unwind {
            Unwind::Idle | Unwind::Stays => {
                *this.cancelled = true;
                return Unwind::Stays;
            }
            Unwind::Is(out) => Kinds::<S, M>::outcome(out).err(),
            Unwind::Out => None,
        };
        this.unit.set(None);
        this.source.set(None);
        match outcome {
            Some(error) => Unwind::Is(Err(Kinds::<S, M>::error(error))),
            None => Unwind::Out,
        }
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        if !self.cancelled {
            return self.poll(cx).map(Some);
        }
        let mut this = self.project();
        let Some(unit) = this.unit.as_mut().as_pin_mut() else {
            finished()
        };
        let settled = ready!(unit.poll_settle(cx));
        this.unit.set(None);
        this.source.set(None);
        let error = settled.and_then(|out| Kinds::<S, M>::outcome(out).err());
        Poll::Ready(error.map(|error| Err(Kinds::<S, M>::error(error))))
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.unit {
            Some(unit) => node(to, Node::Named(S::NAME), |to| unit.describe(to)),
            None => leaf(to, S::NAME),
        }
    }
}

impl<S, M> fmt::Debug for Units<S, M>
where
    S: Source,
    S::Unit: Returned<M>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Units").finish_non_exhaustive()
    }
}
