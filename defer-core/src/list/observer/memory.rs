//! What an observer of a list keeps of what it has seen: nothing, or everything.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::DeferredListObserver;
use super::event::{Counts, Event, Recorded};
use super::shared::{Entry, Observation, Shared};

mod sealed {
    /// Implemented here.
    pub trait Sealed {}
}

/// Whether a [`DeferredListObserver`] keeps a history:
/// [`NoHistory`] or [`History`].
///
/// For functions that take an observer of either kind.
///
/// ```
/// use defer_core::list::{DeferredListObserver, Memory};
///
/// fn busy<T, E, H: Memory<T, E>>(observer: &DeferredListObserver<T, E, H>) -> bool {
///     observer.counts().pending > 0
/// }
/// assert!(!busy(&DeferredListObserver::<u8>::new()));
/// assert!(!busy(&DeferredListObserver::<u8, String, _>::with_history()));
/// ```
pub trait Memory<T, E>: sealed::Sealed {
    /// What is kept of an outcome.
    #[doc(hidden)]
    type Copy;
    /// Make it. The program's `Clone` runs here, and not under a lock.
    #[doc(hidden)]
    fn copy(outcome: &Result<T, E>) -> Self::Copy;
    /// Keep it.
    #[doc(hidden)]
    fn keep(&mut self, index: usize, outcome: Option<Self::Copy>, counts: Counts);
}

/// No history: outcomes pass, and are not copied.
///
/// ```
/// use defer_core::list::{DeferredListObserver, NoHistory};
/// let observer: DeferredListObserver<u8, String, NoHistory> = DeferredListObserver::new();
/// # assert_eq!(observer.counts().total(), 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NoHistory;

impl sealed::Sealed for NoHistory {}

impl<T, E> Memory<T, E> for NoHistory {
    type Copy = ();
    fn copy(_: &Result<T, E>) {}
    fn keep(&mut self, _: usize, _: Option<()>, _: Counts) {}
}

/// Every event, in the order in which they happened.
///
/// ```
/// use defer_core::list::{DeferredListObserver, History};
/// struct Pool { pages: DeferredListObserver<String, String, History<String, String>> }
/// let pool = Pool { pages: DeferredListObserver::with_history() };
/// # assert!(pool.pages.history().is_empty());
/// ```
pub struct History<T, E>(pub(super) Vec<Recorded<T, E>>);

impl<T, E> sealed::Sealed for History<T, E> {}

impl<T: Clone, E: Clone> Memory<T, E> for History<T, E> {
    type Copy = Arc<Result<T, E>>;
    fn copy(outcome: &Result<T, E>) -> Self::Copy {
        Arc::new(outcome.clone())
    }
    fn keep(&mut self, index: usize, outcome: Option<Self::Copy>, counts: Counts) {
        self.0.push(Recorded {
            index,
            outcome,
            counts,
        });
    }
}

impl<T, E> fmt::Debug for History<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("events", &self.0.len())
            .finish_non_exhaustive()
    }
}

impl<T: Clone, E: Clone> DeferredListObserver<T, E, History<T, E>> {
    /// An observer of nothing, yet, that keeps every event, for ever.
    ///
    /// An outcome is cloned when it passes: hence the bounds. A `Clone` that panics does so
    /// through the poll of the observed deferred.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// let observer = DeferredListObserver::<u8, String, _>::with_history();
    /// assert!(observer.history().is_empty());
    /// ```
    #[must_use]
    pub fn with_history() -> Self {
        DeferredListObserver {
            shared: Shared::new(History(Vec::new())),
        }
    }
}

impl<T, E> DeferredListObserver<T, E, History<T, E>> {
    /// What has happened so far, in the order in which it did.
    ///
    /// The outcomes in it are shared, not copied.
    ///
    /// ```
    /// use defer_core::fail;
    /// use defer_core::list::DeferredListObserver;
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::with_history();
    /// let [first, second] = ["a", "b"].map(|why| observer.append(fail::<u8, _>(why)));
    /// second.await.unwrap_err();
    /// first.await.unwrap_err();
    /// let order: Vec<_> = observer.history().iter().map(|event| event.index).collect();
    /// assert_eq!(order, [1, 0]);
    /// # });
    /// ```
    #[must_use]
    pub fn history(&self) -> Vec<Recorded<T, E>> {
        self.shared.history()
    }

    /// As [`observe`](Self::observe), and call it first with everything that has happened so
    /// far.
    ///
    /// No event is left out, none comes twice, and the old ones come first, in their order,
    /// whatever happens meanwhile. An observer without a history does not have this method.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::{fail, succeed};
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::with_history();
    /// observer.append(fail::<u8, _>("no such page")).await.unwrap_err();
    /// observer.observe_with_replay(|event| {
    ///     assert_eq!(event.outcome, Some(&Err("no such page")));
    /// });
    /// # });
    /// ```
    ///
    /// ```compile_fail,E0599
    /// use defer_core::list::DeferredListObserver;
    /// let observer = DeferredListObserver::<u8>::new();
    /// observer.observe_with_replay(|_| {}); // no history to replay
    /// ```
    pub fn observe_with_replay<C>(&self, observer: C) -> Observation<T, E, History<T, E>>
    where
        C: Fn(&Event<'_, T, E>) + Send + Sync + 'static,
    {
        let entry = Entry::new(observer);
        self.shared.catch_up(&entry);
        Observation::of(&self.shared, &entry)
    }
}
