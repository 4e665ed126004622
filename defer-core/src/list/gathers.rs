//! Every value of many deferreds, or the first failure: as an argument, without a function.

use alloc::vec::Vec;
use core::convert::Infallible;

use super::assemble::{Assemble, IntoVec};
use super::gather::Gather;
use super::gather_with::GatherWith;
use super::growing::Growing;
use super::losers::Losers;
use super::many::Many;
use super::outcome::Outcome;
use super::run::{Rule, Run};
use super::source::Given;
use crate::Deferred;
use crate::arg::Nothing;
use crate::chain::Chain;
use crate::kind::{Fails, Never, OutOf};
use crate::markers::{ByDeferred, ByFallible, ByGrowing, ByMany, ByMistake};
use crate::plain::Plain;
use crate::source::Value;

/// What [`gather`] takes: [`Many`], and tuples of deferreds of which each yields what it likes.
///
/// ```
/// use defer_core::list::{Gathers, gather};
/// use defer_core::{Chain, Deferred, succeed};
///
/// /// Passes what it is given on.
/// fn sizes<C, M>(pages: C) -> Deferred<Vec<usize>, impl Chain<Output = Vec<usize>>>
/// where
///     C: Gathers<M, Output = Vec<usize>>,
/// {
///     gather(pages)
/// }
/// # futures::executor::block_on(async {
/// assert_eq!(sizes([3, 4].into_iter().map(succeed)).await, [3, 4]);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be gathered",
    label = "expected deferreds that fail alike, or cannot fail",
    note = "a plain future is wrapped first: `defer(future)` or `future.defer()`",
    note = "members of different types are boxed, `deferred.boxed()`, or go into a tuple",
    note = "a member yields a `Result`, or a value whose type implements `defer::Plain`",
    note = "of a collection that is not known here take `.into_iter()`"
)]
pub trait Gathers<M> {
    /// The container of the values, in a `Result` if a member can fail.
    type Output;
    /// What is polled.
    type Chain: Chain<Output = Self::Output>;
    /// Make the chain.
    #[doc(hidden)]
    fn gathered(self) -> Self::Chain;
}

#[diagnostic::do_not_recommend]
impl<C, M, N> Gathers<ByMany<M, N>> for C
where
    C: Many<M, Later = Given<<C as Many<M>>::Chain>>,
    C::Output: Outcome<N>,
    C::Chain:
        Chain<Output = OutOf<<C::Output as Outcome<N>>::Kind, <C::Output as Outcome<N>>::Value>>,
    C::Into: Assemble<<C::Output as Outcome<N>>::Value>,
{
    type Output = OutOf<
        <C::Output as Outcome<N>>::Kind,
        <C::Into as Assemble<<C::Output as Outcome<N>>::Value>>::Out,
    >;
    type Chain = Gather<
        C::Chain,
        <C::Output as Outcome<N>>::Kind,
        <C::Output as Outcome<N>>::Value,
        C::Into,
    >;
    fn gathered(self) -> Self::Chain {
        let (now, _, into) = self.into_parts();
        // An iterator need not know its length; a `Vec` is collected where it is.
        Gather::new(now.collect::<Vec<_>>().into_iter(), into)
    }
}

/// The second implementation for what cannot be gathered, which never holds: see `Nothing`.
#[diagnostic::do_not_recommend]
impl<C: Nothing> Gathers<ByMistake> for C {
    type Output = Infallible;
    type Chain = Value<Infallible>;
    fn gathered(self) -> Self::Chain {
        unreachable!("nothing is `Nothing`")
    }
}

/// Of members that are added while the list runs.
macro_rules! growing {
    (<$T:ident $(: $Plain:ident)?, $($E:ident)?> $Output:ty, $Kind:ty, $by:ty, $out:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$T $(: $Plain)?, $($E: 'static,)? F> Gathers<ByGrowing<$by>> for Growing<$Output, F>
        where
            F: Chain<Output = $Output>,
        {
            type Output = $out;
            type Chain = GatherWith<Self, $Kind, $T, IntoVec, Losers>;
            fn gathered(self) -> Self::Chain {
                let (now, later, into) = self.into_parts();
                GatherWith::new(Run::of(now, later), into, Rule::new(Losers::Drop, None))
            }
        }
    };
}
growing!(<T: Plain,> T, Never, ByDeferred, Vec<T>);
growing!(<T, E> Result<T, E>, Fails<E>, ByFallible<E>, Result<Vec<T>, E>);

/// Every value, in order; or the first failure, at once, as the member's own error.
///
/// What a parameter that is a container does with a container of deferreds, without a
/// function: `gather(pages)` has the type of the argument that a `Vec<Page>` takes. The
/// container of the values is that of the members: a `Vec` for iterators, an array for
/// arrays; maps keep their keys. Members that cannot fail yield values of a
/// [`Plain`] type, and then `gather` cannot fail.
///
/// A tuple may hold members that yield different values, and members that can fail beside
/// members that cannot; those that can all fail with the same error. A function with several
/// parameters does the same, and one that returns a `Result` brings different errors into
/// one.
///
/// All members run at once, and only those that were woken are polled. The first failure
/// drops the others, in the same poll; [`with`](super::with) sets a limit, and what becomes of
/// the others. Of nothing: an empty container, at once. A few allocations, however many members; none for a
/// tuple.
///
/// Cancelling it cancels the members, and waits until they have cleaned up. Then it has their
/// values if all have one; or the failure of the last one, if it is the only one without a
/// value; or the cancellation goes on outward. Dropping it drops them. Twisted:
/// `gatherResults`, which wraps the failure in a `FirstError` with its index; here a
/// [`Failure`](crate::Failure) keeps the index in its [trail](crate::Trail).
///
/// # Errors
///
/// The first failure of a member.
///
/// ```
/// use defer_core::list::gather;
/// use defer_core::{defer, succeed};
/// use std::collections::BTreeMap;
/// # futures::executor::block_on(async {
/// let size = |page: u8| defer(async move {
///     if page > 0 { Ok(page * 2) } else { Err("no page 0") }
/// });
/// assert_eq!(gather([1, 2].map(size)).await, Ok([2, 4]));
/// assert_eq!(gather((0..3).map(size)).await, Err("no page 0"));
///
/// let by_name = BTreeMap::from([("a", size(1)), ("b", size(2))]);
/// assert_eq!(gather(by_name).await.unwrap()["b"], 4);
///
/// // A tuple, of which one member cannot fail.
/// assert_eq!(gather((size(1), succeed("two"))).await, Ok((2, "two")));
/// // None of them can.
/// assert_eq!(gather(vec![succeed(1), succeed(2)]).await, [1, 2]);
/// # });
/// ```
pub fn gather<C, M>(members: C) -> Deferred<C::Output, C::Chain>
where
    C: Gathers<M>,
{
    Deferred::from_chain(members.gathered())
}
