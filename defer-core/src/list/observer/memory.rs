//! What an observer of a list keeps of what it has seen: nothing, or everything.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::event::{Counts, Recorded};

mod sealed {
    /// Implemented here.
    pub trait Sealed {}
}

/// Whether a [`DeferredListObserver`](super::DeferredListObserver) keeps a history:
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
