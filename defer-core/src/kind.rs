//! How a deferred can fail, as a type.
//!
//! A chain has a *kind*: [`Never`] or [`Fails<E>`]. The kind decides what the chain
//! yields ([`Kind::Out`]), so that a chain that cannot fail yields no `Result`.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::pin::Pin;

use crate::arg::Nothing;
use crate::boxed::Tail;
use crate::chain::Chain;
use crate::markers::{ByInto, ByMistake, ByNever};

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Never {}
    impl<E> Sealed for super::Fails<E> {}
}

/// The kind of a chain that cannot fail: it yields `T`.
#[derive(Debug)]
pub enum Never {}

/// The kind of a chain that fails with an `E`: it yields `Result<T, E>`.
#[derive(Debug)]
pub struct Fails<E>(PhantomData<fn() -> E>, Infallible);

/// How a chain can fail: [`Never`] or [`Fails<E>`].
///
/// ```
/// use defer_core::{Fails, Kind, Never};
///
/// fn yields<K: Kind>(outcome: Result<u8, K::Error>) -> K::Out<u8> {
///     K::out(outcome)
/// }
///
/// let plain: u8 = yields::<Never>(Ok(1));
/// let fallible: Result<u8, String> = yields::<Fails<String>>(Ok(1));
/// assert_eq!(fallible, Ok(plain));
/// ```
pub trait Kind: sealed::Sealed + Sized + 'static {
    /// The error that travels along the chain; [`Infallible`] for [`Never`].
    type Error: 'static;
    /// What a chain of this kind with success type `T` yields.
    type Out<T>;
    /// From the inner form to what the chain yields.
    fn out<T>(outcome: Result<T, Self::Error>) -> Self::Out<T>;
    /// From what the chain yields to the inner form.
    fn outcome<T>(out: Self::Out<T>) -> Result<T, Self::Error>;
    /// The failure of an outcome that is kept, which is none any more, then.
    #[doc(hidden)]
    fn take_failure<T>(kept: &mut Option<Self::Out<T>>) -> Option<Self::Error>;
    /// Whether this is a failure.
    #[cfg(feature = "trace")]
    #[doc(hidden)]
    fn failed<T>(out: &Self::Out<T>) -> bool;
    /// See [`Chain::tail`]: of a chain that yields a `T`, if that is an outcome of this kind.
    #[doc(hidden)]
    fn tail<'a, T, F>(_: Pin<&mut F>) -> Option<Tail<'a, Self::Out<T>>>
    where
        F: Chain<Output = T> + 'a,
    {
        None
    }
}

impl Kind for Never {
    type Error = Infallible;
    type Out<T> = T;
    #[inline(always)]
    fn out<T>(outcome: Result<T, Infallible>) -> T {
        match outcome {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }
    #[inline(always)]
    fn outcome<T>(out: T) -> Result<T, Infallible> {
        Ok(out)
    }
    #[inline(always)]
    fn take_failure<T>(_: &mut Option<T>) -> Option<Infallible> {
        None
    }
    #[cfg(feature = "trace")]
    fn failed<T>(_: &T) -> bool {
        false
    }
    fn tail<'a, T, F>(chain: Pin<&mut F>) -> Option<Tail<'a, T>>
    where
        F: Chain<Output = T> + 'a,
    {
        chain.tail()
    }
}

impl<E: 'static> Kind for Fails<E> {
    type Error = E;
    type Out<T> = Result<T, E>;
    #[inline(always)]
    fn out<T>(outcome: Result<T, E>) -> Result<T, E> {
        outcome
    }
    #[inline(always)]
    fn outcome<T>(out: Result<T, E>) -> Result<T, E> {
        out
    }
    #[inline(always)]
    fn take_failure<T>(kept: &mut Option<Result<T, E>>) -> Option<E> {
        kept.take_if(|outcome| outcome.is_err())?.err()
    }
    #[cfg(feature = "trace")]
    fn failed<T>(out: &Result<T, E>) -> bool {
        out.is_err()
    }
}

/// The error of a kind.
pub type ErrOf<K> = <K as Kind>::Error;
/// What a chain of kind `K` with success type `T` yields.
pub type OutOf<K, T> = <K as Kind>::Out<T>;

/// The kind of a chain that goes on with a closure of kind `K`.
#[diagnostic::on_unimplemented(
    message = "the closure fails with another error than the chain: `{K}` and `{Self}`",
    label = "this closure fails with another error",
    note = "convert its error with `map_err`"
)]
pub trait Continues<K: Kind>: Kind {}

#[diagnostic::do_not_recommend]
impl<E: 'static> Continues<Never> for Fails<E> {}
#[diagnostic::do_not_recommend]
impl<E: 'static> Continues<Fails<E>> for Fails<E> {}

/// [`Continues`] seen from the closure: `Fails<E>` goes on with this kind.
pub trait ContinuedBy<E>: Kind {
    /// See [`Chain::tail`]: of the closure's chain, if it yields what the whole does.
    fn tail<'a, T, F>(_: Pin<&mut F>) -> Option<Tail<'a, Result<T, E>>>
    where
        F: Chain<Output = OutOf<Self, T>> + 'a,
    {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<E> ContinuedBy<E> for Never {}
#[diagnostic::do_not_recommend]
impl<E: 'static> ContinuedBy<E> for Fails<E> {
    fn tail<'a, T, F>(chain: Pin<&mut F>) -> Option<Tail<'a, Result<T, E>>>
    where
        F: Chain<Output = Result<T, E>> + 'a,
    {
        chain.tail()
    }
}

/// The kind of a call whose arguments have the kinds `Self` and `K`.
///
/// Two kinds merge when at most one error type is among them.
#[diagnostic::on_unimplemented(
    message = "the arguments of this call fail with different errors: `{Self}` and `{K}`",
    label = "these arguments can fail in different ways",
    note = "let the called function return `Result<_, E>` with an `E` that implements `From` for each of the errors"
)]
pub trait Merge<K: Kind>: Kind {
    /// The merged kind.
    type Kind: Kind;
}

#[diagnostic::do_not_recommend]
impl Merge<Never> for Never {
    type Kind = Never;
}
#[diagnostic::do_not_recommend]
impl<E: 'static> Merge<Never> for Fails<E> {
    type Kind = Fails<E>;
}
#[diagnostic::do_not_recommend]
impl<E: 'static> Merge<Fails<E>> for Never {
    type Kind = Fails<E>;
}
#[diagnostic::do_not_recommend]
impl<E: 'static> Merge<Fails<E>> for Fails<E> {
    type Kind = Fails<E>;
}

/// The merged kind of two kinds.
pub type Merged<A, B> = <A as Merge<B>>::Kind;

/// An argument's kind in a call that fails with an `E` of its own.
///
/// The argument's error becomes the call's, as the `?` operator converts it. `X` tells
/// how and is inferred. It stands in the type of the call, so that where the conversion is
/// missing the call has no type and the compiler says it once.
#[diagnostic::on_unimplemented(
    message = "an argument of kind `{Self}` cannot be passed to a function that fails with `{E}`",
    label = "its failures cannot go on as `{E}`",
    note = "let `{E}` implement `From` for the argument's error, or put an `#[errback]` around the argument"
)]
pub trait LiftsTo<E, X>: Lift<E> {
    /// The kind itself.
    type Kind: Kind;
}

#[diagnostic::do_not_recommend]
impl<E> LiftsTo<E, ByNever> for Never {
    type Kind = Never;
}

#[diagnostic::do_not_recommend]
impl<E, E2: Into<E> + 'static> LiftsTo<E, ByInto> for Fails<E2> {
    type Kind = Fails<E2>;
}

// The second implementation for a failing argument, which never holds: see `Nothing`.
#[diagnostic::do_not_recommend]
impl<E, E2: Nothing + 'static> LiftsTo<E, ByMistake> for Fails<E2>
where
    Fails<E2>: Lift<E>,
{
    type Kind = Fails<E2>;
}

/// A kind whose error becomes an `E`.
pub trait Lift<E>: Kind {
    /// Convert the error.
    fn lift(error: Self::Error) -> E;
}

impl<E> Lift<E> for Never {
    #[inline(always)]
    fn lift(never: Infallible) -> E {
        match never {}
    }
}

impl<E, E2: Into<E> + 'static> Lift<E> for Fails<E2> {
    #[inline(always)]
    fn lift(error: E2) -> E {
        error.into()
    }
}

/// An error that an errback for `E` takes.
///
/// `X` tells how it becomes an `E` and is inferred. `How`, always [`ByInto`], stands in the
/// type of the call for the same reason as the kind in [`LiftsTo`].
#[diagnostic::on_unimplemented(
    message = "an errback for `{E}` cannot take a failure of type `{Self}`",
    label = "this fails with `{Self}`, and the errback takes `{E}`",
    note = "implement `From<{Self}>` for `{E}`, or change the first parameter of the errback"
)]
pub trait CaughtAs<E, X> {
    /// What converts the error.
    type How;
}

#[diagnostic::do_not_recommend]
impl<E, E2: Into<E>> CaughtAs<E, ByInto> for E2 {
    type How = ByInto;
}

#[diagnostic::do_not_recommend]
impl<E, E2: Nothing> CaughtAs<E, ByMistake> for E2 {
    type How = ByInto;
}

/// What converts the error `E2` of a chain into the error `E` of an errback.
pub trait Converts<E2, E> {
    /// Convert the error.
    fn convert(error: E2) -> E;
}

impl<E, E2: Into<E>> Converts<E2, E> for ByInto {
    #[inline(always)]
    fn convert(error: E2) -> E {
        error.into()
    }
}
