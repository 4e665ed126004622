//! The forms in which an argument can be passed, as types.
//!
//! [`Arg<T, M>`](crate::Arg) has one implementation per form; the compiler infers the
//! marker `M` from the argument, so these names appear in error messages and hardly
//! ever in programs.

use core::marker::PhantomData;

/// A `T` for a parameter of type `T`.
#[derive(Debug)]
pub enum ByValue {}

/// A `Result<T, E>` that is known already, for a parameter of type `T`.
#[derive(Debug)]
pub struct ByResult<E>(PhantomData<fn() -> E>);

/// A `Deferred<T>` for a parameter of type `T`.
#[derive(Debug)]
pub enum ByDeferred {}

/// A `Deferred<Result<T, E>>` for a parameter of type `T`.
#[derive(Debug)]
pub struct ByFallible<E>(PhantomData<fn() -> E>);

/// A `Deferred<T>`, which cannot fail, for a parameter of type `Result<T, E>`.
#[derive(Debug)]
pub enum ByOk {}

/// A container of deferreds for a container of values; `M` tells the form of the members.
#[derive(Debug)]
pub struct ByMembers<M>(PhantomData<fn() -> M>);

/// No form: what a wrong argument would be, see the source of `Nothing`.
#[derive(Debug)]
pub enum ByMistake {}

/// The argument cannot fail, so its failures need no conversion.
#[derive(Debug)]
pub enum ByNever {}

/// The argument's failures go on through `Into`.
#[derive(Debug)]
pub enum ByInto {}

/// An iterator of deferreds.
#[derive(Debug)]
pub enum ByIterator {}

/// A tuple of deferreds.
#[derive(Debug)]
pub enum ByTuple {}

/// Deferreds that are added while the list runs; `N` tells whether they can fail.
#[derive(Debug)]
pub struct ByGrowing<N>(PhantomData<fn() -> N>);

/// Many deferreds of one type, passed in the form `M`; `N` tells whether they can fail.
#[derive(Debug)]
pub struct ByMany<M, N>(PhantomData<fn() -> (M, N)>);
