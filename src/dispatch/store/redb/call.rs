//! What is asked of the writer.

use std::string::String;
use std::vec::Vec;

use super::answer::Tell;
use super::dead::DeadLetter;
use super::moment::Moment;
use crate::dispatch::store::{JobId, Priority, StoreError, Stored};

pub(super) enum Call<A> {
    /// Something becomes of a job.
    Change(JobId, Change, Tell<()>),
    /// All jobs that are not done.
    Recover(Tell<Vec<Stored<A>>>),
    /// All dead letters.
    DeadLetters(Tell<Vec<DeadLetter<A>>>),
    /// Nothing but to be told.
    Flush(Tell<()>),
    /// Room for more names.
    Names,
}

pub(super) enum Change {
    Put {
        priority: Priority,
        queued: Moment,
        attempts: u32,
        argument: Vec<u8>,
    },
    Lease(Moment),
    Release,
    Reprioritise(Priority),
    Remove,
    Bury {
        why: String,
        at: Moment,
    },
    Revive,
    Discard,
}

impl<A> Call<A> {
    /// Whether it is not put off to be written with others.
    pub(super) fn hurries(&self) -> bool {
        match self {
            Call::Change(_, change, _) => matches!(change, Change::Revive | Change::Discard),
            Call::Recover(_) | Call::DeadLetters(_) | Call::Flush(_) => true,
            Call::Names => false,
        }
    }

    pub(super) fn fail(self, with: &StoreError) {
        // Who does not listen any more need not be told.
        match self {
            Call::Change(_, _, tell) | Call::Flush(tell) => {
                let _ = tell.send(Err(with.clone()));
            }
            Call::Recover(tell) => {
                let _ = tell.send(Err(with.clone()));
            }
            Call::DeadLetters(tell) => {
                let _ = tell.send(Err(with.clone()));
            }
            Call::Names => {}
        }
    }
}
