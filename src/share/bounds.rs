//! How much a `Memo` remembers, and for how long.

use core::hash::Hash;
use core::time::Duration;
use std::boxed::Box;

use moka::sync::Cache;

use super::memo::Memo;
use super::run::Promise;
use super::table::{Keeps, Store, Table};

/// How much a [`Memo`] remembers, and for how long: for [`Memo::bounded`].
///
/// ```
/// use std::time::Duration;
/// use defer::share::{Bounds, memoize};
/// # futures::executor::block_on(async {
/// let bounds = Bounds::new().size(2).expires(Duration::from_secs(60));
/// let doubles = memoize(|n: u32| n * 2).bounded(bounds);
/// for n in 0..9 {
///     assert_eq!(doubles.call(n).await, n * 2);
/// }
/// assert!(doubles.len() <= 2);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    size: Option<u64>,
    expires: Option<Duration>,
}

impl Bounds {
    /// No bounds.
    ///
    /// ```
    /// use defer::share::Bounds;
    ///
    /// assert_eq!(Bounds::new(), Bounds::default());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Bounds {
            size: None,
            expires: None,
        }
    }

    /// Remember so many values at most: those that are asked for seldom go. With 0 none is.
    ///
    /// See [`Bounds`] for an example.
    #[must_use]
    pub const fn size(mut self, most: u64) -> Self {
        self.size = Some(most);
        self
    }

    /// Forget a value so long after it came. By the clock of the system, not by tokio's.
    ///
    /// See [`Bounds`] for an example.
    #[must_use]
    pub const fn expires(mut self, after: Duration) -> Self {
        self.expires = Some(after);
        self
    }
}

impl<K, O> Memo<K, O>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    O: Clone + Send + 'static,
{
    /// The same function, with nothing remembered yet, and with bounds for what is.
    ///
    /// Bounds are for values: what runs is shared, whatever they are. They are kept by a
    /// cache of the crate `moka`; it needs keys that are `Sync`. Needs the feature `moka`.
    ///
    /// # Panics
    ///
    /// If values are to expire after more than a thousand years.
    ///
    /// ```
    /// use defer::share::{Bounds, memoize};
    /// # futures::executor::block_on(async {
    /// let doubles = memoize(|n: u32| n * 2).bounded(Bounds::new().size(0));
    /// assert_eq!(doubles.call(4).await, 8);
    /// assert!(doubles.is_empty());
    /// # });
    /// ```
    #[must_use]
    pub fn bounded(self, bounds: Bounds) -> Self {
        let mut cache = Cache::builder();
        if let Some(most) = bounds.size {
            cache = cache.max_capacity(most);
        }
        if let Some(after) = bounds.expires {
            cache = cache.time_to_live(after);
        }
        let keeps = Keeps::In(Box::new(cache.build()));
        Memo {
            table: Table::new(keeps, self.table.judge()),
            function: self.function,
        }
    }
}

impl<K, O> Store<K, O> for Cache<K, Promise<O>>
where
    K: Eq + Hash + Send + Sync + 'static,
    O: Clone + Send + 'static,
{
    fn get(&self, key: &K) -> Option<Promise<O>> {
        Cache::get(self, key)
    }
    fn insert(&self, key: K, promise: Promise<O>) {
        Cache::insert(self, key, promise);
    }
    fn remove(&self, key: &K) {
        self.invalidate(key);
    }
    fn clear(&self) {
        self.invalidate_all();
        self.run_pending_tasks();
    }
    fn len(&self) -> usize {
        // The count is of what was done in earnest.
        self.run_pending_tasks();
        usize::try_from(self.entry_count()).unwrap_or(usize::MAX)
    }
}
