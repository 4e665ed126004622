//! What a function for many deferreds takes.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, LinkedList, VecDeque};
use alloc::vec::{self, Vec};
use core::array;
use core::convert::Infallible;
use core::iter::{self, Map};

use super::assemble::{IntoArray, IntoBTreeMap, IntoVec};
use super::source::{Given, Source};
use crate::Deferred;
use crate::arg::Nothing;
use crate::chain::Chain;
use crate::markers::{ByIterator, ByMembers, ByMistake};
use crate::source::Value;

/// Many deferreds of one type, for the functions of [`list`](super).
///
/// - `Vec`, `VecDeque`, `LinkedList`, `Box<[_]>` and arrays of deferreds;
/// - `BTreeMap` and `HashMap` of them: [`gather`](super::gather()) and
///   [`deferred_list`](super::deferred_list()) keep the keys, the others count the members in
///   the order in which the map gives them;
/// - any iterator of them, so that `.into_iter()` makes one of another collection;
/// - tuples of 2 to 12 of them that may be of different types, if they yield the same;
/// - what is added [while it runs](super::growing()).
///
/// The members are counted from 0: their *places*.
///
/// ```
/// use defer_core::list::race;
/// use defer_core::{defer, succeed};
/// # futures::executor::block_on(async {
/// // Different types, the same value.
/// let never = defer(std::future::pending::<u8>());
/// assert_eq!(race((never, succeed(3))).await, Some((1, 3)));
/// // An iterator.
/// assert_eq!(race((0..3).map(succeed)).await, Some((0, 0)));
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of deferreds",
    label = "expected a collection, an iterator or a tuple of deferreds that yield the same",
    note = "a plain future is wrapped first: `defer(future)` or `future.defer()`",
    note = "members of different types are boxed, `deferred.boxed()`, or go into a tuple",
    note = "of a collection that is not known here take `.into_iter()`"
)]
pub trait Many<M> {
    /// What each of them yields.
    type Output;
    /// What is inside of each.
    type Chain: Chain<Output = Self::Output>;
    /// Those that are there.
    #[doc(hidden)]
    type Now: Iterator<Item = Self::Chain>;
    /// Where more come from.
    #[doc(hidden)]
    type Later: Source<Member = Self::Chain>;
    /// What becomes of their values.
    #[doc(hidden)]
    type Into;
    /// Take them out.
    #[doc(hidden)]
    fn into_parts(self) -> (Self::Now, Self::Later, Self::Into);
}

/// One member, as an iterator yields it: a [`Deferred`].
///
/// ```
/// use defer_core::list::{Member, race};
/// use defer_core::succeed;
///
/// async fn first_of<D: Member>(members: Vec<D>) -> Option<D::Output> {
///     Some(race(members).await?.1)
/// }
/// # futures::executor::block_on(async {
/// assert_eq!(first_of(vec![succeed(1), succeed(2)]).await, Some(1));
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no deferred: it cannot be a member of a list",
    label = "the members of this are no deferreds",
    note = "a plain future is wrapped first: `.map(defer)` or `.map(DeferExt::defer)`"
)]
pub trait Member {
    /// What it yields.
    type Output;
    /// What is inside.
    type Chain: Chain<Output = Self::Output>;
    /// Take it out.
    #[doc(hidden)]
    fn into_chain(self) -> Self::Chain;
}

impl<O, F: Chain<Output = O>> Member for Deferred<O, F> {
    type Output = O;
    type Chain = F;
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

/// The chains of an iterator's deferreds.
pub type Chains<I> = Map<I, fn(<I as Iterator>::Item) -> <<I as Iterator>::Item as Member>::Chain>;

pub(super) fn chains<I: Iterator<Item: Member>>(members: I) -> Chains<I> {
    members.map(I::Item::into_chain)
}

#[diagnostic::do_not_recommend]
impl<I, D> Many<ByIterator> for I
where
    I: Iterator<Item = D>,
    D: Member,
{
    type Output = D::Output;
    type Chain = D::Chain;
    type Now = Chains<I>;
    type Later = Given<D::Chain>;
    type Into = IntoVec;
    fn into_parts(self) -> (Self::Now, Self::Later, IntoVec) {
        (chains(self), Given::new(), IntoVec)
    }
}

/// The second implementation for what is no list, which never holds: see `Nothing`.
#[diagnostic::do_not_recommend]
impl<C: Nothing> Many<ByMistake> for C {
    type Output = Infallible;
    type Chain = Value<Infallible>;
    type Now = iter::Empty<Value<Infallible>>;
    type Later = Given<Value<Infallible>>;
    type Into = IntoVec;
    fn into_parts(self) -> (Self::Now, Self::Later, IntoVec) {
        unreachable!("nothing is `Nothing`")
    }
}

macro_rules! collections {
    ($([$($N:ident)?] $Many:ty, $Iter:ty, $Into:ty = $into:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<D: Member, $(const $N: usize)?> Many<ByMembers<()>> for $Many {
            type Output = D::Output;
            type Chain = D::Chain;
            type Now = Chains<$Iter>;
            type Later = Given<D::Chain>;
            type Into = $Into;
            fn into_parts(self) -> (Self::Now, Self::Later, $Into) {
                (chains(<$Many>::into_iter(self)), Given::new(), $into)
            }
        }
    )+};
}

collections! {
    [] Vec<D>, vec::IntoIter<D>, IntoVec = IntoVec;
    [] Box<[D]>, vec::IntoIter<D>, IntoVec = IntoVec;
    [] VecDeque<D>, alloc::collections::vec_deque::IntoIter<D>, IntoVec = IntoVec;
    [] LinkedList<D>, alloc::collections::linked_list::IntoIter<D>, IntoVec = IntoVec;
    [N] [D; N], array::IntoIter<D, N>, IntoArray<N> = IntoArray;
}

#[diagnostic::do_not_recommend]
impl<Key, D: Member> Many<ByMembers<()>> for BTreeMap<Key, D> {
    type Output = D::Output;
    type Chain = D::Chain;
    type Now = Chains<vec::IntoIter<D>>;
    type Later = Given<D::Chain>;
    type Into = IntoBTreeMap<Key>;
    fn into_parts(self) -> (Self::Now, Self::Later, Self::Into) {
        let (keys, members): (Vec<_>, Vec<_>) = self.into_iter().unzip();
        (
            chains(members.into_iter()),
            Given::new(),
            IntoBTreeMap(keys),
        )
    }
}

#[cfg(feature = "std")]
#[diagnostic::do_not_recommend]
impl<Key, D: Member, S: Clone> Many<ByMembers<()>> for std::collections::HashMap<Key, D, S> {
    type Output = D::Output;
    type Chain = D::Chain;
    type Now = Chains<vec::IntoIter<D>>;
    type Later = Given<D::Chain>;
    type Into = super::IntoHashMap<Key, S>;
    fn into_parts(self) -> (Self::Now, Self::Later, Self::Into) {
        let hasher = self.hasher().clone();
        let (keys, members): (Vec<_>, Vec<_>) = self.into_iter().unzip();
        let into = super::IntoHashMap(keys, hasher);
        (chains(members.into_iter()), Given::new(), into)
    }
}
