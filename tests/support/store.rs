//! Stores of jobs in a folder of their own.
#![allow(dead_code, reason = "no test uses all of it")]

use std::path::PathBuf;

use defer::dispatch::store::redb::{Answer, Options};
use defer::dispatch::store::{JobId, JobStore, Redb, StoreError, Stored};
use tempfile::TempDir;

/// A place for a store, gone with it.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("jobs.redb")
    }

    pub(crate) fn open(&self) -> Redb<String> {
        wait(Redb::open(self.path())).unwrap()
    }

    pub(crate) fn refused(&self) -> StoreError {
        wait(Redb::<String>::open(self.path())).unwrap_err()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }
}

/// Options whose jobs are called the same whatever their type.
pub(crate) fn named() -> Options {
    Options::new().job_type("a job")
}

pub(crate) fn wait<T>(answer: Answer<T>) -> Result<T, StoreError> {
    futures::executor::block_on(answer)
}

pub(crate) fn close<A>(store: &Redb<A>) {
    wait(store.close()).unwrap();
}

/// Put, and wait until it is durable.
pub(crate) fn put(store: &Redb<String>, what: &str) -> JobId {
    put_at(store, 0, what)
}

pub(crate) fn put_at(store: &Redb<String>, priority: i64, what: &str) -> JobId {
    let job = Stored::new(store.next_id(), priority, what.to_owned());
    wait(store.put(&job)).unwrap();
    job.id
}

/// What is to be done, in order.
pub(crate) fn left(store: &Redb<String>) -> Vec<String> {
    let jobs = wait(store.recover()).unwrap();
    jobs.into_iter().map(|job| job.argument).collect()
}

pub(crate) fn numbers<A>(jobs: &[Stored<A>]) -> Vec<u64> {
    jobs.iter().map(|job| job.id.get()).collect()
}
