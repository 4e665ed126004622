//! One of two chains.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::plan::Draw;

pin_project! {
    /// One of two chains: what a pair of callbacks leads to.
    #[project = EitherProj]
    #[must_use = "a chain does nothing until it is polled"]
    #[allow(missing_docs, reason = "the macro takes no docs on fields")]
    pub enum Either<A, B> {
        // The first.
        Left {
            // The chain.
            #[pin] chain: A,
        },
        // The second.
        Right {
            // The chain.
            #[pin] chain: B,
        },
    }
}

/// The outcome of one of two chains.
#[derive(Debug)]
pub enum Sided<A, B> {
    /// Of the first.
    Left(A),
    /// Of the second.
    Right(B),
}

impl<A: Future, B: Future> Future for Either<A, B> {
    type Output = Sided<A::Output, B::Output>;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            EitherProj::Left { chain } => chain.poll(cx).map(Sided::Left),
            EitherProj::Right { chain } => chain.poll(cx).map(Sided::Right),
        }
    }
}

impl<A, B> sealed::Sealed for Either<A, B> {}

impl<A: Chain, B: Chain> Chain for Either<A, B> {
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        match self.project() {
            EitherProj::Left { chain } => chain.cancel().map(Sided::Left),
            EitherProj::Right { chain } => chain.cancel().map(Sided::Right),
        }
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        match self.project() {
            EitherProj::Left { chain } => chain.poll_settle(cx).map(|out| out.map(Sided::Left)),
            EitherProj::Right { chain } => chain.poll_settle(cx).map(|out| out.map(Sided::Right)),
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        match self {
            Either::Left { chain } => chain.describe(to),
            Either::Right { chain } => chain.describe(to),
        }
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        match self.project() {
            EitherProj::Left { chain } => chain.boxes(to),
            EitherProj::Right { chain } => chain.boxes(to),
        }
    }
}
opaque_debug!(Either<A, B>);
