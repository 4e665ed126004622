//! The one trait that everything inside a deferred implements.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::boxed::{Boxes, Tail};
use crate::kind::{Kind, OutOf};
use crate::plan::Draw;
use crate::slot::Slot;

pub(crate) mod sealed {
    /// Implemented by what is a chain.
    pub trait Sealed {}
}

/// What a [`Deferred`](crate::Deferred) is made of: a future that can be cancelled where
/// it waits and drawn before it runs.
///
/// Every combinator of this library is a chain; foreign futures become one through
/// [`defer`](crate::defer). The trait is sealed: it appears in signatures
/// (`Deferred<T, impl Chain<Output = T>>`) and is implemented in this library only.
///
/// ```
/// use defer_core::{Chain, Deferred, defer};
///
/// fn answer() -> Deferred<u8, impl Chain<Output = u8>> {
///     defer(async { 42 })
/// }
/// # assert_eq!(futures::executor::block_on(answer()), 42);
/// ```
///
/// A chain that has yielded its outcome holds nothing that is pending, whether its owner
/// drops it at once or later: what a failure made useless has been dropped.
///
/// # Panics
///
/// Polling a chain again after it has yielded its outcome panics, as with any future.
pub trait Chain: Future + sealed::Sealed {
    /// Raise a cancellation at the point where the chain waits now.
    ///
    /// The request travels down to the leaves that are pending. What comes back tells
    /// the caller who goes on: see [`Unwind`]. The cancellation then travels *outward*
    /// as the returned value, without an error type of its own, so that a chain whose
    /// errors cannot express it can still be left by it. It may be raised again while the
    /// chain settles: then whatever cleans up is cancelled.
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output>;

    /// What takes the place of `poll` once `cancel` has answered [`Unwind::Stays`].
    ///
    /// `None`: the cancellation has left the chain, after everything inside had cleaned up.
    /// A chain that was never cancelled does here what it does in `poll`.
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        self.poll(cx).map(Some)
    }

    /// Draw the chain as it is now, without polling it.
    fn describe(&self, to: &mut dyn Draw);

    /// After a poll that was pending: the box that the chain waits for last, if its outcome
    /// is the chain's own. The chain is dropped, then, and its box becomes that one.
    #[doc(hidden)]
    fn tail<'a>(self: Pin<&mut Self>) -> Option<Tail<'a, Self::Output>>
    where
        Self: 'a,
    {
        None
    }

    /// Poll the slot that this chain is in: whether it still waits.
    ///
    /// A hook, with [`take`](Chain::take), for what waits for nothing: most arguments are
    /// plain values, and half of the code of a call would be to carry them about.
    #[doc(hidden)]
    #[inline(always)]
    fn fill<K: Kind, T>(
        slot: Pin<&mut Slot<Self, K, T>>,
        cx: &mut Context<'_>,
    ) -> Result<bool, K::Error>
    where
        Self: Sized + Future<Output = OutOf<K, T>>,
    {
        slot.poll_chain(cx)
    }

    /// Take the value out of the slot.
    #[doc(hidden)]
    #[inline(always)]
    fn take<K: Kind, T>(slot: Pin<&mut Slot<Self, K, T>>) -> T
    where
        Self: Sized + Future<Output = OutOf<K, T>>,
    {
        slot.take_value()
    }

    /// Whether it waits for anything.
    #[doc(hidden)]
    #[inline(always)]
    fn waits(&self) -> bool {
        true
    }

    /// The boxes that `poll` would poll, and that `cancel` would cancel, in that order.
    #[doc(hidden)]
    fn boxes(self: Pin<&mut Self>, _: &mut Boxes) {}
}

/// What became of a cancellation that was raised in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwind<O> {
    /// Nothing inside was waiting: the chain has not begun, or its outcome is there.
    /// Nothing has changed; poll as before.
    Idle,
    /// This is the outcome: the chain is done, do not poll it.
    Is(O),
    /// Something inside cleans up, or goes on: [`poll_settle`](Chain::poll_settle) from now on.
    Stays,
    /// It has left the chain, which has no outcome any more: drop it, do not poll it.
    Out,
}

impl<O> Unwind<O> {
    /// Convert the outcome.
    #[must_use]
    pub fn map<P>(self, f: impl FnOnce(O) -> P) -> Unwind<P> {
        match self {
            Unwind::Idle => Unwind::Idle,
            Unwind::Is(outcome) => Unwind::Is(f(outcome)),
            Unwind::Stays => Unwind::Stays,
            Unwind::Out => Unwind::Out,
        }
    }
}

/// `Debug` for futures whose insides are not worth a bound on every parameter.
macro_rules! opaque_debug {
    ($($Type:ident<$($param:tt),+>),+ $(,)?) => {$(
        impl<$($param),+> ::core::fmt::Debug for $Type<$($param),+> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($Type)).finish_non_exhaustive()
            }
        }
    )+};
}
pub(crate) use opaque_debug;
