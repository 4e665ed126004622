//! What a cooperator works at.

use core::convert::Infallible;
use core::marker::PhantomData;

use defer_core::markers::{ByDeferred, ByFallible};
use defer_core::{AlwaysOk, Chain, Deferred, Fails, Failure, Kind, Never, Plain, Returned};
use futures_core::Stream;

use super::units::{Streamed, Taken, Units};

/// What can be done a little at a time.
///
/// | work | a unit of it | its result | it fails with |
/// | --- | --- | --- | --- |
/// | an iterator or a stream of [`Plain`] values | an item, which is dropped | `()` | [`Failure`], if it is stopped or panics |
/// | of `Result<_, E>` | an item; the first error ends it | `()` | `E` |
/// | of deferreds | an item and what that waits for | `()` | as the deferreds do |
/// | a deferred | what is done in one poll, as between two [`give_way`](super::give_way()) | its value | as the deferred does; [`Failure`] if that cannot fail |
///
/// An `E` has to take in how a task can end otherwise: it has `From<TaskFinished>`,
/// `From<Panicked>` and `Debug`, as [`Failure`] has. `M` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no work for a cooperator",
    label = "neither an iterator nor a stream of units, nor a deferred",
    note = "a unit is a value of a type that implements `defer::Plain`, a `Result`, or a deferred; a future becomes a deferred by `.defer()`"
)]
pub trait Work<M> {
    /// Its result.
    type Value;
    /// How it fails.
    type Error;
    /// What is polled, once for each unit.
    type Chain: Chain<Output = Result<Self::Value, Self::Error>>;
    /// Make the chain. Nothing is done before it is polled.
    fn into_chain(self) -> Self::Chain;
}

/// The kind of a unit: how a task that does such units fails.
pub trait WorkKind: Kind {
    /// The error of the task.
    type Error;
    /// From the error of the unit.
    fn error(error: <Self as Kind>::Error) -> <Self as WorkKind>::Error;
}

impl WorkKind for Never {
    type Error = Failure;
    fn error(never: Infallible) -> Failure {
        match never {}
    }
}

impl<E: 'static> WorkKind for Fails<E> {
    type Error = E;
    fn error(error: E) -> E {
        error
    }
}

/// An iterator of units; `M` tells the form of these. A marker of [`Work`].
#[derive(Debug)]
pub struct ByUnits<M>(PhantomData<fn() -> M>);

/// A stream of units; `M` tells the form of these. A marker of [`Work`].
#[derive(Debug)]
pub struct ByStream<M>(PhantomData<fn() -> M>);

#[diagnostic::do_not_recommend]
impl<I, M> Work<ByUnits<M>> for I
where
    I: IntoIterator,
    I::Item: Returned<M>,
    <I::Item as Returned<M>>::Kind: WorkKind,
{
    type Value = ();
    type Error = <<I::Item as Returned<M>>::Kind as WorkKind>::Error;
    type Chain = Units<Taken<I::IntoIter>, M>;
    fn into_chain(self) -> Self::Chain {
        Units::new(Taken(self.into_iter()))
    }
}

#[diagnostic::do_not_recommend]
impl<S, M> Work<ByStream<M>> for S
where
    S: Stream,
    S::Item: Returned<M>,
    <S::Item as Returned<M>>::Kind: WorkKind,
{
    type Value = ();
    type Error = <<S::Item as Returned<M>>::Kind as WorkKind>::Error;
    type Chain = Units<Streamed<S>, M>;
    fn into_chain(self) -> Self::Chain {
        Units::new(Streamed { stream: self })
    }
}

#[diagnostic::do_not_recommend]
impl<T: Plain, F: Chain<Output = T>> Work<ByDeferred> for Deferred<T, F> {
    type Value = T;
    type Error = Failure;
    type Chain = AlwaysOk<F, Failure>;
    fn into_chain(self) -> Self::Chain {
        AlwaysOk::new(Deferred::into_chain(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static, F> Work<ByFallible<E>> for Deferred<Result<T, E>, F>
where
    F: Chain<Output = Result<T, E>>,
{
    type Value = T;
    type Error = E;
    type Chain = F;
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}
