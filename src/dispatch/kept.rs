//! A store, whatever its type is.

use core::future::Future;
use core::pin::Pin;
use std::boxed::Box;

use super::store::{JobId, JobStore, Priority, StoreError, Stored};

/// What tells when a call of a store is done.
pub(super) type Saved = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// What a queue asks of its store once it is open. A box for each call is nothing beside a disk.
pub(super) trait Kept<A>: Send + Sync {
    fn next_id(&self) -> JobId;
    fn put(&self, job: &Stored<A>) -> Saved;
    fn lease(&self, id: JobId) -> Saved;
    fn release(&self, id: JobId) -> Saved;
    fn reprioritise(&self, id: JobId, priority: Priority) -> Saved;
    fn remove(&self, id: JobId) -> Saved;
    fn bury(&self, id: JobId, why: &str) -> Saved;
}

impl<A, S: JobStore<A>> Kept<A> for S {
    fn next_id(&self) -> JobId {
        JobStore::next_id(self)
    }
    fn put(&self, job: &Stored<A>) -> Saved {
        Box::pin(JobStore::put(self, job))
    }
    fn lease(&self, id: JobId) -> Saved {
        Box::pin(JobStore::lease(self, id))
    }
    fn release(&self, id: JobId) -> Saved {
        Box::pin(JobStore::release(self, id))
    }
    fn reprioritise(&self, id: JobId, priority: Priority) -> Saved {
        Box::pin(JobStore::reprioritise(self, id, priority))
    }
    fn remove(&self, id: JobId) -> Saved {
        Box::pin(JobStore::remove(self, id))
    }
    fn bury(&self, id: JobId, why: &str) -> Saved {
        Box::pin(JobStore::bury(self, id, why))
    }
}
