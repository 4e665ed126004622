//! One chain after another: what an errback and the fluent form are made of.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::boxed::{Boxes, Tail};
use crate::call::{finished, held};
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::plan::{Draw, Node, node};

/// What follows the outcome `O` of a first chain.
pub trait Step<O> {
    /// The chain that follows, if one does.
    type Next: Chain;
    /// The outcome of the whole.
    type Out;
    /// Look at the outcome: it passes, or something follows.
    fn step(self, outcome: O) -> Turn<Self::Out, Self::Next>;
    /// From the outcome of what followed.
    fn out(next: <Self::Next as Future>::Output) -> Self::Out;
    /// See [`Chain::tail`]: where [`out`](Step::out) changes nothing, `next.tail()`.
    #[doc(hidden)]
    fn tail<'a>(_: Pin<&mut Self::Next>) -> Option<Tail<'a, Self::Out>>
    where
        Self::Next: 'a,
    {
        None
    }
    /// Look at a cancellation, if the error type has `From<Cancelled>`.
    #[cold]
    #[inline(never)]
    fn cancelled(self) -> Option<Turn<Self::Out, Self::Next>>
    where
        Self: Sized,
    {
        None
    }
    /// How the step is drawn.
    fn node(&self) -> Node;
    /// Draw what the step would wait for besides the first chain.
    fn describe(&self, _: &mut dyn Draw) {}
}

/// What a step decides.
#[derive(Debug)]
pub enum Turn<O, N> {
    /// The outcome passes on.
    Passes(O),
    /// This follows.
    Follows(N),
}

impl<O, N> Turn<O, N> {
    /// Convert the outcome that passes.
    #[inline(always)]
    pub(crate) fn map<P>(self, f: impl FnOnce(O) -> P) -> Turn<P, N> {
        match self {
            Turn::Passes(out) => Turn::Passes(f(out)),
            Turn::Follows(next) => Turn::Follows(next),
        }
    }
}

pin_project! {
    /// A chain, then what its outcome asks for.
    #[project = ThenProj]
    #[must_use = "a chain does nothing until it is polled"]
    #[allow(missing_docs, reason = "the macro takes no docs on fields")]
    pub enum Then<F, S, N> {
        // For the first chain.
        First {
            // The first chain.
            #[pin] chain: F,
            // What looks at its outcome.
            step: Option<S>,
        },
        // For what followed.
        Next {
            // What followed.
            #[pin] chain: N,
        },
        // The outcome was yielded.
        Done,
    }
}

impl<F, S, N> Then<F, S, N> {
    #[inline(always)]
    pub(crate) fn new(chain: F, step: S) -> Self {
        Then::First {
            chain,
            step: Some(step),
        }
    }
}

impl<F: Chain, S: Step<F::Output>> Future for Then<F, S, S::Next> {
    type Output = S::Out;
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Out> {
        if let ThenProj::First { chain, step } = self.as_mut().project() {
            let outcome = ready!(chain.poll(cx));
            let step = held(step);
            // The first chain is dropped here, before anything follows.
            self.set(Then::Done);
            match step.step(outcome) {
                Turn::Passes(out) => return Poll::Ready(out),
                Turn::Follows(chain) => self.set(Then::Next { chain }),
            }
        }
        let ThenProj::Next { chain } = self.project() else {
            finished()
        };
        Poll::Ready(S::out(ready!(chain.poll(cx))))
    }
}

impl<F: Chain, S: Step<F::Output>> Then<F, S, S::Next> {
    /// Go on from the outcome of the first chain, or, without one, from a cancellation.
    #[cold]
    #[inline(never)]
    fn turn(mut self: Pin<&mut Self>, outcome: Option<F::Output>) -> Option<Turn<S::Out, ()>> {
        let ThenProj::First { step, .. } = self.as_mut().project() else {
            finished()
        };
        let step = held(step);
        self.set(Then::Done);
        let turn = match outcome {
            Some(outcome) => step.step(outcome),
            None => step.cancelled()?,
        };
        Some(match turn {
            Turn::Passes(out) => Turn::Passes(out),
            Turn::Follows(chain) => {
                self.set(Then::Next { chain });
                Turn::Follows(())
            }
        })
    }
}

impl<F, S, N> sealed::Sealed for Then<F, S, N> {}

impl<F: Chain, S: Step<F::Output>> Chain for Then<F, S, S::Next> {
    #[cold]
    #[inline(never)]
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let outcome = match self.as_mut().project() {
            ThenProj::First { chain, .. } => match chain.cancel() {
                Unwind::Idle => return Unwind::Idle,
                Unwind::Stays => return Unwind::Stays,
                Unwind::Is(outcome) => Some(outcome),
                Unwind::Out => None,
            },
            ThenProj::Next { chain } => return chain.cancel().map(S::out),
            ThenProj::Done => return Unwind::Idle,
        };
        match self.turn(outcome) {
            Some(Turn::Passes(out)) => Unwind::Is(out),
            Some(Turn::Follows(())) => Unwind::Stays,
            None => Unwind::Out,
        }
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Out>> {
        if let ThenProj::First { chain, .. } = self.as_mut().project() {
            let outcome = ready!(chain.poll_settle(cx));
            match self.as_mut().turn(outcome) {
                Some(Turn::Passes(out)) => return Poll::Ready(Some(out)),
                Some(Turn::Follows(())) => {}
                None => return Poll::Ready(None),
            }
        }
        let ThenProj::Next { chain } = self.project() else {
            finished()
        };
        Poll::Ready(ready!(chain.poll_settle(cx)).map(S::out))
    }
    fn describe(&self, to: &mut dyn Draw) {
        match self {
            Then::First { chain, step } => {
                let Some(step) = step else { return };
                node(to, step.node(), |to| {
                    chain.describe(to);
                    step.describe(to);
                });
            }
            Then::Next { chain } => chain.describe(to),
            Then::Done => {}
        }
    }
    fn tail<'a>(self: Pin<&mut Self>) -> Option<Tail<'a, S::Out>>
    where
        Self: 'a,
    {
        match self.project() {
            ThenProj::Next { chain } => S::tail(chain),
            _ => None,
        }
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        match self.project() {
            ThenProj::First { chain, .. } => chain.boxes(to),
            ThenProj::Next { chain } => chain.boxes(to),
            ThenProj::Done => {}
        }
    }
}

opaque_debug!(Then<F, S, N>);
