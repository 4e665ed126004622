//! Calls with the same key at the same time, as one.

use core::fmt;
use core::hash::Hash;
use std::sync::Arc;

use defer_core::{OutOf, Returned};

use super::memo::boxed;
use super::run::Promise;
use super::table::{Function, Keeps, Table, judge};

/// A function of a key that runs once for calls at the same time: made by [`single_flight`].
///
/// `O` is what the function's deferred yields. A clone is the same `SingleFlight`.
pub struct SingleFlight<K, O> {
    table: Arc<Table<K, O>>,
    function: Function<K, O>,
}

/// Let calls with the same key share a run as long as it runs, and keep nothing afterwards.
///
/// The function returns what a closure of [`add_callback`](crate::AddCallback::add_callback)
/// may return. The run does not belong to the call that began it: if that is cancelled or
/// dropped, it goes on as long as another one waits. A failure goes to all that share the run.
///
/// Twisted's users know it as `DeferredPooler`.
///
/// ```
/// use defer::prelude::*;
/// use defer::share::single_flight;
/// # futures::executor::block_on(async {
/// let (resolver, answer) = Deferred::<Result<u8, Failure>, _>::new();
/// let answer = std::sync::Mutex::new(Some(answer));
/// let ask = single_flight(move |_: &'static str| answer.lock().unwrap().take().expect("asked once"));
///
/// let (mine, yours) = (ask.call("how many"), ask.call("how many"));
/// resolver.callback(3).unwrap();
/// assert_eq!(mine.await.unwrap() + yours.await.unwrap(), 6);
/// assert!(ask.is_empty(), "nothing is kept");
/// # });
/// ```
pub fn single_flight<K, C, R, M>(function: C) -> SingleFlight<K, OutOf<R::Kind, R::Value>>
where
    K: 'static,
    C: Fn(K) -> R + Send + Sync + 'static,
    R: Returned<M> + 'static,
    R::Chain: Send + 'static,
    OutOf<R::Kind, R::Value>: 'static,
{
    SingleFlight {
        table: Table::new(Keeps::Nowhere, judge::<R::Kind, R::Value>),
        function: boxed(function),
    }
}

impl<K, O> SingleFlight<K, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    O: Clone + Send + 'static,
{
    /// The promise of a key: that of the run that goes on, or of a new one.
    ///
    /// Dropping it, or cancelling it, leaves the others that have it alone.
    ///
    /// ```
    /// use defer::share::single_flight;
    /// # futures::executor::block_on(async {
    /// let double = single_flight(|n: u32| n * 2);
    /// assert_eq!(double.call(4).await, 8);
    /// # });
    /// ```
    pub fn call(&self, key: K) -> Promise<O> {
        self.table.call(key, &self.function)
    }

    /// Let the next call with this key begin a run of its own. Calls that share a run go on
    /// with it.
    ///
    /// ```
    /// use defer::share::single_flight;
    ///
    /// let double = single_flight(|n: u32| n * 2);
    /// let _shared = double.call(4);
    /// double.invalidate(&4);
    /// assert!(double.is_empty());
    /// ```
    pub fn invalidate(&self, key: &K) {
        self.table.invalidate(key);
    }

    /// How many keys have a run.
    ///
    /// ```
    /// use defer::share::single_flight;
    ///
    /// let double = single_flight(|n: u32| n * 2);
    /// let (_shared, _sharing, _other) = (double.call(4), double.call(4), double.call(5));
    /// assert_eq!(double.len(), 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether nothing runs.
    ///
    /// ```
    /// use defer::share::single_flight;
    ///
    /// assert!(single_flight(|n: u32| n * 2).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K, O> Clone for SingleFlight<K, O> {
    fn clone(&self) -> Self {
        SingleFlight {
            table: self.table.clone(),
            function: self.function.clone(),
        }
    }
}

impl<K, O> fmt::Debug for SingleFlight<K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight").finish_non_exhaustive()
    }
}
