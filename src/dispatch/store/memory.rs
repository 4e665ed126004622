//! The store that keeps nothing.

use core::future::{Ready, ready};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::vec::Vec;

use super::{JobId, JobStore, Priority, StoreError, Stored};

/// The store that keeps nothing: jobs live in the queue alone and end with the process.
///
/// Every call succeeds at once, and a queue does not even make them. There are no dead letters.
///
/// ```
/// use defer::dispatch::store::{JobStore, Memory, Stored};
///
/// # futures::executor::block_on(async {
/// let store = Memory::new();
/// let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
/// store.put(&job).await.unwrap();
/// let kept: Vec<Stored<u32>> = store.recover().await.unwrap();
/// assert!(kept.is_empty());
/// # });
/// ```
#[derive(Debug, Default)]
pub struct Memory {
    given: AtomicU64,
}

impl Memory {
    /// One whose first job is number 1.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory};
    /// assert_eq!(JobStore::<()>::next_id(&Memory::new()).get(), 1);
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Memory {
            given: AtomicU64::new(0),
        }
    }
}

const DONE: Result<(), StoreError> = Ok(());

#[allow(
    refining_impl_trait,
    reason = "that the calls are done at once is promised"
)]
impl<A: Send + 'static> JobStore<A> for Memory {
    const VOLATILE: bool = true;

    fn next_id(&self) -> JobId {
        JobId::new(self.given.fetch_add(1, Relaxed) + 1)
    }

    fn recover(&self) -> Ready<Result<Vec<Stored<A>>, StoreError>> {
        ready(Ok(Vec::new()))
    }

    fn put(&self, _: &Stored<A>) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }

    fn lease(&self, _: JobId) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }

    fn release(&self, _: JobId) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }

    fn reprioritise(&self, _: JobId, _: Priority) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }

    fn remove(&self, _: JobId) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }

    fn bury(&self, _: JobId, _: &str) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }

    fn flush(&self) -> Ready<Result<(), StoreError>> {
        ready(DONE)
    }
}
