//! A list that comes in pages, each of which tells the cursor of the next.

use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;
use std::collections::HashSet;
use std::string::String;
use std::vec::Vec;

use defer_core::__private::{Course, Sealed, finished, node};
use defer_core::{Chain, Deferred, Draw, Fails, Node, Returned, Unwind};
use futures::Stream;

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

/// How many errors are tolerated.
///
/// ```
/// use defer::task::Tolerance;
/// let tolerance = Tolerance::in_a_row(3).and_in_total(20);
/// # let _ = tolerance;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    total: usize,
    row: usize,
}

impl Tolerance {
    /// So many, over all pages. The next one is a failure.
    ///
    /// ```
    /// # use defer::task::Tolerance;
    /// assert_ne!(Tolerance::in_total(9), Tolerance::in_a_row(9));
    /// ```
    #[must_use]
    pub const fn in_total(errors: usize) -> Self {
        Tolerance {
            total: errors,
            row: usize::MAX,
        }
    }

    /// So many one after the other: for one page.
    ///
    /// ```
    /// # use defer::task::Tolerance;
    /// let tolerance = Tolerance::in_a_row(3);
    /// # let _ = tolerance;
    /// ```
    #[must_use]
    pub const fn in_a_row(errors: usize) -> Self {
        Tolerance {
            total: usize::MAX,
            row: errors,
        }
    }

    /// And not more than so many over all pages.
    ///
    /// ```
    /// # use defer::task::Tolerance;
    /// let tolerance = Tolerance::in_a_row(3).and_in_total(20);
    /// # let _ = tolerance;
    /// ```
    #[must_use]
    pub const fn and_in_total(mut self, errors: usize) -> Self {
        self.total = errors;
        self
    }
}

/// The failure of pages that would never end: a page gives a cursor that has been used.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{CursorRepeated, pages};
/// # futures::executor::block_on(async {
/// let to_and_fro = |cursor: u8| Ok::<_, Failure>(([cursor], Some(1 - cursor)));
/// let failure = pages(0, to_and_fro).gather().await.unwrap_err();
/// assert_eq!(failure.check::<CursorRepeated>().unwrap().cursor(), "0");
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorRepeated {
    cursor: String,
}

impl CursorRepeated {
    /// The cursor, as its `Debug` shows it.
    ///
    /// ```
    /// # use defer::prelude::*;
    /// # use defer::task::{CursorRepeated, pages};
    /// # futures::executor::block_on(async {
    /// let again = |_: &str| Ok::<_, Failure>(([1], Some("a")));
    /// let failure = pages("a", again).gather().await.unwrap_err();
    /// assert_eq!(failure.check::<CursorRepeated>().unwrap().cursor(), "\"a\"");
    /// # });
    /// ```
    #[must_use]
    pub fn cursor(&self) -> &str {
        &self.cursor
    }
}

impl fmt::Display for CursorRepeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cursor = &self.cursor;
        write!(
            f,
            "the cursor {cursor} has come before: the pages would never end"
        )
    }
}

impl core::error::Error for CursorRepeated {}

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
        let walk = Walk {
            seen: HashSet::from([self.first.clone()]),
            cursor: Some(self.first),
            repeated: None,
            fetch: self.fetch,
            tolerance: self.tolerance,
            listed: self.listed,
            total: 0,
            row: 0,
            chain: Box::pin(None),
            course: Course::default(),
            begun: false,
            stops: false,
        };
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

/// So many pages, or errors, are looked at in one poll, so that a service that is always ready
/// does not keep the thread.
const MOST: usize = 64;

/// From page to page.
struct Walk<C, F, R: Returned<M>, M, L> {
    /// `None` at the end.
    cursor: Option<C>,
    seen: HashSet<C>,
    /// What comes after the items of this page.
    repeated: Option<CursorRepeated>,
    fetch: F,
    tolerance: Tolerance,
    listed: L,
    total: usize,
    row: usize,
    chain: Pin<Box<Option<R::Chain>>>,
    course: Course,
    begun: bool,
    /// It was cancelled: nothing more is fetched.
    stops: bool,
}

/// What became of a page.
enum Step<I, E> {
    Items(I),
    Failed(E),
    /// It is to be fetched again.
    Again,
    /// There was no next one.
    End,
    /// There is, and it is not wanted any more.
    Left,
}

impl<C, F, R, M, L, P, E> Walk<C, F, R, M, L>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    E: From<CursorRepeated> + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step<P::Items, E>> {
        self.begun = true;
        for _ in 0..MOST {
            if self.chain.is_none() {
                if let Some(repeated) = self.repeated.take() {
                    self.cursor = None;
                    return Poll::Ready(Step::Failed(repeated.into()));
                }
                let Some(cursor) = self.cursor.clone() else {
                    return Poll::Ready(Step::End);
                };
                if self.stops {
                    return Poll::Ready(Step::Left);
                }
                self.chain.set(Some((self.fetch)(cursor).into_chain()));
                self.course = Course::default();
            }
            let Some(chain) = self.chain.as_mut().as_pin_mut() else {
                finished()
            };
            let out = ready!(self.course.poll(chain, false, cx));
            match self.came(out) {
                Step::Again => {}
                step => return Poll::Ready(step),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// The outcome of a fetch; `None`: it was cancelled.
    fn came(&mut self, out: Option<Result<P, E>>) -> Step<P::Items, E> {
        self.chain.set(None);
        match out {
            Some(Ok(page)) => {
                self.row = 0;
                let (items, next) = page.split();
                if let Some(cursor) = next.as_ref().filter(|next| self.seen.contains(*next)) {
                    self.repeated = Some(CursorRepeated {
                        cursor: std::format!("{cursor:?}"),
                    });
                }
                self.seen.extend(next.clone());
                self.cursor = next;
                Step::Items(items)
            }
            Some(Err(error)) => {
                if !self.stops && (self.listed)(&error) {
                    self.total += 1;
                    self.row += 1;
                    if self.total <= self.tolerance.total && self.row <= self.tolerance.row {
                        return Step::Again;
                    }
                }
                self.cursor = None;
                Step::Failed(error)
            }
            None => Step::Left,
        }
    }

    fn cancel(&mut self) -> Unwind<Step<P::Items, E>> {
        if !self.begun {
            return Unwind::Idle;
        }
        self.stops = true;
        let Some(chain) = self.chain.as_mut().as_pin_mut() else {
            // It is between two pages.
            return Unwind::Stays;
        };
        match self.course.cancel(chain) {
            Unwind::Out => Unwind::Is(self.came(None)),
            Unwind::Is(out) => Unwind::Is(self.came(Some(out))),
            // The page is there, and the next one is not to be fetched.
            Unwind::Idle | Unwind::Stays => Unwind::Stays,
        }
    }
}

/// The chain of [`Pages::gather`].
#[must_use = "a chain does nothing until it is polled"]
pub struct Gathering<C, F, R: Returned<M>, M, L, U, T> {
    walk: Walk<C, F, R, M, L>,
    new: U,
    // `None` when the outcome was yielded.
    items: Option<Vec<T>>,
}

impl<C, F, R, M, L, U, P, E> Gathering<C, F, R, M, L, U, ItemOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    /// `None` outside: it goes on. `None` inside: the cancellation has left it.
    #[allow(clippy::option_option, reason = "it is said above")]
    fn take(&mut self, step: Step<P::Items, E>) -> Option<Option<Result<Vec<ItemOf<P>>, E>>> {
        let Some(items) = &mut self.items else {
            finished()
        };
        match step {
            Step::Items(page) => {
                items.extend(page.into_iter().filter(&mut self.new));
                None
            }
            Step::Again => None,
            Step::Failed(error) => {
                self.items = None;
                Some(Some(Err(error)))
            }
            Step::End => Some(self.items.take().map(Ok)),
            Step::Left => {
                self.items = None;
                Some(None)
            }
        }
    }
}

impl<C, F, R: Returned<M>, M, L, U, T> Unpin for Gathering<C, F, R, M, L, U, T> {}
impl<C, F, R: Returned<M>, M, L, U, T> Sealed for Gathering<C, F, R, M, L, U, T> {}

impl<C, F, R, M, L, U, P, E> Future for Gathering<C, F, R, M, L, U, ItemOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    type Output = Result<Vec<ItemOf<P>>, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<C, F, R, M, L, U, P, E> Chain for Gathering<C, F, R, M, L, U, ItemOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.items.is_none() {
            return Unwind::Idle;
        }
        match self.walk.cancel() {
            Unwind::Idle => Unwind::Idle,
            Unwind::Stays | Unwind::Out => Unwind::Stays,
            Unwind::Is(step) => match self.take(step) {
                None => Unwind::Stays,
                Some(None) => Unwind::Out,
                Some(Some(outcome)) => Unwind::Is(outcome),
            },
        }
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        for _ in 0..MOST {
            if this.items.is_none() {
                finished();
            }
            let step = ready!(this.walk.poll(cx));
            if let Some(out) = this.take(step) {
                return Poll::Ready(out);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("pages"), |to| {
            if let Some(chain) = self.walk.chain.as_ref().get_ref() {
                chain.describe(to);
            }
        });
    }
}

impl<C, F, R: Returned<M>, M, L, U, T> fmt::Debug for Gathering<C, F, R, M, L, U, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}

/// The items of pages as they come: made by [`Pages::stream`].
#[must_use = "no page is fetched before it is polled"]
pub struct Items<C, F, R: Returned<M>, M, L, U, I> {
    walk: Walk<C, F, R, M, L>,
    new: U,
    page: Option<I>,
}

impl<C, F, R: Returned<M>, M, L, U, I> Unpin for Items<C, F, R, M, L, U, I> {}

impl<C, F, R, M, L, U, P, E> Stream for Items<C, F, R, M, L, U, IterOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    type Item = Result<ItemOf<P>, E>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        for _ in 0..MOST {
            if let Some(page) = &mut this.page {
                if let Some(item) = page.find(|item| (this.new)(item)) {
                    return Poll::Ready(Some(Ok(item)));
                }
                this.page = None;
            }
            match ready!(this.walk.poll(cx)) {
                Step::Items(items) => this.page = Some(items.into_iter()),
                Step::Again => {}
                Step::Failed(error) => return Poll::Ready(Some(Err(error))),
                Step::End | Step::Left => return Poll::Ready(None),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<C, F, R: Returned<M>, M, L, U, I> fmt::Debug for Items<C, F, R, M, L, U, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}

impl<C, F, R, M, L, U> fmt::Debug for Pages<C, F, R, M, L, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}
