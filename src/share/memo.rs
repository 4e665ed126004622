//! A function whose promises are remembered.

use core::fmt;
use core::hash::Hash;
use std::sync::Arc;

use defer_core::{Deferred, OutOf, Returned};

use super::run::Promise;
use super::table::{Function, Keeps, Table, judge};

/// A function of a key whose promises are remembered: made by [`memoize`].
///
/// `O` is what the function's deferred yields: a `T`, or a `Result<T, E>`. A clone is the same
/// `Memo`.
///
/// ```
/// use defer::prelude::*;
/// use defer::share::{Memo, memoize};
///
/// struct Site {
///     pages: Memo<String, Result<usize, Failure>>,
/// }
///
/// # futures::executor::block_on(async {
/// let site = Site {
///     pages: memoize(|name: String| defer(async move { Ok::<_, Failure>(name.len()) })),
/// };
/// assert_eq!(site.pages.call("a page".to_string()).await.unwrap(), 6);
/// assert_eq!(site.pages.len(), 1);
/// # });
/// ```
pub struct Memo<K, O> {
    pub(super) table: Arc<Table<K, O>>,
    pub(super) function: Function<K, O>,
}

/// Remember the promises of a function: calls with the same key share one run, while it runs
/// and afterwards.
///
/// The function returns what a closure of [`add_callback`](crate::AddCallback::add_callback)
/// may return: a deferred, as annotated functions do, a [`Plain`](crate::Plain) value or a
/// `Result`. It is called in the first poll of the first call with a key. The outcome is cloned
/// for each call. A failure is not remembered; [`share`](super) has the whole of it. Without
/// `bounded` (with the feature `moka`) nothing is forgotten but by
/// [`invalidate`](Memo::invalidate) and [`clear`](Memo::clear).
///
/// The promises are kept, not their values, as in Terry Jones' `memoize` for jQuery: a call
/// that comes before the first one has its value does not begin a second run.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use defer::prelude::*;
/// use defer::share::memoize;
///
/// static RUNS: AtomicUsize = AtomicUsize::new(0);
///
/// #[callback]
/// async fn square(n: u32) -> u32 {
///     RUNS.fetch_add(1, Ordering::Relaxed);
///     n * n
/// }
///
/// # futures::executor::block_on(async {
/// let squares = memoize(|n: u32| square(n));
/// let (a, b) = futures::future::join(squares.call(4), squares.call(4)).await;
/// assert_eq!((a, b, squares.call(4).await), (16, 16, 16));
/// assert_eq!(RUNS.load(Ordering::Relaxed), 1);
/// # });
/// ```
pub fn memoize<K, C, R, M>(function: C) -> Memo<K, OutOf<R::Kind, R::Value>>
where
    K: 'static,
    C: Fn(K) -> R + Send + Sync + 'static,
    R: Returned<M> + 'static,
    R::Chain: Send + 'static,
    OutOf<R::Kind, R::Value>: 'static,
{
    Memo {
        table: Table::new(Keeps::InTheTable, judge::<R::Kind, R::Value>),
        function: boxed(function),
    }
}

/// A function that is kept, whatever it returns.
pub(super) fn boxed<K, C, R, M>(function: C) -> Function<K, OutOf<R::Kind, R::Value>>
where
    C: Fn(K) -> R + Send + Sync + 'static,
    R: Returned<M>,
    R::Chain: Send + 'static,
{
    Arc::new(move |key| Deferred::from_chain(function(key).into_chain()).boxed())
}

impl<K, O> Memo<K, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    O: Clone + Send + 'static,
{
    /// The promise of a key: the one that is remembered, or that of a new run.
    ///
    /// Dropping it, or cancelling it, leaves the others that have it alone.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::share::memoize;
    /// # futures::executor::block_on(async {
    /// let doubles = memoize(|n: u32| n * 2);
    /// let promise = doubles.call(4);
    /// let again = promise.clone();
    /// assert_eq!(promise.await + again.await, 16);
    /// # });
    /// ```
    pub fn call(&self, key: K) -> Promise<O> {
        self.table.call(key, &self.function)
    }

    /// Forget what is remembered for a key: the next call begins a new run.
    ///
    /// Calls that share a run go on with it; its value is not remembered.
    ///
    /// ```
    /// use defer::share::memoize;
    /// # futures::executor::block_on(async {
    /// let doubles = memoize(|n: u32| n * 2);
    /// doubles.call(4).await;
    /// doubles.invalidate(&4);
    /// assert!(doubles.is_empty());
    /// # });
    /// ```
    pub fn invalidate(&self, key: &K) {
        self.table.invalidate(key);
    }

    /// Forget everything, as [`invalidate`](Memo::invalidate) does for one key.
    ///
    /// ```
    /// use defer::share::memoize;
    /// # futures::executor::block_on(async {
    /// let doubles = memoize(|n: u32| n * 2);
    /// doubles.call(4).await;
    /// doubles.clear();
    /// assert_eq!(doubles.len(), 0);
    /// # });
    /// ```
    pub fn clear(&self) {
        self.table.clear();
    }

    /// How many promises there are, those that run included.
    ///
    /// ```
    /// use defer::share::memoize;
    /// # futures::executor::block_on(async {
    /// let doubles = memoize(|n: u32| n * 2);
    /// let running = doubles.call(4);
    /// doubles.call(5).await;
    /// assert_eq!(doubles.len(), 2);
    /// drop(running);
    /// assert_eq!(doubles.len(), 1, "nobody waits for it");
    /// # });
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is no promise.
    ///
    /// ```
    /// use defer::share::memoize;
    ///
    /// let doubles = memoize(|n: u32| n * 2);
    /// let _not_awaited = doubles.call(4);
    /// assert!(!doubles.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K, O> Clone for Memo<K, O> {
    fn clone(&self) -> Self {
        Memo {
            table: self.table.clone(),
            function: self.function.clone(),
        }
    }
}

impl<K, O> fmt::Debug for Memo<K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").finish_non_exhaustive()
    }
}
