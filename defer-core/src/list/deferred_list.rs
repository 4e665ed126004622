//! Every outcome of many deferreds, in order.

use core::convert::Infallible;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::assemble::Assemble;
use super::gather::there;
use super::many::Many;
use super::outcome::Outcome;
use super::places::Places;
use super::run::Run;
use super::source::Source;
use crate::adopt::Adopts;
use crate::arg::Nothing;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::kind::{Fails, Kind, OutOf};
use crate::markers::{ByMany, ByMistake};
use crate::plan::{Draw, Node};
use crate::source::Value;
use crate::{Cancelled, Deferred};

/// The chain of [`deferred_list`].
#[must_use = "a chain does nothing until it is polled"]
pub struct DeferredList<S: Source, K: Kind, T, A> {
    run: Run<S>,
    outcomes: Places<OutOf<K, T>>,
    into: Option<A>,
    gone: bool,
    // A cancellation as what a member fails with, if that can be.
    adopt: fn() -> Option<K::Error>,
    kind: PhantomData<fn() -> K>,
}

impl<S: Source, K: Kind, T, A> Unpin for DeferredList<S, K, T, A> {}

/// As a call does that fails with an error of this crate.
fn adopt<E: 'static>() -> Option<E> {
    Adopts::known().adopt(Node::Named("deferred_list"))
}

impl<S: Source, K: Kind, T, A> DeferredList<S, K, T, A> {
    pub(super) fn new(run: Run<S>, into: A) -> Self {
        DeferredList {
            run,
            outcomes: Places::new(),
            into: Some(into),
            gone: false,
            adopt: adopt::<K::Error>,
            kind: PhantomData,
        }
    }
}

impl<S, K, T, A> Future for DeferredList<S, K, T, A>
where
    S: Source,
    S::Member: Chain<Output = OutOf<K, T>>,
    K: Kind,
    A: Assemble<OutOf<K, T>>,
{
    type Output = A::Out;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Out> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<S: Source, K: Kind, T, A> sealed::Sealed for DeferredList<S, K, T, A> {}

impl<S, K, T, A> Chain for DeferredList<S, K, T, A>
where
    S: Source,
    S::Member: Chain<Output = OutOf<K, T>>,
    K: Kind,
    A: Assemble<OutOf<K, T>>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<A::Out> {
        if self.run.is_done() {
            return Unwind::Idle;
        }
        self.gone |= self.run.ask();
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<A::Out>> {
        let this = &mut *self;
        if this.into.is_none() {
            finished()
        }
        while let Some((place, out)) = ready!(this.run.poll_next(cx)) {
            match out.or_else(|| (this.adopt)().map(|error| K::out(Err(error)))) {
                Some(out) => this.outcomes.put(place, out),
                None => this.gone = true,
            }
        }
        let outcomes = core::mem::take(&mut this.outcomes);
        let into = this.into.take().filter(|_| !this.gone);
        Poll::Ready(into.map(|into| into.assemble(outcomes.into_iter().map(there))))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.run.describe("deferred_list", to);
    }
}

impl<S: Source, K: Kind, T, A> core::fmt::Debug for DeferredList<S, K, T, A> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("DeferredList").finish_non_exhaustive()
    }
}

impl<O, S: Source, T, E: 'static, A> Deferred<O, DeferredList<S, Fails<E>, T, A>> {
    /// Make an entry of each member that a cancellation leaves: `Err(Cancelled.into())`.
    ///
    /// A list whose members fail with a [`Failure`](crate::Failure), or with [`Cancelled`],
    /// does so by itself; this is for an error type of your own.
    ///
    /// ```
    /// use defer_core::list::deferred_list;
    /// use defer_core::{CancelExt, Cancelled, defer};
    ///
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct Closed;
    /// impl From<Cancelled> for Closed {
    ///     fn from(_: Cancelled) -> Self {
    ///         Closed
    ///     }
    /// }
    /// # futures::executor::block_on(async {
    /// let never = defer(std::future::pending::<Result<u8, Closed>>());
    /// let (list, canceller) = deferred_list([never]).cancelled_entries().cancellable();
    /// canceller.cancel();
    /// assert_eq!(list.await, Ok([Err(Closed)]));
    /// # });
    /// ```
    pub fn cancelled_entries(self) -> Self
    where
        E: From<Cancelled>,
    {
        let mut list = self.into_chain();
        list.adopt = || Some(Cancelled.into());
        Deferred::from_chain(list)
    }
}

/// What [`deferred_list`] takes: [`Many`], and tuples of deferreds of which each yields what
/// it likes.
///
/// ```
/// use defer_core::list::{Lists, deferred_list};
/// use defer_core::{Chain, Deferred, fail};
///
/// type Outcomes = Vec<Result<u8, &'static str>>;
///
/// /// Passes what it is given on.
/// fn all<C, M>(pages: C) -> Deferred<Outcomes, impl Chain<Output = Outcomes>>
/// where
///     C: Lists<M, Output = Outcomes>,
/// {
///     deferred_list(pages)
/// }
/// # futures::executor::block_on(async {
/// assert_eq!(all(vec![fail("no page")]).await, [Err("no page")]);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of deferreds whose outcomes are known",
    label = "expected a collection, an iterator or a tuple of deferreds",
    note = "a plain future is wrapped first: `defer(future)` or `future.defer()`",
    note = "members of different types are boxed, `deferred.boxed()`, or go into a tuple",
    note = "a member yields a `Result`, or a value whose type implements `defer::Plain`",
    note = "of a collection that is not known here take `.into_iter()`"
)]
pub trait Lists<M> {
    /// The container of the outcomes.
    type Output;
    /// What is polled.
    type Chain: Chain<Output = Self::Output>;
    /// Make the chain.
    #[doc(hidden)]
    fn listed(self) -> Self::Chain;
}

#[diagnostic::do_not_recommend]
impl<C, M, N> Lists<ByMany<M, N>> for C
where
    C: Many<M>,
    C::Output: Outcome<N>,
    C::Chain:
        Chain<Output = OutOf<<C::Output as Outcome<N>>::Kind, <C::Output as Outcome<N>>::Value>>,
    C::Into: Assemble<OutOf<<C::Output as Outcome<N>>::Kind, <C::Output as Outcome<N>>::Value>>,
{
    type Output = <C::Into as Assemble<
        OutOf<<C::Output as Outcome<N>>::Kind, <C::Output as Outcome<N>>::Value>,
    >>::Out;
    type Chain = DeferredList<
        C::Later,
        <C::Output as Outcome<N>>::Kind,
        <C::Output as Outcome<N>>::Value,
        C::Into,
    >;
    fn listed(self) -> Self::Chain {
        let (now, later, into) = self.into_parts();
        DeferredList::new(Run::of(now, later), into)
    }
}

/// The second implementation for what is no list, which never holds: see `Nothing`.
#[diagnostic::do_not_recommend]
impl<C: Nothing> Lists<ByMistake> for C {
    type Output = Infallible;
    type Chain = Value<Infallible>;
    fn listed(self) -> Self::Chain {
        unreachable!("nothing is `Nothing`")
    }
}

/// Every outcome, in the order of the members. It never fails.
///
/// The container of the outcomes is that of the members: a `Vec` for iterators, an array for
/// arrays; maps keep their keys. A member that can fail has a `Result` there; one that cannot
/// has its value, of a [`Plain`](crate::Plain) type. The members of a tuple may yield
/// whatever they like. A function with parameters of type `Result`, or `Vec<Result<_, _>>`,
/// does the same.
///
/// All members run at once ([`with`](super::with) sets a limit), and only those that were
/// woken are polled. Of nothing: an empty container, at once. Members that are added [while
/// it runs](super::growing()) come behind the others. A few allocations, however many members; none for a
/// tuple.
///
/// Cancelling it cancels the members, and waits until they have cleaned up. A member that the
/// cancellation leaves is an entry like any other, `Err` with a
/// [`Failure`](crate::Failure) or [`Cancelled`], where the members fail with one of these; for an
/// error type of your own [`cancelled_entries`](Deferred::cancelled_entries) does it. Where
/// neither holds, for members that cannot fail, in a tuple, and if there are members that had not
/// been taken from their iterator, the list has no outcome, and the cancellation goes on
/// outward. Dropping it drops the members.
///
/// Twisted: `DeferredList` without flags.
///
/// ```
/// use defer_core::list::deferred_list;
/// use defer_core::{defer, fail, succeed};
/// use std::collections::BTreeMap;
/// # futures::executor::block_on(async {
/// let size = |page: u8| defer(async move {
///     if page > 0 { Ok(page * 2) } else { Err("no page 0") }
/// });
/// assert_eq!(deferred_list((0..3).map(size)).await, [Err("no page 0"), Ok(2), Ok(4)]);
///
/// let by_name = BTreeMap::from([("a", size(1)), ("b", size(0))]);
/// assert_eq!(deferred_list(by_name).await["b"], Err("no page 0"));
///
/// let mixed = (size(0), succeed("two"), fail::<u8, u8>(3));
/// assert_eq!(deferred_list(mixed).await, (Err("no page 0"), "two", Err(3)));
/// # });
/// ```
pub fn deferred_list<C, M>(members: C) -> Deferred<C::Output, C::Chain>
where
    C: Lists<M>,
{
    Deferred::from_chain(members.listed())
}
