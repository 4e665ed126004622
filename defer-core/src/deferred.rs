//! `Deferred`: a result that is not there yet.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::boxed::{Boxed, Boxes, Tail};
use crate::chain::{Chain, Unwind, sealed};
use crate::plan::Draw;

pin_project! {
    /// A result that is not there yet: a future that annotated functions take as an argument.
    ///
    /// `Output` is what it yields: a `T` if it cannot fail, a `Result<T, E>` if it can.
    /// `F` is the [`Chain`] inside; left out, it is a [`Boxed`] one, so that `Deferred<T>`
    /// can be a field, a return type or a trait object's answer.
    ///
    /// A deferred is lazy: nothing runs before it is polled, and nothing runs twice.
    /// Dropping it drops everything inside it; no errback runs.
    ///
    /// ```
    /// use defer_core::{Deferred, defer, succeed};
    /// # futures::executor::block_on(async {
    /// let a = defer(async { 20 });
    /// let b: Deferred<u8> = succeed(22).boxed();
    /// assert_eq!(a.await + b.await, 42);
    /// # });
    /// ```
    #[must_use = "a deferred does nothing until it is awaited; one that was started stops when it is dropped: `detach` it"]
    pub struct Deferred<Output, F = Boxed<'static, Output>> {
        #[pin]
        chain: F,
        output: PhantomData<fn() -> Output>,
    }
}

impl<O, F> Deferred<O, F> {
    // No bound on `F`: annotated functions call this in generic code, where the
    // compiler would otherwise prove again what the signature has proved already.
    #[doc(hidden)]
    #[inline]
    pub const fn from_chain(chain: F) -> Self {
        Deferred {
            chain,
            output: PhantomData,
        }
    }

    // The facade makes chains of its own around others.
    #[doc(hidden)]
    #[inline]
    pub fn into_chain(self) -> F {
        self.chain
    }

    #[doc(hidden)]
    pub const fn as_chain(&self) -> &F {
        &self.chain
    }
}

impl<O, F: Chain<Output = O>> Deferred<O, F> {
    /// The tree of calls inside, without running any of them.
    ///
    /// ```
    /// use defer_core::{defer, succeed};
    ///
    /// let waiting = defer(async { 1 });
    /// assert_eq!(waiting.plan().to_string(), "future of i32\n");
    /// assert_eq!(succeed(1).plan().to_string(), "value\n");
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn plan(&self) -> crate::Plan {
        crate::Plan::of(&self.chain)
    }
}

/// Clones of one that is [shared](Deferred::shared).
impl<O, F: Clone> Clone for Deferred<O, F> {
    #[inline]
    fn clone(&self) -> Self {
        Deferred::from_chain(self.chain.clone())
    }
}

impl<O, F: Chain<Output = O>> Future for Deferred<O, F> {
    type Output = O;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        self.project().chain.poll(cx)
    }
}

impl<O, F> sealed::Sealed for Deferred<O, F> {}

impl<O, F: Chain<Output = O>> Chain for Deferred<O, F> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<O> {
        self.project().chain.cancel()
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
        self.project().chain.poll_settle(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
    fn tail<'a>(self: Pin<&mut Self>) -> Option<Tail<'a, O>>
    where
        Self: 'a,
    {
        self.project().chain.tail()
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}

impl<O, F> fmt::Debug for Deferred<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").finish_non_exhaustive()
    }
}
