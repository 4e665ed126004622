//! How many run at once, and what becomes of the losers.

use alloc::vec::Vec;

use super::assemble::Assemble;
use super::deferred_list::DeferredList;
use super::first_success::FirstSuccess;
use super::gather_with::GatherWith;
use super::last_resort::AnySuccessOrLastFailure;
use super::losers::{LetGo, Losers};
use super::many::Many;
use super::n_of::{NOf, TooFew};
use super::outcome::Outcome;
use super::race::Race;
use super::run::{NO_LIMIT, Rule, Run};
use super::select_all::SelectAll;
use super::source::Lazy;
use crate::Deferred;
use crate::chain::Chain;
use crate::kind::OutOf;

/// Where the members that `C` stands for are taken from when there is room.
type LazyOf<C, M> = Lazy<<C as Many<M>>::Now, <C as Many<M>>::Later>;
/// How the members of `C` fail.
type KindOf<C, M, N> = <<C as Many<M>>::Output as Outcome<N>>::Kind;
/// The values of the members of `C`.
type ValueOf<C, M, N> = <<C as Many<M>>::Output as Outcome<N>>::Value;
/// What the members of `C` yield, as their kind knows it.
type OutcomeOf<C, M, N> = OutOf<KindOf<C, M, N>, ValueOf<C, M, N>>;
/// The container of values of type `V` that the members of `C` give.
type Assembled<C, M, V> = <<C as Many<M>>::Into as Assemble<V>>::Out;

/// Options for many deferreds: made by [`with`].
#[derive(Clone, Debug)]
#[must_use = "the options are for a function of many deferreds"]
pub struct Options<L = Losers> {
    limit: usize,
    losers: Option<L>,
}

/// How a list runs: set what is not to be as usual, then name the function.
///
/// ```
/// use defer_core::list::{self, Losers};
/// use defer_core::{Failure, defer};
/// # futures::executor::block_on(async {
/// let page = |number: u32| defer(async move { Ok::<_, Failure>(number * 2) });
/// // Four at once, of an iterator that is not run ahead of them.
/// let pages = list::with().limit(4).gather((0..1_000_000).map(page).take(10));
/// assert_eq!(pages.await.unwrap()[9], 18);
/// // What is left when the first one has succeeded is dropped at once.
/// let first = list::with().losers(Losers::Drop).first_success([page(1), page(2)]);
/// assert_eq!(first.await.unwrap(), (0, 2));
/// # });
/// ```
///
/// | Twisted's `DeferredList` | here |
/// | --- | --- |
/// | without flags | [`deferred_list`](Options::deferred_list) |
/// | `fireOnOneCallback` | [`first_success`](Options::first_success) |
/// | `fireOnOneErrback`, `gatherResults` | [`gather`](Options::gather) |
/// | both | [`race`](Options::race) |
/// | `consumeErrors` | nothing to do: a member belongs to its list, and what a loser fails with is lost. Only who leaves losers to a runtime has to say whether their failures are reported |
/// | members go on when it has fired | [`Losers::Finish`] waits for them; `StartLosers` of `defer-flow` gives them to the runtime |
///
/// Each flag is a function, because each changes the type of what comes out.
pub const fn with() -> Options {
    Options {
        limit: NO_LIMIT,
        losers: None,
    }
}

impl Default for Options {
    fn default() -> Self {
        with()
    }
}

impl<L> Options<L> {
    /// So many members run at once.
    ///
    /// Another one is taken from its iterator when one that runs has come to something:
    /// the iterator may be endless, if the function can do without its end. Dropped members
    /// make no room, since what drops them has its outcome.
    ///
    /// # Panics
    ///
    /// If `limit` is 0: nothing would ever run. A limit that somebody else sets is looked at
    /// first, or comes as a `NonZeroUsize`.
    ///
    /// ```
    /// use defer_core::list;
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let taken = std::cell::Cell::new(0);
    /// let endless = std::iter::repeat_with(|| {
    ///     taken.set(taken.get() + 1);
    ///     succeed(7)
    /// });
    /// assert_eq!(list::with().limit(3).race(endless).await, Some((0, 7)));
    /// assert!(taken.get() <= 4);
    /// # });
    /// ```
    #[track_caller]
    pub fn limit(mut self, limit: usize) -> Self {
        assert!(
            limit > 0,
            "a limit of 0 was set for a list: nothing would ever run; at least 1 has to run at once"
        );
        self.limit = limit;
        self
    }

    /// What becomes of members that are pending when the list has its outcome: one of
    /// [`Losers`], or what a runtime offers.
    ///
    /// Where it is not set [`gather`](super::gather()) drops them, and the others cancel them.
    /// A [`deferred_list`](super::deferred_list()) and a [`select_all`](super::select_all()) have
    /// none.
    ///
    /// ```
    /// use defer_core::list::{self, Losers};
    /// use defer_core::{Failure, Deferred, fail};
    /// # futures::executor::block_on(async {
    /// let (resolver, waiting) = Deferred::<Result<u8, Failure>, _>::new();
    /// let failing = fail(Failure::msg("no such page"));
    /// let pages = list::with().losers(Losers::Cancel).gather([waiting.boxed(), failing.boxed()]);
    /// assert_eq!(pages.await.unwrap_err().to_string(), "no such page");
    /// assert!(resolver.is_cancelled());
    /// # });
    /// ```
    pub fn losers<R>(self, losers: R) -> Options<R> {
        Options {
            limit: self.limit,
            losers: Some(losers),
        }
    }

    /// [`gather`](super::gather()) with these options: it fires on the first failure.
    ///
    /// Not for tuples of members that yield different values: these run all at once, and a
    /// failure drops the others.
    ///
    /// # Errors
    ///
    /// The first failure of a member; it waits for losers that are cancelled or finish.
    ///
    /// ```
    /// use defer_core::list;
    /// use defer_core::{Failure, defer};
    /// # futures::executor::block_on(async {
    /// let page = |number: u32| defer(async move { Ok::<_, Failure>(number * 2) });
    /// assert_eq!(list::with().limit(1).gather([1, 2, 3].map(page)).await.unwrap(), [2, 4, 6]);
    /// # });
    /// ```
    pub fn gather<C, M, N>(
        self,
        members: C,
    ) -> Deferred<
        OutOf<KindOf<C, M, N>, Assembled<C, M, ValueOf<C, M, N>>>,
        GatherWith<LazyOf<C, M>, KindOf<C, M, N>, ValueOf<C, M, N>, C::Into, L>,
    >
    where
        C: Many<M>,
        C::Output: Outcome<N>,
        C::Chain: Chain<Output = OutcomeOf<C, M, N>>,
        C::Into: Assemble<ValueOf<C, M, N>>,
        L: LetGo<C::Chain>,
    {
        let (run, into) = self.run(members);
        let rule = Rule::new(Losers::Drop, self.losers);
        Deferred::from_chain(GatherWith::new(run, into, rule))
    }

    /// [`deferred_list`](super::deferred_list()) with these options: it fires when all members
    /// have their outcomes. Not for tuples of members that yield different values.
    ///
    /// ```
    /// use defer_core::list;
    /// use defer_core::fail;
    /// # futures::executor::block_on(async {
    /// let pages = ["a", "b"].map(|name| fail::<u8, _>(name));
    /// assert_eq!(list::with().limit(1).deferred_list(pages).await, [Err("a"), Err("b")]);
    /// # });
    /// ```
    pub fn deferred_list<C, M, N>(
        self,
        members: C,
    ) -> Deferred<
        Assembled<C, M, OutcomeOf<C, M, N>>,
        DeferredList<LazyOf<C, M>, KindOf<C, M, N>, ValueOf<C, M, N>, C::Into>,
    >
    where
        C: Many<M>,
        C::Output: Outcome<N>,
        C::Chain: Chain<Output = OutcomeOf<C, M, N>>,
        C::Into: Assemble<OutcomeOf<C, M, N>>,
    {
        let (run, into) = self.run(members);
        Deferred::from_chain(DeferredList::new(run, into))
    }

    /// [`first_success`](super::first_success()) with these options: it fires on the first
    /// success.
    ///
    /// # Errors
    ///
    /// If all have failed: every error, in the order of the members.
    ///
    /// ```
    /// use defer_core::list;
    /// use defer_core::{Deferred, defer, fail};
    /// # futures::executor::block_on(async {
    /// // One after the other, until one succeeds.
    /// let lookups: [Deferred<Result<&str, &str>>; 2] =
    ///     [fail("not in the cache").boxed(), defer(async { Ok("the page") }).boxed()];
    /// assert_eq!(list::with().limit(1).first_success(lookups).await, Ok((1, "the page")));
    /// # });
    /// ```
    pub fn first_success<C, T, E, M>(
        self,
        members: C,
    ) -> Deferred<Result<(usize, T), Vec<E>>, FirstSuccess<LazyOf<C, M>, T, E, L>>
    where
        C: Many<M, Output = Result<T, E>>,
        L: LetGo<C::Chain>,
    {
        let (run, _) = self.run(members);
        Deferred::from_chain(FirstSuccess::new(run, self.losers))
    }

    /// [`race`](super::race()) with these options: it fires on the first outcome.
    ///
    /// ```
    /// use defer_core::list::{self, Losers};
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let first = list::with().losers(Losers::Finish).race([succeed(1), succeed(2)]);
    /// assert_eq!(first.await, Some((0, 1)));
    /// # });
    /// ```
    pub fn race<C, M>(
        self,
        members: C,
    ) -> Deferred<Option<(usize, C::Output)>, Race<LazyOf<C, M>, L>>
    where
        C: Many<M>,
        L: LetGo<C::Chain>,
    {
        let (run, _) = self.run(members);
        Deferred::from_chain(Race::new(run, self.losers))
    }

    /// [`n_of`](super::n_of()) with these options: it fires on success number `n`.
    ///
    /// # Errors
    ///
    /// [`TooFew`], as soon as there cannot be so many any more.
    ///
    /// ```
    /// use defer_core::list;
    /// use defer_core::{Failure, defer};
    /// # futures::executor::block_on(async {
    /// let replica = |number: u32| defer(async move { Ok::<_, Failure>(number) });
    /// let two = list::with().limit(2).n_of((7..).map(replica), 2);
    /// assert_eq!(two.await.unwrap(), [(0, 7), (1, 8)]);
    /// # });
    /// ```
    pub fn n_of<C, T, E, M>(
        self,
        members: C,
        n: usize,
    ) -> Deferred<Result<Vec<(usize, T)>, TooFew<E>>, NOf<LazyOf<C, M>, T, E, L>>
    where
        C: Many<M, Output = Result<T, E>>,
        L: LetGo<C::Chain>,
    {
        let (run, _) = self.run(members);
        Deferred::from_chain(NOf::new(run, n, self.losers))
    }

    /// [`any_success_or_last_failure`](super::any_success_or_last_failure) with these options.
    ///
    /// # Errors
    ///
    /// The failure that came last, if all members have failed.
    ///
    /// ```
    /// use defer_core::fail;
    /// use defer_core::list;
    /// # futures::executor::block_on(async {
    /// let lost = ["a", "b"].map(fail::<u8, _>);
    /// let lost = list::with().limit(1).any_success_or_last_failure(lost);
    /// assert_eq!(lost.await, Err("b"));
    /// # });
    /// ```
    pub fn any_success_or_last_failure<C, T, E, M>(
        self,
        members: C,
    ) -> Deferred<Result<Option<(usize, T)>, E>, AnySuccessOrLastFailure<LazyOf<C, M>, T, E, L>>
    where
        C: Many<M, Output = Result<T, E>>,
        E: 'static,
        L: LetGo<C::Chain>,
    {
        let (run, _) = self.run(members);
        Deferred::from_chain(AnySuccessOrLastFailure::new(run, self.losers))
    }

    /// [`select_all`](super::select_all()) with these options: a stream of what the members
    /// come to.
    ///
    /// ```
    /// use defer_core::list;
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let mut squares = list::with().limit(2).select_all((0..).map(|n| succeed(n * n)));
    /// assert_eq!(squares.next().await, Some((0, 0)));
    /// assert_eq!(squares.pending(), 1);
    /// # });
    /// ```
    pub fn select_all<C, M>(self, members: C) -> SelectAll<LazyOf<C, M>>
    where
        C: Many<M>,
    {
        SelectAll::new(self.run(members).0)
    }

    fn run<C: Many<M>, M>(&self, members: C) -> (Run<LazyOf<C, M>>, C::Into) {
        let (now, later, into) = members.into_parts();
        (Run::lazily(Lazy::new(now, later), self.limit), into)
    }
}
