//! The leaves of a chain: values that are there, and futures that are not ours.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::Deferred;
use crate::call::{finished, held};
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Kind, OutOf};
use crate::plan::{Draw, leaf, leaf_of};
use crate::slot::Slot;

/// A value that is there already: the chain of [`succeed`] and [`fail`].
#[derive(Debug)]
#[must_use = "a chain does nothing until it is polled"]
pub struct Value<T>(Option<T>);

impl<T> Value<T> {
    #[inline]
    pub(crate) const fn new(value: T) -> Self {
        Value(Some(value))
    }
}

impl<T> Unpin for Value<T> {}

impl<T> Future for Value<T> {
    type Output = T;
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        Poll::Ready(held(&mut self.0))
    }
}

/// The value by the name that bounds on the outcome give to its type.
trait Kept: Future {
    fn kept(&mut self) -> &mut Option<Self::Output>;
}

impl<T> Kept for Value<T> {
    #[inline(always)]
    fn kept(&mut self) -> &mut Option<T> {
        &mut self.0
    }
}

impl<T> sealed::Sealed for Value<T> {}

impl<T> Chain for Value<T> {
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<T> {
        Unwind::Idle
    }
    // The value stays where it is until the body takes it.
    #[inline(always)]
    fn fill<K: Kind, V>(
        slot: Pin<&mut Slot<Self, K, V>>,
        _: &mut Context<'_>,
    ) -> Result<bool, K::Error>
    where
        Self: Future<Output = OutOf<K, V>>,
    {
        let failed = slot
            .chain()
            .and_then(|mut value| K::take_failure(value.kept()));
        failed.map_or(Ok(false), Err)
    }
    #[inline(always)]
    fn take<K: Kind, V>(slot: Pin<&mut Slot<Self, K, V>>) -> V
    where
        Self: Future<Output = OutOf<K, V>>,
    {
        let Some(mut value) = slot.chain() else {
            finished()
        };
        match K::outcome(held(value.kept())) {
            Ok(value) => value,
            Err(_) => finished(),
        }
    }
    #[inline(always)]
    fn waits(&self) -> bool {
        false
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "value");
    }
}

pin_project! {
    /// A future that is not ours: the chain of [`defer`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Wrapped<F> {
        #[pin]
        future: F,
    }
}
opaque_debug!(Wrapped<F>);

impl<F: Future> Future for Wrapped<F> {
    type Output = F::Output;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F> sealed::Sealed for Wrapped<F> {}

impl<F: Future> Chain for Wrapped<F> {
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<F::Output> {
        // A plain future has one way to stop: its owner drops it, as `Out` tells it to.
        Unwind::Out
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<F::Output>(to, "future");
    }
}

/// Make a deferred of any future, so that it can be an argument of an annotated function.
///
/// A future of a `Result` becomes a deferred that can fail. Dropping the deferred, or
/// cancelling it, drops the future. A panic of the future unwinds through the poll.
///
/// ```
/// use defer_core::defer;
///
/// let waiting = defer(async { "a".to_string() });
/// # assert_eq!(futures::executor::block_on(waiting), "a");
/// ```
#[inline]
pub const fn defer<F: Future>(future: F) -> Deferred<F::Output, Wrapped<F>> {
    Deferred::from_chain(Wrapped { future })
}

/// The method form of [`defer`]: `future.defer()`.
///
/// ```
/// use defer_core::DeferExt;
///
/// let waiting = async { 1 }.defer();
/// # assert_eq!(futures::executor::block_on(waiting), 1);
/// ```
pub trait DeferExt: Future + Sized {
    /// Make a deferred of this future; see [`defer`].
    fn defer(self) -> Deferred<Self::Output, Wrapped<Self>> {
        defer(self)
    }
}

impl<F: Future> DeferExt for F {}

/// A deferred that has its value already. It cannot fail.
///
/// Twisted: `defer.succeed`. See [`fail`] for the opposite.
///
/// ```
/// use defer_core::succeed;
/// # assert_eq!(futures::executor::block_on(succeed(3)), 3);
/// let three = succeed(3);
/// ```
#[inline]
pub const fn succeed<T>(value: T) -> Deferred<T, Value<T>> {
    Deferred::from_chain(Value::new(value))
}

/// A deferred that has failed already, with `error`.
///
/// The type of the value it does not have comes from where it is used, or is written
/// out: `fail::<Page, _>(error)`. Twisted: `defer.fail`.
///
/// ```
/// use defer_core::fail;
///
/// let failed = fail::<u8, _>("no such page");
/// # assert_eq!(futures::executor::block_on(failed), Err("no such page"));
/// ```
#[inline]
pub const fn fail<T, E>(error: E) -> Deferred<Result<T, E>, Value<Result<T, E>>> {
    Deferred::from_chain(Value::new(Err(error)))
}
