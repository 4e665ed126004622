//! What the attributes ask of a return type.

use crate::Deferred;
use crate::chain::Chain;

/// What `#[callback] fn … -> Deferred<…>` returns, taken apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a deferred",
    label = "expected `Deferred<_>` of this crate"
)]
pub trait IsDeferred {
    /// What is inside.
    type Chain: Chain;
    /// Take it out.
    fn into_chain(self) -> Self::Chain;
}

impl<O, F: Chain<Output = O>> IsDeferred for Deferred<O, F> {
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

/// A `Result`, whatever alias it was written with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result`",
    label = "expected a `Result` because of its name, or of `error = ..`",
    note = "the attribute takes a type named `Result` for `core::result::Result` or an alias of it: give another type another name"
)]
pub trait IsResult {
    /// The value on success.
    type Value;
    /// The error.
    type Error;
}

impl<T, E> IsResult for Result<T, E> {
    type Value = T;
    type Error = E;
}
