//! The chain behind a pointer: one type for every way to get a `T`.

#[cfg(feature = "alloc")]
pub use with_alloc::{Boxed, LocalBoxed};

#[cfg(feature = "alloc")]
mod with_alloc {
    use alloc::boxed::Box;
    use core::fmt;
    use core::future::Future;
    use core::pin::Pin;
    use core::task::{Context, Poll};

    use crate::Deferred;
    use crate::chain::{Chain, Unwind, sealed};
    use crate::plan::Draw;

    /// A chain on the heap that may move between threads: made by [`Deferred::boxed`].
    pub struct Boxed<'a, O>(Pin<Box<dyn Chain<Output = O> + Send + 'a>>);

    /// A chain on the heap that stays on its thread: made by [`Deferred::boxed_local`].
    pub struct LocalBoxed<'a, O>(Pin<Box<dyn Chain<Output = O> + 'a>>);

    macro_rules! boxed {
        ($Boxed:ident) => {
            impl<O> Future for $Boxed<'_, O> {
                type Output = O;
                fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
                    self.0.as_mut().poll(cx)
                }
            }
            impl<O> sealed::Sealed for $Boxed<'_, O> {}
            impl<O> Chain for $Boxed<'_, O> {
                fn cancel(mut self: Pin<&mut Self>) -> Unwind<O> {
                    self.0.as_mut().cancel()
                }
                fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
                    self.0.as_mut().poll_settle(cx)
                }
                fn describe(&self, to: &mut dyn Draw) {
                    self.0.describe(to);
                }
            }
            impl<O> fmt::Debug for $Boxed<'_, O> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($Boxed)).finish_non_exhaustive()
                }
            }
        };
    }
    boxed!(Boxed);
    boxed!(LocalBoxed);

    impl<O, F: Chain<Output = O>> Deferred<O, F> {
        /// Put the chain on the heap (one allocation), behind the one type `Deferred<O>`.
        ///
        /// For struct fields, for deferreds of different origin in one list, for
        /// recursion. A deferred that borrows is a `Deferred<O, Boxed<'a, O>>`.
        ///
        /// ```
        /// use defer_core::{Deferred, defer, succeed};
        ///
        /// let cached = Some(3);
        /// let size: Deferred<u32> = match cached {
        ///     Some(size) => succeed(size).boxed(),
        ///     None => defer(async { 4 }).boxed(),
        /// };
        /// # assert_eq!(futures::executor::block_on(size), 3);
        /// ```
        pub fn boxed<'a>(self) -> Deferred<O, Boxed<'a, O>>
        where
            F: Send + 'a,
        {
            Deferred::from_chain(Boxed(Box::pin(self.into_chain())))
        }

        /// As [`boxed`](Deferred::boxed), for chains that are not `Send`.
        ///
        /// ```
        /// use defer_core::defer;
        /// use std::rc::Rc;
        ///
        /// let shared = Rc::new(3);
        /// let size = defer(async move { *shared }).boxed_local();
        /// # assert_eq!(futures::executor::block_on(size), 3);
        /// ```
        pub fn boxed_local<'a>(self) -> Deferred<O, LocalBoxed<'a, O>>
        where
            F: 'a,
        {
            Deferred::from_chain(LocalBoxed(Box::pin(self.into_chain())))
        }
    }
}

/// Stands where a boxed chain would, when the feature `alloc` is off; it has no values.
#[cfg(not(feature = "alloc"))]
#[derive(Debug)]
pub struct Boxed<'a, O>(
    core::convert::Infallible,
    core::marker::PhantomData<(&'a (), fn() -> O)>,
);
