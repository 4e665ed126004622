//! Where the jobs of a dispatch queue are kept until they are done.
//!
//! A queue tells its store of everything that becomes of a job: [`JobStore`] is what it asks.
//! [`Memory`] keeps nothing, which costs nothing. `Redb` (with the feature `store-redb`) keeps
//! jobs in a file, each of them durable before `put` resolves. A store of one's own implements
//! the trait.
//!
//! # What survives what
//!
//! | what happens | [`Memory`] | `Redb` |
//! | --- | --- | --- |
//! | the queue stops | it hands back what was not done | all that was not done is in the file |
//! | the process panics, exits or is killed | all jobs are lost | every job whose `put` resolved is there; one whose `put` did not may be |
//! | it was doing a job just then | lost | the job is there, with one attempt more, and runs again |
//! | it had done a job, and `remove` had not resolved | | the job runs again: **at least once** |
//! | the power is lost | all jobs are lost | as if it was killed, if the disk keeps what it says it wrote |
//! | the disk fails or is full | nothing | the calls fail and the store closes itself; what had resolved is there when it is opened again |
//! | a second process opens it | | that one gets an error, the first goes on |
//! | the file is damaged, is something else, is newer, or holds jobs of another type | | it does not open, says what to do, and the file stays byte for byte as it was |
//! | a job cannot be decoded any more | | the same, naming the job; or, if told so, the job becomes a dead letter and the others are there |
//! | names of jobs | never twice in a process | never twice, also after a crash, which leaves a gap |
//!
//! One thing cannot be told: when the process was killed or the power was lost, and the bytes of
//! the very last transaction are damaged, that looks as if it was cut off while it was written,
//! and the store goes back to the one before.
//!
//! A store gives jobs back in the order of their priorities, and those of one priority as they
//! were put.

mod error;
mod id;
mod memory;
#[cfg(feature = "store-redb")]
pub mod redb;
mod stored;

use core::future::Future;
use std::vec::Vec;

pub use self::error::{StoreError, StoreErrorKind};
pub use self::id::JobId;
pub use self::memory::Memory;
#[cfg(feature = "store-redb")]
pub use self::redb::Redb;
pub use self::stored::{Priority, Stored};

/// What a dispatch queue asks of the place that its jobs are kept in.
///
/// `A` is the argument of a job. Calls take effect in the order in which they are made, not in
/// that of their polls, and without being polled: a future only tells when its call is done. A
/// future that is dropped does not undo its call.
///
/// A store hands a job out again until [`remove`](JobStore::remove) is durable: **at least once**.
/// A crash between the work and that moment makes the job run again.
///
/// ```
/// use defer::dispatch::store::{JobStore, Memory, Stored, StoreError};
///
/// async fn keep<S: JobStore<String>>(store: &S, what: &str) -> Result<(), StoreError> {
///     let job = Stored::new(store.next_id(), 0, what.to_string());
///     store.put(&job).await
/// }
///
/// # futures::executor::block_on(async {
/// keep(&Memory::new(), "a message").await.unwrap();
/// # });
/// ```
pub trait JobStore<A>: Send + Sync + 'static {
    /// Whether nothing has to be written. A queue then skips the calls and the waiting.
    const VOLATILE: bool;

    /// A name for a new job, which this store never gave before, nor did it before a restart.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory};
    /// let store = Memory::new();
    /// let ids = [JobStore::<()>::next_id(&store), JobStore::<()>::next_id(&store)];
    /// assert_ne!(ids[0], ids[1]);
    /// ```
    fn next_id(&self) -> JobId;

    /// Every job that is not done: the lowest priority first, then as they were put.
    ///
    /// Leases of a process that is gone are given up. A queue asks this once, before anything
    /// else.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// let left: Vec<Stored<u32>> = store.recover().await.unwrap();
    /// assert!(left.is_empty());
    /// # });
    /// ```
    fn recover(&self) -> impl Future<Output = Result<Vec<Stored<A>>, StoreError>> + Send;

    /// Keep a new job. It is durable when the future resolves.
    ///
    /// The job is encoded before this returns. Another job of the same name is replaced.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded or written. The job is then not in the store, or, if the disk
    /// failed in the middle, may be.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// store.put(&job).await.unwrap();
    /// # });
    /// ```
    fn put(&self, job: &Stored<A>)
    -> impl Future<Output = Result<(), StoreError>> + Send + 'static;

    /// A job is underway; it has one attempt more.
    ///
    /// # Errors
    ///
    /// If there is no such job, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// JobStore::<u32>::lease(&store, job.id).await.unwrap();
    /// # });
    /// ```
    fn lease(&self, id: JobId) -> impl Future<Output = Result<(), StoreError>> + Send + 'static;

    /// A job is not underway any more, and not done: it is pending as it was. No error if it was
    /// not underway.
    ///
    /// # Errors
    ///
    /// If there is no such job, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// JobStore::<u32>::release(&store, job.id).await.unwrap();
    /// # });
    /// ```
    fn release(&self, id: JobId) -> impl Future<Output = Result<(), StoreError>> + Send + 'static;

    /// A job has another priority.
    ///
    /// # Errors
    ///
    /// If there is no such job, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// JobStore::<u32>::reprioritise(&store, job.id, -1).await.unwrap();
    /// # });
    /// ```
    fn reprioritise(
        &self,
        id: JobId,
        priority: Priority,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + 'static;

    /// A job is done, cancelled or cleared: forget it.
    ///
    /// # Errors
    ///
    /// If there is no such job, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// JobStore::<u32>::remove(&store, job.id).await.unwrap();
    /// # });
    /// ```
    fn remove(&self, id: JobId) -> impl Future<Output = Result<(), StoreError>> + Send + 'static;

    /// A job failed for good. A store that keeps dead letters puts it among them, with `why`;
    /// others forget it.
    ///
    /// # Errors
    ///
    /// If there is no such job, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// let why = "there is no such number";
    /// JobStore::<u32>::bury(&store, job.id, why).await.unwrap();
    /// # });
    /// ```
    fn bury(
        &self,
        id: JobId,
        why: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + 'static;

    /// Resolves when everything that was asked before is durable.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Memory, Stored};
    /// # futures::executor::block_on(async {
    /// # let store = Memory::new();
    /// # let job = Stored::new(JobStore::<u32>::next_id(&store), 0, 5);
    /// let put = store.put(&job);
    /// JobStore::<u32>::flush(&store).await.unwrap();
    /// // It does not wait.
    /// put.await.unwrap();
    /// # });
    /// ```
    fn flush(&self) -> impl Future<Output = Result<(), StoreError>> + Send + 'static;
}
