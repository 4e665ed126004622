//! Jobs in a file, in the embedded database redb.
//!
//! [`Redb`] is the store, [`Options`] how it is opened; what survives what is in the table of
//! [`store`](super).

mod answer;
mod argument;
mod backend;
mod call;
mod dead;
mod fault;
mod file;
mod header;
mod inbox;
mod lease;
mod look;
mod moment;
mod names;
mod options;
mod shared;
mod tables;
mod writer;

use core::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::answer::Answer;
use self::answer::Tell;
use self::call::{Call, Change};
pub use self::dead::DeadLetter;
pub use self::lease::Lease;
pub use self::options::Options;
use self::shared::Shared;
use super::{JobId, JobStore, Priority, Stored};

/// How the database is opened, everywhere.
fn builder() -> ::redb::Builder {
    let mut builder = ::redb::Database::builder();
    // The database's own choice is a gibibyte.
    builder.set_cache_size(64 << 20);
    builder
}

/// Jobs in a file, each durable before `put` resolves.
///
/// A clone is the same store: give one to the queue and keep another for the dead letters and
/// for [`close`](Redb::close). `A` is any type that serde knows.
///
/// All reading and writing happens on a thread of the store; no call blocks. The thread writes
/// all calls that wait as one transaction with one `fsync`, so that many puts at once cost little
/// more than one. A call needs no runtime, and takes effect without being polled.
///
/// # Who has it open
///
/// One process at a time, once: the file is locked, and a second opener gets an error. So a
/// lease that is found on opening is of a process that is gone; it is given up whatever its age,
/// and [`given_up`](Redb::given_up) tells of it.
///
/// # Failing
///
/// A call for a job that is not there fails alone. When the disk fails, or is full, the calls
/// of that transaction fail, none of them done, and the store closes itself: later calls fail with
/// [`Closed`](super::StoreErrorKind::Closed) and tell why. What resolved before is in the file;
/// open it again.
///
/// # Dropping
///
/// When the last clone goes, what was asked is still written, by the store's thread, and then
/// the file is closed. Dropping does not wait for that, and the end of the process cuts it off:
/// [`close`](Redb::close) waits.
///
/// ```
/// use defer::dispatch::store::{JobStore, Redb, Stored};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("jobs");
/// # futures::executor::block_on(async {
/// let store: Redb<String> = Redb::open(&path).await.unwrap();
/// let job = Stored::new(store.next_id(), 0, "a message".to_string());
/// store.put(&job).await.unwrap();
/// store.lease(job.id).await.unwrap();
/// store.close().await.unwrap();
///
/// // It was underway, and not done.
/// let store: Redb<String> = Redb::open(&path).await.unwrap();
/// let jobs = store.recover().await.unwrap();
/// assert_eq!((&*jobs[0].argument, jobs[0].attempts), ("a message", 1));
/// assert_eq!(store.given_up()[0].id, job.id);
/// # });
/// ```
pub struct Redb<A>(Arc<Handle<A>>);

struct Handle<A> {
    shared: Arc<Shared<A>>,
    given_up: Vec<Lease>,
}

impl<A> Drop for Handle<A> {
    fn drop(&mut self) {
        self.shared.inbox.close();
    }
}

impl<A: DeserializeOwned + Send + 'static> Redb<A> {
    /// Open the store in this file, or make a new one if there is none.
    ///
    /// # Errors
    ///
    /// As [`Options::open`].
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Redb};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<String> = Redb::open(path).await.unwrap();
    /// assert!(store.recover().await.unwrap().is_empty());
    /// # });
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Answer<Self> {
        Options::new().open(path)
    }
}

impl<A> Redb<A> {
    fn ask<T>(&self, call: impl FnOnce(Tell<T>) -> Call<A>) -> Answer<T> {
        let (tell, answer) = Answer::pair();
        match self.0.shared.inbox.add(call(tell)) {
            Ok(()) => answer,
            Err(closed) => Answer::refused(closed),
        }
    }

    fn change(&self, id: JobId, change: Change) -> Answer<()> {
        self.ask(|tell| Call::Change(id, change, tell))
    }

    /// Refuse new calls, do those that were made, and let go of the file. Resolves when another
    /// process can open it.
    ///
    /// All clones are closed. To close what is closed is no error.
    ///
    /// # Errors
    ///
    /// None but that the thread of the store panicked.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Redb, StoreErrorKind, Stored};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<u32> = Redb::open(&path).await.unwrap();
    /// let job = Stored::new(store.next_id(), 0, 7);
    /// let put = store.put(&job);
    /// store.close().await.unwrap();
    /// put.await.unwrap();
    /// assert_eq!(store.put(&job).await.unwrap_err().kind(), StoreErrorKind::Closed);
    /// # });
    /// ```
    pub fn close(&self) -> Answer<()> {
        self.0.shared.inbox.close_and_tell()
    }

    /// The jobs that were underway when the last process ended: those that are begun once more.
    ///
    /// ```
    /// # use defer::dispatch::store::Redb;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let new: Redb<u32> = Redb::open(path).await.unwrap();
    /// assert!(new.given_up().is_empty());
    /// # });
    /// ```
    #[must_use]
    pub fn given_up(&self) -> &[Lease] {
        &self.0.given_up
    }

    /// How many transactions were written since it was opened, each with its `fsync`.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Redb, Stored};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<u32> = Redb::open(path).await.unwrap();
    /// store.put(&Stored::new(store.next_id(), 0, 7)).await.unwrap();
    /// store.put(&Stored::new(store.next_id(), 0, 8)).await.unwrap();
    /// assert_eq!(store.commits(), 2);
    /// # });
    /// ```
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.0.shared.commits.load(Relaxed)
    }

    /// All dead letters, the one that was buried first in front.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    ///
    /// ```
    /// # use defer::dispatch::store::Redb;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<u32> = Redb::open(path).await.unwrap();
    /// for letter in store.dead_letters().await.unwrap() {
    ///     println!("{}: {}", letter.id, letter.why);
    /// }
    /// # });
    /// ```
    pub fn dead_letters(&self) -> Answer<Vec<DeadLetter<A>>> {
        self.ask(Call::DeadLetters)
    }

    /// Make a job of a dead letter again: pending, the last of its priority, never begun.
    ///
    /// A queue that is at work does not learn of it: it takes it up the next time that it
    /// recovers. To have it done now, put the letter's argument into the queue as a new
    /// job and [`discard`](Redb::discard) the letter when that is accepted.
    ///
    /// # Errors
    ///
    /// If there is no such letter, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Redb, Stored};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<u32> = Redb::open(path).await.unwrap();
    /// let job = Stored::new(store.next_id(), 0, 7);
    /// store.put(&job).await.unwrap();
    /// store.bury(job.id, "the carrier is gone").await.unwrap();
    /// store.revive(job.id).await.unwrap();
    /// assert_eq!(store.recover().await.unwrap()[0].id, job.id);
    /// # });
    /// ```
    pub fn revive(&self, id: JobId) -> Answer<()> {
        self.change(id, Change::Revive)
    }

    /// Forget a dead letter.
    ///
    /// # Errors
    ///
    /// If there is no such letter, or it cannot be written.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Redb, Stored};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<u32> = Redb::open(path).await.unwrap();
    /// let job = Stored::new(store.next_id(), 0, 7);
    /// store.put(&job).await.unwrap();
    /// store.bury(job.id, "no such number").await.unwrap();
    /// store.discard(job.id).await.unwrap();
    /// assert!(store.dead_letters().await.unwrap().is_empty());
    /// # });
    /// ```
    pub fn discard(&self, id: JobId) -> Answer<()> {
        self.change(id, Change::Discard)
    }
}

#[allow(
    refining_impl_trait,
    reason = "the calls resolve by themselves, which is more than is asked"
)]
impl<A: Serialize + DeserializeOwned + Send + 'static> JobStore<A> for Redb<A> {
    const VOLATILE: bool = false;

    fn next_id(&self) -> JobId {
        let (id, is_scarce) = self.0.shared.names.give();
        if is_scarce {
            // A store that is closed keeps no jobs that could be mistaken.
            let _ = self.0.shared.inbox.add(Call::Names);
        }
        JobId::new(id)
    }

    fn recover(&self) -> Answer<Vec<Stored<A>>> {
        self.ask(Call::Recover)
    }

    fn put(&self, job: &Stored<A>) -> Answer<()> {
        let argument = match argument::checked(job.id, &job.argument) {
            Ok(argument) => argument,
            Err(error) => return Answer::refused(error),
        };
        self.0.shared.names.is_taken(job.id.get());
        let change = Change::Put {
            priority: job.priority,
            queued: moment::kept(job.queued),
            attempts: job.attempts,
            argument,
        };
        self.change(job.id, change)
    }

    fn lease(&self, id: JobId) -> Answer<()> {
        self.change(id, Change::Lease(moment::now()))
    }

    fn release(&self, id: JobId) -> Answer<()> {
        self.change(id, Change::Release)
    }

    fn reprioritise(&self, id: JobId, priority: Priority) -> Answer<()> {
        self.change(id, Change::Reprioritise(priority))
    }

    fn remove(&self, id: JobId) -> Answer<()> {
        self.change(id, Change::Remove)
    }

    fn bury(&self, id: JobId, why: &str) -> Answer<()> {
        let (why, at) = (why.into(), moment::now());
        self.change(id, Change::Bury { why, at })
    }

    fn flush(&self) -> Answer<()> {
        self.ask(Call::Flush)
    }
}

impl<A> Clone for Redb<A> {
    fn clone(&self) -> Self {
        Redb(self.0.clone())
    }
}

impl<A> fmt::Debug for Redb<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redb")
            .field("name", &self.0.shared.name)
            .field("commits", &self.commits())
            .finish_non_exhaustive()
    }
}
