//! What is kept where.
//!
//! The argument of a job is apart from what changes, so that a lease does not write it again.

use std::vec::Vec;

use ::redb::{ReadableTable, StorageError, Table, TableDefinition, TableError, WriteTransaction};

use super::call::Change;
use super::fault::{no_job, no_letter};
use super::lease::Lease;
use super::moment::{self, Moment};
use crate::dispatch::store::{JobId, Priority, StoreError};

/// The format of the tables. One that is read by older versions as well keeps its number.
pub(super) const FORMAT: u64 = 1;

/// `FORMAT` and `NEXT`. This table and the next are the same in every format.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("defer: meta");
/// `JOB_TYPE`.
pub(super) const NAMES: TableDefinition<'_, &str, &str> = TableDefinition::new("defer: names");
pub(super) const FORMAT_KEY: &str = "format";
/// Names of jobs from here on were never given.
pub(super) const NEXT_KEY: &str = "next job";
pub(super) const JOB_TYPE_KEY: &str = "job type";

/// Its priority, its place in the order of puts, when it was put, its attempts.
pub(super) type Job = (Priority, u64, Moment, u32);
/// The process, when it opened the store, when the job was begun.
type Leased = (u32, Moment, Moment);
/// Its priority, when it was put, its attempts, when it was given up, and why.
type Dead = (Priority, Moment, u32, Moment, &'static str);

pub(super) const JOBS: TableDefinition<'_, u64, Job> = TableDefinition::new("jobs");
pub(super) const ARGUMENTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("arguments");
const LEASES: TableDefinition<'_, u64, Leased> = TableDefinition::new("leases");
pub(super) const DEAD: TableDefinition<'_, u64, Dead> = TableDefinition::new("dead letters");

/// The tables of jobs, open in one transaction.
pub(super) struct Tables<'t> {
    pub(super) jobs: Table<'t, u64, Job>,
    pub(super) arguments: Table<'t, u64, &'static [u8]>,
    leases: Table<'t, u64, Leased>,
    pub(super) dead: Table<'t, u64, Dead>,
}

/// Who leases jobs: a process, and when it opened the store.
pub(super) type Owner = (u32, Moment);

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
        Ok(Tables {
            jobs: transaction.open_table(JOBS)?,
            arguments: transaction.open_table(ARGUMENTS)?,
            leases: transaction.open_table(LEASES)?,
            dead: transaction.open_table(DEAD)?,
        })
    }

    /// Do one change. The inner error is of this change alone.
    ///
    /// `place` is the next in the order of puts.
    pub(super) fn change(
        &mut self,
        id: JobId,
        change: Change,
        owner: Owner,
        place: &mut u64,
    ) -> Result<Result<(), StoreError>, StorageError> {
        let key = id.get();
        if let Change::Put {
            priority,
            queued,
            attempts,
            argument,
        } = change
        {
            let job = (priority, next(place), queued, attempts);
            self.jobs.insert(key, job)?;
            self.arguments.insert(key, &*argument)?;
            return Ok(Ok(()));
        }
        if matches!(change, Change::Revive | Change::Discard) {
            let Some(letter) = self.dead.remove(key)? else {
                return Ok(Err(no_letter(id)));
            };
            let (priority, queued, ..) = letter.value();
            if matches!(change, Change::Revive) {
                let job = (priority, next(place), queued, 0);
                self.jobs.insert(key, job)?;
            } else {
                self.arguments.remove(key)?;
            }
            return Ok(Ok(()));
        }
        let Some(job) = self.jobs.get(key)?.map(|job| job.value()) else {
            return Ok(Err(no_job(id)));
        };
        let (priority, place, queued, attempts) = job;
        match change {
            Change::Lease(since) => {
                let attempts = attempts.saturating_add(1);
                self.jobs.insert(key, (priority, place, queued, attempts))?;
                self.leases.insert(key, (owner.0, owner.1, since))?;
            }
            Change::Release => {
                self.leases.remove(key)?;
            }
            Change::Reprioritise(priority) => {
                self.jobs.insert(key, (priority, place, queued, attempts))?;
            }
            Change::Remove => {
                self.forget(key)?;
                self.arguments.remove(key)?;
            }
            Change::Bury { why, at } => {
                self.forget(key)?;
                let letter = (priority, queued, attempts, at, &*why);
                self.dead.insert(key, letter)?;
            }
            Change::Put { .. } | Change::Revive | Change::Discard => {}
        }
        Ok(Ok(()))
    }

    fn forget(&mut self, key: u64) -> Result<(), StorageError> {
        self.jobs.remove(key)?;
        self.leases.remove(key)?;
        Ok(())
    }

    /// End the leases of a process that is gone, and tell them.
    pub(super) fn give_up_leases(&mut self) -> Result<Vec<Lease>, StorageError> {
        let mut leases = Vec::new();
        for entry in self.leases.iter()? {
            let (id, lease) = entry?;
            let (process, opened, since) = lease.value();
            leases.push(Lease {
                id: JobId::new(id.value()),
                process,
                opened: moment::read(opened),
                since: moment::read(since),
            });
        }
        self.leases.retain(|_, _| false)?;
        Ok(leases)
    }

    /// The place after the last one in the order of puts.
    pub(super) fn next_place(&self) -> Result<u64, StorageError> {
        let mut next = 0;
        for entry in self.jobs.iter()? {
            next = next.max(entry?.1.value().1.saturating_add(1));
        }
        Ok(next)
    }

    /// The keys of all jobs, in order: the lowest priority first, then as they were put.
    pub(super) fn in_order(&self) -> Result<Vec<(u64, Job)>, StorageError> {
        let mut jobs = Vec::new();
        for entry in self.jobs.iter()? {
            let (id, job) = entry?;
            jobs.push((id.value(), job.value()));
        }
        jobs.sort_unstable_by_key(|(_, (priority, place, ..))| (*priority, *place));
        Ok(jobs)
    }
}

fn next(place: &mut u64) -> u64 {
    let this = *place;
    *place += 1;
    this
}

/// A new, empty store.
pub(super) fn create(transaction: &WriteTransaction, job_type: &str) -> Result<(), ::redb::Error> {
    let mut meta = transaction.open_table(META)?;
    meta.insert(FORMAT_KEY, FORMAT)?;
    meta.insert(NEXT_KEY, 1)?;
    let mut names = transaction.open_table(NAMES)?;
    names.insert(JOB_TYPE_KEY, job_type)?;
    Tables::open(transaction)?;
    Ok(())
}
