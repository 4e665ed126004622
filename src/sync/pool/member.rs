//! A deferred that a pool knows of.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Asked, Course, Sealed, finished, node};
use defer_core::{Cancelled, Chain, Draw, Kind, Node, Returned, Unwind};
use pin_project_lite::pin_project;

use super::kind::MemberKind;
use super::seats::Seat;

pin_project! {
    /// A chain that is a member of a pool: made by
    /// [`DeferredPool::add`](super::DeferredPool::add).
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Pooled<F, R, M> {
        // `None` when the outcome was yielded. Dropped before the seat.
        #[pin]
        chain: Option<F>,
        asked: Asked,
        course: Course,
        // `None`: the pool was closed, or the outcome was yielded.
        seat: Option<Seat>,
        marker: PhantomData<fn(R) -> M>,
    }
}

type Outcome<R, M> =
    Result<<R as Returned<M>>::Value, <<R as Returned<M>>::Kind as MemberKind>::Failure>;

impl<F, R, M> Pooled<F, R, M> {
    pub(super) fn new(chain: F, asked: Asked, seat: Option<Seat>) -> Self {
        Pooled {
            chain: Some(chain),
            asked,
            course: Course::default(),
            seat,
            marker: PhantomData,
        }
    }
}

impl<R, M> Pooled<R::Chain, R, M>
where
    R: Returned<M>,
    R::Kind: MemberKind,
{
    /// What comes out, once the chain has ended with `out`, or was left.
    fn end(self: Pin<&mut Self>, out: Option<<R::Chain as Future>::Output>) -> Outcome<R, M> {
        let mut this = self.project();
        this.chain.set(None);
        *this.seat = None;
        match out {
            Some(out) => R::Kind::outcome(out).map_err(<R::Kind as MemberKind>::failure),
            None => Err(Cancelled.into()),
        }
    }
}

impl<R, M> Future for Pooled<R::Chain, R, M>
where
    R: Returned<M>,
    R::Kind: MemberKind,
{
    type Output = Outcome<R, M>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_mut().project();
        let Some(chain) = this.chain.as_pin_mut() else {
            finished()
        };
        if this.seat.is_none() {
            // The pool was closed before it came.
            return Poll::Ready(self.end(None));
        }
        let asked = this.asked.poll(cx);
        let out = ready!(this.course.poll(chain, asked, cx));
        Poll::Ready(self.end(out))
    }
}

impl<F, R, M> Sealed for Pooled<F, R, M> {}

impl<R, M> Chain for Pooled<R::Chain, R, M>
where
    R: Returned<M>,
    R::Kind: MemberKind,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.as_mut().project();
        let Some(chain) = this.chain.as_pin_mut() else {
            return Unwind::Idle;
        };
        let out = match this.course.cancel(chain) {
            Unwind::Idle => return Unwind::Idle,
            Unwind::Stays => return Unwind::Stays,
            Unwind::Is(out) => Some(out),
            Unwind::Out => None,
        };
        Unwind::Is(self.end(out))
    }
    // Its own `poll` knows whether the chain settles.
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("pooled"), |to| {
            if let Some(chain) = &self.chain {
                chain.describe(to);
            }
        });
    }
}

impl<F, R, M> fmt::Debug for Pooled<F, R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pooled").finish_non_exhaustive()
    }
}
