//! The chain behind a pointer: one type for every way to get a `T`.

#[cfg(feature = "alloc")]
pub use with_alloc::{Boxed, LocalBoxed};

#[cfg(feature = "alloc")]
mod with_alloc {
    use core::fmt;
    use core::future::Future;
    use core::pin::Pin;
    use core::task::{Context, Poll};

    use crate::Deferred;
    use crate::call::finished;
    use crate::chain::{Chain, Unwind, sealed};
    use crate::node::{Boxes, Movable, Raw, Tail};
    use crate::plan::Draw;

    /// A chain on the heap that may move between threads: made by [`Deferred::boxed`].
    pub struct Boxed<'a, O>(Movable<'a, O>);

    /// A chain on the heap that stays on its thread: made by [`Deferred::boxed_local`].
    pub struct LocalBoxed<'a, O>(Raw<'a, O>);

    macro_rules! boxed {
        ($Boxed:ident) => {
            impl<O> Future for $Boxed<'_, O> {
                type Output = O;
                fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
                    // Only a cancellation leaves a box without an outcome.
                    let polled = self.0.poll(cx, false);
                    polled.map(|outcome| outcome.unwrap_or_else(|| finished()))
                }
            }
            impl<O> sealed::Sealed for $Boxed<'_, O> {}
            impl<O> Chain for $Boxed<'_, O> {
                fn cancel(mut self: Pin<&mut Self>) -> Unwind<O> {
                    self.0.cancel()
                }
                fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
                    self.0.poll(cx, true)
                }
                fn describe(&self, to: &mut dyn Draw) {
                    self.0.describe(to);
                }
                fn tail<'t>(mut self: Pin<&mut Self>) -> Option<Tail<'t, O>>
                where
                    Self: 't,
                {
                    self.0.take()
                }
                fn boxes(mut self: Pin<&mut Self>, to: &mut Boxes) {
                    self.0.boxes(to);
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
        /// A box is polled inside only when something in it has woken its task: a tree of
        /// boxed calls costs its depth at each wake-up, not its size. A future that says it
        /// is pending and never wakes is not polled again, whatever else in the task moves.
        ///
        /// Boxes may be nested as deep as memory allows (with the feature `std`), as long as
        /// what is between two of them are calls and the fluent form, not somebody's own
        /// future. A callback that returns a box as its last deed is replaced by it, so that
        /// recursion of this kind needs no more memory in the millionth round than in the
        /// first:
        ///
        /// ```
        /// use defer_core::{AddCallback, Deferred, succeed};
        ///
        /// fn countdown(n: u32) -> Deferred<u32> {
        ///     if n == 0 {
        ///         return succeed(0).boxed();
        ///     }
        ///     succeed(n).add_callback(|n| countdown(n - 1)).boxed()
        /// }
        /// # assert_eq!(futures::executor::block_on(countdown(10_000)), 0);
        /// ```
        ///
        /// Dropping the box drops the chain, here and now; a waker that somebody still has
        /// keeps the memory. Cancelling cancels the chain. A panic of the chain goes through;
        /// deep inside a nest of boxes it drops what is in them.
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
            Deferred::from_chain(Boxed(Movable::new(self.into_chain())))
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
            Deferred::from_chain(LocalBoxed(Raw::new(self.into_chain())))
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

/// Stand where boxes are not.
#[cfg(not(feature = "alloc"))]
mod without_alloc {
    use core::convert::Infallible;
    use core::marker::PhantomData;

    use crate::plan::Site;

    /// See the feature `alloc`.
    #[derive(Debug)]
    pub struct Tail<'a, O>(Infallible, PhantomData<(&'a (), fn() -> O)>);

    /// See the feature `alloc`.
    #[derive(Debug)]
    pub struct Boxes(Infallible);

    pub(crate) struct Adoption<O>(PhantomData<fn() -> O>);

    impl<O> Adoption<O> {
        pub(crate) fn new(_: &'static Site, _: fn(&'static Site) -> Option<O>) -> Self {
            Adoption(PhantomData)
        }
    }

    impl<O> Tail<'_, O> {
        pub(crate) fn adopted(self, _: Adoption<O>) -> Self {
            self
        }
    }
}
#[cfg(not(feature = "alloc"))]
pub(crate) use self::without_alloc::Adoption;
#[cfg(not(feature = "alloc"))]
pub(crate) use self::without_alloc::{Boxes, Tail};
#[cfg(feature = "alloc")]
pub(crate) use crate::node::Adoption;
#[cfg(feature = "alloc")]
pub(crate) use crate::node::{Boxes, Tail};
