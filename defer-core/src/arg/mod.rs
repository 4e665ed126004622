//! What a parameter of type `T` accepts.

mod containers;
mod observed;

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

pub use self::observed::{Observed, observed};
use crate::Deferred;
use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Fails, Kind, Never, OutOf};
use crate::markers::{ByDeferred, ByFallible, ByOk, ByResult, ByValue};
use crate::plan::Draw;
use crate::source::Value;

/// What can be passed for a parameter of type `T` of an annotated function.
///
/// | the argument | how it can fail |
/// | --- | --- |
/// | a `T` | not |
/// | a `Result<T, E>` that is known already | with `E` |
/// | a `Deferred<T>` | not |
/// | a `Deferred<Result<T, E>>` | with `E` |
/// | a `Deferred<T>` for a parameter `Result<T, E>` | not |
/// | `Vec`, array, `Option`, tuple, map values of deferreds, for the same container of values | as its members |
///
/// The parameter's type chooses the manner of a list: for `Vec<T>` the first failure of a
/// member wins at once and the other members are dropped; for `Vec<Result<T, E>>` every
/// outcome is awaited, in order, and the argument cannot fail.
///
/// `M` is inferred, see [`markers`](crate::markers). Where the argument's own type is
/// open (`None`, `vec![]`, `x.into()`), it has to be written: `None::<Page>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter of type `{T}`",
    label = "expected `{T}`, or a deferred that yields one",
    note = "a plain future is wrapped first: `defer(future)` or `future.defer()`",
    note = "a container takes deferreds that fail alike, and nothing else: `succeed(value)` is one"
)]
pub trait Arg<T, M> {
    /// How the argument can fail.
    type Kind: Kind;
    /// What is polled for it.
    type Chain: Chain<Output = OutOf<Self::Kind, T>>;
    /// Make the chain. Nothing runs before it is polled.
    fn into_chain(self) -> Self::Chain;
}

#[diagnostic::do_not_recommend]
impl<T> Arg<T, ByValue> for T {
    type Kind = Never;
    type Chain = Value<T>;
    #[inline]
    fn into_chain(self) -> Value<T> {
        Value::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static> Arg<T, ByResult<E>> for Result<T, E> {
    type Kind = Fails<E>;
    type Chain = Value<Result<T, E>>;
    #[inline]
    fn into_chain(self) -> Self::Chain {
        Value::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, F: Chain<Output = T>> Arg<T, ByDeferred> for Deferred<T, F> {
    type Kind = Never;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static, F> Arg<T, ByFallible<E>> for Deferred<Result<T, E>, F>
where
    F: Chain<Output = Result<T, E>>,
{
    type Kind = Fails<E>;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, F: Chain<Output = T>> Arg<Result<T, E>, ByOk> for Deferred<T, F> {
    type Kind = Never;
    type Chain = AlwaysOk<F, E>;
    #[inline]
    fn into_chain(self) -> AlwaysOk<F, E> {
        AlwaysOk::new(Deferred::into_chain(self))
    }
}

pin_project! {
    /// A chain that cannot fail, observed as a `Result` that is always `Ok`.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct AlwaysOk<F, E> {
        #[pin]
        chain: F,
        error: PhantomData<fn() -> E>,
    }
}
opaque_debug!(AlwaysOk<F, E>);

impl<F, E> AlwaysOk<F, E> {
    // The facade makes deferreds that cannot fail ones that can.
    #[doc(hidden)]
    #[inline]
    pub fn new(chain: F) -> Self {
        AlwaysOk {
            chain,
            error: PhantomData,
        }
    }
}

impl<F: Future, E> Future for AlwaysOk<F, E> {
    type Output = Result<F::Output, E>;
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().chain.poll(cx).map(Ok)
    }
}

impl<F, E> sealed::Sealed for AlwaysOk<F, E> {}

impl<F: Chain, E> Chain for AlwaysOk<F, E> {
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        self.project().chain.cancel().map(Ok)
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        self.project().chain.poll_settle(cx).map(|out| out.map(Ok))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}

/// What the first parameter of an errback accepts: something that can fail.
///
/// `T` is the type on success, which passes an errback untouched.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to an errback for values of type `{T}`",
    label = "expected a deferred or a `Result` that can fail and yields `{T}` on success",
    note = "an errback goes around something that can fail, a `Deferred<Result<{T}, _>>`: around anything else it would never run"
)]
pub trait Fallible<T, M> {
    /// The error it fails with.
    type Error;
    /// What is polled for it.
    type Chain: Chain<Output = Result<T, Self::Error>>;
    /// Make the chain. Nothing runs before it is polled.
    fn into_chain(self) -> Self::Chain;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible<T, ByResult<E>> for Result<T, E> {
    type Error = E;
    type Chain = Value<Result<T, E>>;
    #[inline]
    fn into_chain(self) -> Self::Chain {
        Value::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, F> Fallible<T, ByFallible<E>> for Deferred<Result<T, E>, F>
where
    F: Chain<Output = Result<T, E>>,
{
    type Error = E;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

/// A deferred as a member of a container of deferreds.
///
/// Narrower than [`Arg`]: plain values are no members, so that a container of plain
/// values is a plain value and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a deferred that yields `{T}`",
    label = "expected a deferred that yields `{T}`"
)]
pub trait Member<T, M>: Arg<T, M> {}

impl<T, F: Chain<Output = T>> Member<T, ByDeferred> for Deferred<T, F> {}
impl<T, E: 'static, F> Member<T, ByFallible<E>> for Deferred<Result<T, E>, F> where
    F: Chain<Output = Result<T, E>>
{
}

/// What nothing is.
///
/// A container of wrong members meets two implementations that do not hold, one of them
/// asking for this, instead of one. The compiler then takes neither, the type of the call
/// stays open, and the mistake is reported once instead of at every use of the type.
pub trait Nothing {}
