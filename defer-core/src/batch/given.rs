//! What the batch function of an attribute returned, as a deferred, whatever it is.

use core::future::Future;

use crate::Deferred;
use crate::call::held;
use crate::source::{Value, Wrapped, defer, succeed};

/// Holds what a batch function returned.
///
/// The attribute writes `Given::new(load_users(keys)).__defer_given()` with the two traits in
/// scope. The method of the type itself is found for a deferred, that of [`GivenFuture`] for
/// other futures, and [`GivenValue`]'s, which takes a reference, for everything else.
#[derive(Debug)]
pub struct Given<R>(Option<R>);

impl<R> Given<R> {
    /// From what it returned.
    pub fn new(returned: R) -> Self {
        Given(Some(returned))
    }
}

impl<A, F> Given<Deferred<A, F>> {
    /// The deferred, as it is.
    #[doc(hidden)]
    pub fn __defer_given(mut self) -> Deferred<A, F> {
        held(&mut self.0)
    }
}

/// Of a function that returned a future.
pub trait GivenFuture {
    /// The future.
    type Future: Future;
    /// The future as a deferred.
    #[doc(hidden)]
    fn __defer_given(self) -> Deferred<<Self::Future as Future>::Output, Wrapped<Self::Future>>;
}

impl<F: Future> GivenFuture for Given<F> {
    type Future = F;
    fn __defer_given(mut self) -> Deferred<F::Output, Wrapped<F>> {
        defer(held(&mut self.0))
    }
}

/// Of a function that returned its answers.
pub trait GivenValue {
    /// The answers.
    type Value;
    /// The answers as a deferred.
    #[doc(hidden)]
    fn __defer_given(&mut self) -> Deferred<Self::Value, Value<Self::Value>>;
}

impl<A> GivenValue for Given<A> {
    type Value = A;
    fn __defer_given(&mut self) -> Deferred<A, Value<A>> {
        succeed(held(&mut self.0))
    }
}
