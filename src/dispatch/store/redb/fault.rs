//! Errors of the database in the words of a store.

use std::format;
use std::io::ErrorKind::UnexpectedEof;
use std::string::String;

use crate::dispatch::store::StoreError;
use crate::dispatch::store::StoreErrorKind as Kind;

/// What a file that cannot be opened is left as, and what can be done.
const LEFT: &str = "the file was left as it is: give another path, or move it away";

/// What is done with a file that is only looked at.
pub(super) const LOOKING: &str = "read";

/// Damaged.
pub(super) fn damaged(name: &str, how: impl core::fmt::Display) -> StoreError {
    let message = format!(
        "{name} is damaged: {how}; the file was left as it is: put a backup in its place, or \
         move it away to begin with an empty store"
    );
    StoreError::new(Kind::Corrupt, message)
}

/// Something else.
pub(super) fn no_store(name: &str, why: &str) -> StoreError {
    let message = format!("{name} is not a store of jobs: {why}; {LEFT}");
    StoreError::new(Kind::NotAStore, message)
}

/// Of a version that is not known yet.
pub(super) fn newer(name: &str, what: &str, found: u64, known: u64) -> StoreError {
    let message = format!(
        "{name} is newer than this program: {what} {found}, and {known} is the latest that is \
         known here; use the newer program; {LEFT}"
    );
    StoreError::new(Kind::Newer, message)
}

/// Jobs of another type.
pub(super) fn other_type(name: &str, found: &str, wanted: &str) -> StoreError {
    let message = format!(
        "{name} holds jobs of the type `{found}`, not `{wanted}`; {LEFT}; if it is the same type \
         under another name, say so with `Options::job_type(\"{found}\")`"
    );
    StoreError::new(Kind::OtherType, message)
}

/// Jobs that do not decode.
pub(super) fn undecodable(name: &str, odd: &[(u64, String)]) -> StoreError {
    let (first, why) = &odd[0];
    let others = match odd.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more like it"),
    };
    let message = format!(
        "{name} holds job {first}, which cannot be decoded: {why}{others}; the file was left as \
         it is: open it with the type that it was written with, or with \
         `Options::set_aside_undecodable`, which makes dead letters of such jobs"
    );
    StoreError::new(Kind::Undecodable, message)
}

/// An error of the operating system.
pub(super) fn io(name: &str, doing: &str, error: std::io::Error) -> StoreError {
    let message = format!("{name} could not be {doing}: {error}");
    StoreError::because(Kind::Io, message, error)
}

/// An error of the database.
pub(super) fn of_database(name: &str, doing: &str, error: impl Into<::redb::Error>) -> StoreError {
    match error.into() {
        ::redb::Error::DatabaseAlreadyOpen => StoreError::new(
            Kind::InUse,
            format!(
                "{name} is open already, in another process or elsewhere in this one: end that \
                 one, or give this one a file of its own"
            ),
        ),
        // Something points to where nothing is.
        ::redb::Error::Io(error) if doing == LOOKING && error.kind() == UnexpectedEof => {
            damaged(name, error)
        }
        ::redb::Error::Io(error) => io(name, doing, error),
        ::redb::Error::Corrupted(how) if doing == LOOKING => damaged(name, how),
        ::redb::Error::UpgradeRequired(version) => {
            let why = format!("it is a redb file of the old version {version}");
            no_store(name, &why)
        }
        ::redb::Error::TableDoesNotExist(table) => no_store(
            name,
            &format!("it is a redb file without a table `{table}`"),
        ),
        error @ (::redb::Error::TableTypeMismatch { .. }
        | ::redb::Error::TableIsMultimap(_)
        | ::redb::Error::TypeDefinitionChanged { .. }) => {
            no_store(name, &format!("it is a redb file of another kind: {error}"))
        }
        ::redb::Error::Corrupted(how) => {
            let message = format!("{name} could not be {doing}, as it is damaged: {how}");
            StoreError::new(Kind::Corrupt, message)
        }
        error => StoreError::new(Kind::Io, format!("{name} could not be {doing}: {error}")),
    }
}

/// What calls are told after a write that failed.
pub(super) fn closed_by(error: &StoreError) -> StoreError {
    StoreError::because(
        Kind::Closed,
        format!("the store closed itself: {error}; open it again, and recover"),
        error.clone(),
    )
}

/// No such job.
pub(super) fn no_job(id: impl core::fmt::Display) -> StoreError {
    StoreError::new(
        Kind::NoSuchJob,
        format!("there is no job {id} in the store"),
    )
}

/// No such dead letter.
pub(super) fn no_letter(id: impl core::fmt::Display) -> StoreError {
    StoreError::new(
        Kind::NoSuchJob,
        format!("there is no dead letter {id} in the store"),
    )
}
