//! The thread that reads and writes the file.

use core::marker::PhantomData;
use std::boxed::Box;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use std::vec::Vec;

use ::redb::{Database, ReadableTable, StorageBackend, WriteTransaction};
use serde::de::DeserializeOwned;

use super::answer::Tell;
use super::backend::Through;
use super::call::{Call, Change};
use super::dead::DeadLetter;
use super::lease::Lease;
use super::shared::Shared;
use super::tables::{self, Owner, Tables};
use super::{argument, builder, fault, look, moment};
use crate::dispatch::store::{JobId, StoreError, Stored};

pub(super) struct Writer<A> {
    database: Option<Database>,
    shared: Arc<Shared<A>>,
    /// Commits are this far apart.
    every: Option<Duration>,
    owner: Owner,
    /// The next in the order of puts.
    place: u64,
    job: PhantomData<A>,
}

/// Tells one call what became of it, after the transaction: an error if that failed.
type Later = Box<dyn FnOnce(Option<&StoreError>)>;

fn later<T: 'static>(tell: Tell<T>, outcome: Result<T, StoreError>) -> Later {
    // Who does not listen any more need not be told.
    Box::new(move |failed| {
        let _ = tell.send(match failed {
            Some(error) => Err(error.clone()),
            None => outcome,
        });
    })
}

impl<A: DeserializeOwned + 'static> Writer<A> {
    /// Take over a file that was looked at.
    pub(super) fn begin(
        file: Arc<dyn StorageBackend>,
        odd: look::Odd,
        shared: Arc<Shared<A>>,
        every: Option<Duration>,
    ) -> Result<(Self, Vec<Lease>), StoreError> {
        let opened = take_over(file, odd, &shared);
        let (database, given_up, place) =
            opened.map_err(|error| fault::of_database(&shared.name, "opened", error))?;
        let writer = Writer {
            database: Some(database),
            shared,
            every,
            owner: (std::process::id(), moment::now()),
            place,
            job: PhantomData,
        };
        Ok((writer, given_up))
    }

    /// Do what is asked until the store is closed.
    pub(super) fn run(mut self) {
        let mut due = None;
        while let Some(calls) = self.shared.inbox.take(due) {
            if let Err(error) = self.write(calls) {
                let closed = fault::closed_by(&error);
                for call in self.shared.inbox.fail(closed.clone()) {
                    call.fail(&closed);
                }
                return;
            }
            // A wait so long that there is no such moment has no end.
            due = self.every.map(|every| Instant::now().checked_add(every));
        }
        // Without this the names of the next process begin behind a gap.
        let _ = self.give_back_names();
    }

    /// All these calls in one transaction.
    fn write(&mut self, mut calls: VecDeque<Call<A>>) -> Result<(), StoreError> {
        let mut told = Vec::with_capacity(calls.len());
        let written = self.transaction(&mut calls, &mut told);
        let written =
            written.map_err(|error| fault::of_database(&self.shared.name, "written", error));
        for tell in told {
            tell(written.as_ref().err());
        }
        if let Err(error) = &written {
            for call in calls {
                call.fail(error);
            }
        }
        written
    }

    fn transaction(
        &mut self,
        calls: &mut VecDeque<Call<A>>,
        told: &mut Vec<Later>,
    ) -> Result<(), ::redb::Error> {
        let Some(database) = &self.database else {
            return Err(::redb::Error::DatabaseClosed);
        };
        let transaction = database.begin_write()?;
        let mut changed = false;
        let mut tables = Tables::open(&transaction)?;
        while let Some(call) = calls.pop_front() {
            match call {
                Call::Change(id, change, tell) => {
                    changed = true;
                    match tables.change(id, change, self.owner, &mut self.place) {
                        Ok(outcome) => told.push(later(tell, outcome)),
                        Err(error) => {
                            // What is told is the error of the whole.
                            told.push(later(tell, Ok(())));
                            return Err(error.into());
                        }
                    }
                }
                Call::Recover(tell) => match jobs(&tables) {
                    Ok(jobs) => told.push(later(tell, jobs)),
                    Err(error) => {
                        told.push(later(tell, Ok(Vec::new())));
                        return Err(error.into());
                    }
                },
                Call::DeadLetters(tell) => match letters(&tables) {
                    Ok(letters) => told.push(later(tell, Ok(letters))),
                    Err(error) => {
                        told.push(later(tell, Ok(Vec::new())));
                        return Err(error.into());
                    }
                },
                Call::Flush(tell) => told.push(later(tell, Ok(()))),
                Call::Names => changed = true,
            }
        }
        drop(tables);
        if changed {
            let reserved = self.shared.names.to_reserve();
            if let Some(next) = reserved {
                transaction
                    .open_table(tables::META)?
                    .insert(tables::NEXT_KEY, next)?;
            }
            transaction.commit()?;
            self.shared.commits.fetch_add(1, Relaxed);
            self.shared.names.reserved(reserved);
        }
        Ok(())
    }

    fn give_back_names(&mut self) -> Result<(), ::redb::Error> {
        let Some(database) = &self.database else {
            return Ok(());
        };
        let transaction = database.begin_write()?;
        let next = self.shared.names.last().saturating_add(1);
        transaction
            .open_table(tables::META)?
            .insert(tables::NEXT_KEY, next)?;
        transaction.commit()?;
        Ok(())
    }
}

impl<A> Drop for Writer<A> {
    fn drop(&mut self) {
        // Whoever learns of the end may open the file.
        self.database = None;
        self.shared.inbox.end();
    }
}

/// Open it for good: no job is underway any more, names go on.
fn take_over<A>(
    file: Arc<dyn StorageBackend>,
    odd: look::Odd,
    shared: &Shared<A>,
) -> Result<(Database, Vec<Lease>, u64), ::redb::Error> {
    let database = builder().create_with_backend(Through::closing(file))?;
    let transaction = database.begin_write()?;
    let (given_up, place) = {
        let mut tables = Tables::open(&transaction)?;
        let given_up = tables.give_up_leases()?;
        let place = set_aside(&mut tables, odd)?;
        (given_up, place)
    };
    begin_names(&transaction, shared)?;
    transaction.commit()?;
    Ok((database, given_up, place))
}

/// Make dead letters of jobs that cannot be decoded. The next in the order of puts comes out.
fn set_aside(tables: &mut Tables<'_>, odd: look::Odd) -> Result<u64, ::redb::Error> {
    let mut place = tables.next_place()?;
    let at = moment::now();
    for (id, why) in odd {
        let bury = Change::Bury {
            why: std::format!("it cannot be decoded: {why}"),
            at,
        };
        // It was there when it was looked at, and the file is locked.
        let _ = tables.change(JobId::new(id), bury, (0, at), &mut place)?;
    }
    Ok(place)
}

fn begin_names<A>(transaction: &WriteTransaction, shared: &Shared<A>) -> Result<(), ::redb::Error> {
    let mut meta = transaction.open_table(tables::META)?;
    let next = meta.get(tables::NEXT_KEY)?.map_or(1, |next| next.value());
    shared.names.begin(next);
    let reserved = shared.names.to_reserve();
    if let Some(next) = reserved {
        meta.insert(tables::NEXT_KEY, next)?;
    }
    shared.names.reserved(reserved);
    Ok(())
}

/// All jobs. The inner error is of a job that cannot be decoded.
fn jobs<A: DeserializeOwned>(
    tables: &Tables<'_>,
) -> Result<Result<Vec<Stored<A>>, StoreError>, ::redb::StorageError> {
    let mut jobs = Vec::new();
    for (id, (priority, _, queued, attempts)) in tables.in_order()? {
        let bytes = tables.arguments.get(id)?;
        let decoded = argument::decode(bytes.as_ref().map_or(&[], |bytes| bytes.value()));
        let argument = match decoded {
            Ok(argument) => argument,
            Err(why) => return Ok(Err(fault::undecodable("the store", &[(id, why)]))),
        };
        let mut job = Stored::new(JobId::new(id), priority, argument);
        job.queued = moment::read(queued);
        job.attempts = attempts;
        jobs.push(job);
    }
    Ok(Ok(jobs))
}

fn letters<A: DeserializeOwned>(
    tables: &Tables<'_>,
) -> Result<Vec<DeadLetter<A>>, ::redb::StorageError> {
    let mut letters = Vec::new();
    for entry in tables.dead.iter()? {
        let (id, letter) = entry?;
        let (priority, queued, attempts, buried, why) = letter.value();
        let bytes = tables.arguments.get(id.value())?;
        let bytes = bytes.map_or(Vec::new(), |bytes| bytes.value().to_vec());
        letters.push(DeadLetter {
            id: JobId::new(id.value()),
            priority,
            queued: moment::read(queued),
            attempts,
            buried: moment::read(buried),
            why: why.into(),
            argument: argument::decode(&bytes).ok(),
            bytes,
        });
    }
    // The one that was buried first comes first.
    letters.sort_by_key(|letter| (letter.buried, letter.id));
    Ok(letters)
}
