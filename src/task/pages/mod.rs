//! A list that comes in pages, each of which tells the cursor of the next.

mod gathering;
mod items;
mod repeated;
mod tolerance;
mod walk;

use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;
use std::collections::HashSet;
use std::vec::Vec;

use defer_core::{Deferred, Fails, Returned};

pub use self::gathering::Gathering;
pub use self::items::Items;
pub use self::repeated::CursorRepeated;
pub use self::tolerance::Tolerance;
use self::walk::Walk;

/// One page of a list: what is on it, and where the next one is.
///
/// `(items, Option<cursor>)` is one. A program's own types implement it, often those that an
/// answer is parsed into.
///
/// ```
/// use defer::task::Page;
///
/// struct Followers { ids: Vec<u64>, next_cursor: i64 }
///
/// impl Page for Followers {
///     type Items = Vec<u64>;
///     type Cursor = i64;
///     fn split(self) -> (Vec<u64>, Option<i64>) {
///         // This service says 0 for the last page.
///         (self.ids, Some(self.next_cursor).filter(|cursor| *cursor != 0))
///     }
/// }
/// ```
pub trait Page {
    /// What is on it.
    type Items: IntoIterator;
    /// What the next page is asked for with.
    type Cursor;
    /// Take it apart; `None`: there is no next page.
    fn split(self) -> (Self::Items, Option<Self::Cursor>);
}

impl<I: IntoIterator, C> Page for (I, Option<C>) {
    type Items = I;
    type Cursor = C;
    fn split(self) -> (I, Option<C>) {
        self
    }
}

type ItemOf<P> = <<P as Page>::Items as IntoIterator>::Item;
type IterOf<P> = <<P as Page>::Items as IntoIterator>::IntoIter;

/// Fetch a list that comes in pages, from the page at the cursor `first` on.
///
/// `fetch` makes the deferred of a page, or its `Result`; its error is the error of the whole. A
/// [`Page`] tells what is on it, and the cursor of the next one, until there is none. Pages are
/// fetched one after the other, each when the one before is used up, and nothing
/// is fetched before the first poll. No runtime is needed.
///
/// A cursor that has come before is the failure [`CursorRepeated`], which the error is made
/// from: else the pages would never end. All cursors are remembered for it.
///
/// [`tolerate`](Pages::tolerate) says which errors of `fetch` are passed over, and
/// [`unique_by`](Pages::unique_by) leaves out what has come before;
/// [`gather`](Pages::gather) gives a list, [`stream`](Pages::stream) the items as they come.
///
/// From Terry Jones' fetchers of all friends or followers, who fetched a page again after an
/// error of the server.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{Tolerance, pages};
/// # #[derive(Debug)] struct Unavailable;
/// # impl std::fmt::Display for Unavailable {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("503") }
/// # }
/// # impl std::error::Error for Unavailable {}
/// # static TRIES: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);
///
/// #[callback]
/// async fn followers(cursor: i64) -> Result<(Vec<u64>, Option<i64>), Failure> {
///     // … ask the service …
/// #   if TRIES.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1 { return Err(Unavailable.into()) }
///     Ok(match cursor {
///         -1 => (vec![1, 2, 3], Some(7)),
///         _ => (vec![3, 4], None),
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let all = pages(-1, followers)
///     .tolerate(Tolerance::in_total(9), |why| why.check::<Unavailable>().is_some())
///     .unique_by(|id| *id)
///     .gather();
/// assert_eq!(all.await.unwrap(), [1, 2, 3, 4]);
/// # });
/// ```
#[allow(clippy::type_complexity, reason = "two of them are functions")]
pub fn pages<C, F, R, M, P, E>(
    first: C,
    fetch: F,
) -> Pages<C, F, R, M, fn(&E) -> bool, fn(&ItemOf<P>) -> bool>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    E: 'static,
{
    Pages {
        first,
        fetch,
        tolerance: Tolerance::in_total(0),
        listed: |_| false,
        new: |_| true,
        page: PhantomData,
    }
}

/// Pages that have not been fetched: made by [`pages`].
#[must_use = "no page is fetched before `gather` or `stream` is called"]
pub struct Pages<C, F, R, M, L, U> {
    first: C,
    fetch: F,
    tolerance: Tolerance,
    listed: L,
    new: U,
    page: PhantomData<fn() -> (R, M)>,
}

impl<C, F, R, M, L, U> Pages<C, F, R, M, L, U> {
    /// Fetch a page again after an error that `listed` is true of, so often.
    ///
    /// It is fetched again at once; let `fetch` wait, if the service needs rest. One error too
    /// many is the failure of the whole, and so is any error that is not listed. Without this,
    /// every error is.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::{Tolerance, pages};
    /// # futures::executor::block_on(async {
    /// let mut tries = 0;
    /// let page = |_: u8| {
    ///     tries += 1;
    ///     if tries < 3 { Err(Failure::from(std::fmt::Error)) } else { Ok((["a"], None)) }
    /// };
    /// let all = pages(0, page).tolerate(Tolerance::in_a_row(2), |_| true).gather();
    /// assert_eq!(all.await.unwrap(), ["a"]);
    /// # });
    /// ```
    pub fn tolerate<E, L2>(self, errors: Tolerance, listed: L2) -> Pages<C, F, R, M, L2, U>
    where
        R: Returned<M, Kind = Fails<E>>,
        L2: FnMut(&E) -> bool,
        E: 'static,
    {
        Pages {
            first: self.first,
            fetch: self.fetch,
            tolerance: errors,
            listed,
            new: self.new,
            page: PhantomData,
        }
    }

    /// Leave out an item whose key has come before, on this page or an earlier one.
    ///
    /// The first one stays, in its place. All keys are remembered.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::pages;
    /// # futures::executor::block_on(async {
    /// let users = |_: u8| Ok::<_, Failure>(([(7, "ada"), (8, "bob"), (7, "ada l.")], None));
    /// let all = pages(0, users).unique_by(|user| user.0).gather();
    /// assert_eq!(all.await.unwrap(), [(7, "ada"), (8, "bob")]);
    /// # });
    /// ```
    pub fn unique_by<P, K, G>(
        self,
        mut key: G,
    ) -> Pages<C, F, R, M, L, impl FnMut(&ItemOf<P>) -> bool + use<C, F, R, M, L, U, P, K, G>>
    where
        R: Returned<M, Value = P>,
        P: Page,
        G: FnMut(&ItemOf<P>) -> K,
        K: Eq + Hash,
    {
        let mut seen = HashSet::new();
        Pages {
            first: self.first,
            fetch: self.fetch,
            tolerance: self.tolerance,
            listed: self.listed,
            new: move |item: &ItemOf<P>| seen.insert(key(item)),
            page: PhantomData,
        }
    }

    fn walk(self) -> (Walk<C, F, R, M, L>, U)
    where
        C: Clone + Eq + Hash,
        R: Returned<M>,
    {
        let walk = Walk::new(self.first, self.fetch, self.tolerance, self.listed);
        (walk, self.new)
    }

    /// All items of all pages, as a list.
    ///
    /// The first failure that is not tolerated is the failure of the whole. Cancelled, it
    /// cancels the fetch that it waits for, and fetches nothing more: its outcome is that
    /// fetch's failure, or the list if that was the last page, or else the cancellation. Dropping
    /// it drops the fetch.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::pages;
    /// # futures::executor::block_on(async {
    /// let page = |n: u32| Ok::<_, Failure>(([n, n * n], Some(n + 1).filter(|n| *n < 4)));
    /// assert_eq!(pages(2, page).gather().await.unwrap(), [2, 4, 3, 9]);
    /// # });
    /// ```
    pub fn gather<P, E>(
        self,
    ) -> Deferred<Result<Vec<ItemOf<P>>, E>, Gathering<C, F, R, M, L, U, ItemOf<P>>>
    where
        C: Clone + Eq + Hash + fmt::Debug,
        F: FnMut(C) -> R,
        R: Returned<M, Value = P, Kind = Fails<E>>,
        P: Page<Cursor = C>,
        L: FnMut(&E) -> bool,
        U: FnMut(&ItemOf<P>) -> bool,
        E: From<CursorRepeated> + 'static,
    {
        let (walk, new) = self.walk();
        Deferred::from_chain(Gathering {
            walk,
            new,
            items: Some(Vec::new()),
        })
    }

    /// The items of all pages, one after the other, as they come.
    ///
    /// A `Stream` of `Result`s. A page is fetched when the items before it have been taken. A
    /// failure that is not tolerated is the last item. Dropping it drops the fetch;
    /// [`gather`](Pages::gather) is what can be cancelled.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::pages;
    /// use futures::{StreamExt, TryStreamExt};
    /// # futures::executor::block_on(async {
    /// let page = |n: u32| Ok::<_, Failure>(([n, n * n], Some(n + 1)));
    /// let three: Vec<u32> = pages(2, page).stream().take(3).try_collect().await.unwrap();
    /// assert_eq!(three, [2, 4, 3]);
    /// # });
    /// ```
    pub fn stream<P, E>(self) -> Items<C, F, R, M, L, U, IterOf<P>>
    where
        C: Clone + Eq + Hash + fmt::Debug,
        F: FnMut(C) -> R,
        R: Returned<M, Value = P, Kind = Fails<E>>,
        P: Page<Cursor = C>,
        L: FnMut(&E) -> bool,
        U: FnMut(&ItemOf<P>) -> bool,
        E: From<CursorRepeated> + 'static,
    {
        let (walk, new) = self.walk();
        Items {
            walk,
            new,
            page: None,
        }
    }
}

impl<C, F, R, M, L, U> fmt::Debug for Pages<C, F, R, M, L, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}
