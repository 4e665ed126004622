//! What the closures of the fluent form return.

use crate::Deferred;
use crate::chain::Chain;
use crate::kind::{Fails, Kind, Never, OutOf};
use crate::markers::{ByDeferred, ByFallible, ByResult, ByValue};
use crate::plain::Plain;
use crate::source::Value;
use crate::step::Turn;

/// What a closure of the fluent form may return: a [`Plain`] value, a `Result`, a deferred.
///
/// `M` is inferred; see [`markers`](crate::markers).
#[diagnostic::on_unimplemented(
    message = "a closure returns `{Self}`, which is not known to be a plain value",
    label = "neither a `Result`, nor a deferred, nor a type that implements `Plain`",
    note = "return `Ok(value)`, or write `impl defer::Plain for {Self} {{}}`",
    note = "an `async` block is a future: `defer(async move {{ … }})` makes a deferred of it"
)]
pub trait Returned<M> {
    /// The value on success.
    type Value;
    /// How it can fail.
    type Kind: Kind;
    /// What the chain waits for.
    type Chain: Chain<Output = OutOf<Self::Kind, Self::Value>>;
    /// Make the chain.
    fn into_chain(self) -> Self::Chain;
    /// What is there already passes at once: nothing needs to be waited for.
    #[doc(hidden)]
    #[inline(always)]
    fn turn(self) -> Turn<OutOf<Self::Kind, Self::Value>, Self::Chain>
    where
        Self: Sized,
    {
        Turn::Follows(self.into_chain())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Plain> Returned<ByValue> for T {
    type Value = T;
    type Kind = Never;
    type Chain = Value<T>;
    #[inline]
    fn into_chain(self) -> Value<T> {
        Value::new(self)
    }
    #[inline(always)]
    fn turn(self) -> Turn<T, Value<T>> {
        Turn::Passes(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static> Returned<ByResult<E>> for Result<T, E> {
    type Value = T;
    type Kind = Fails<E>;
    type Chain = Value<Result<T, E>>;
    #[inline]
    fn into_chain(self) -> Self::Chain {
        Value::new(self)
    }
    #[inline(always)]
    fn turn(self) -> Turn<Result<T, E>, Self::Chain> {
        Turn::Passes(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Plain, F: Chain<Output = T>> Returned<ByDeferred> for Deferred<T, F> {
    type Value = T;
    type Kind = Never;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static, F> Returned<ByFallible<E>> for Deferred<Result<T, E>, F>
where
    F: Chain<Output = Result<T, E>>,
{
    type Value = T;
    type Kind = Fails<E>;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}
