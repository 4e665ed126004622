//! A look at a file that changes nothing.

use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};
use std::sync::Arc;
use std::vec::Vec;

use ::redb::{Database, ReadableDatabase, ReadableTable, StorageBackend};
use serde::de::DeserializeOwned;

use super::backend::Overlay;
use super::{argument, builder, fault, header, tables};
use crate::dispatch::store::StoreError;

/// What was seen: jobs that cannot be decoded, and why.
pub(super) type Odd = Vec<(u64, String)>;

/// Whether this is an undamaged store of jobs of this type.
///
/// The database repairs and writes as it opens; all of that goes to memory here.
pub(super) fn look<A: DeserializeOwned>(
    file: &Arc<dyn StorageBackend>,
    name: &str,
    job_type: &str,
) -> Result<Odd, StoreError> {
    let clean = header::is_clean(&**file, name)?;
    // The database meets much of what can be wrong with a file by a panic.
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let overlay =
            Overlay::new(file.clone()).map_err(|error| fault::io(name, fault::LOOKING, error))?;
        inside::<A>(overlay, clean, name, job_type)
    }));
    looked.unwrap_or_else(|panic| Err(fault::damaged(name, said(&*panic))))
}

fn said(panic: &(dyn core::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    text.unwrap_or_else(|| "its parts do not fit".into())
}

fn inside<A: DeserializeOwned>(
    overlay: Overlay,
    clean: bool,
    name: &str,
    job_type: &str,
) -> Result<Odd, StoreError> {
    let failed = |error: ::redb::Error| fault::of_database(name, fault::LOOKING, error);
    let mut database = builder()
        .create_with_backend(overlay)
        .map_err(|error| failed(error.into()))?;
    // Where the last process was cut off, opening it has checked and repaired. A file that was
    // closed in order has nothing to go back to: what does not match is an error here. Whether
    // the map of free pages is as it would be made now says nothing.
    if clean {
        let checked = database.check_integrity();
        checked.map_err(|error| failed(error.into()))?;
    }
    read::<A>(&database, name, job_type).map_err(|error| match error {
        Seen::Wrong(error) => error,
        Seen::Failed(error) => failed(*error),
    })
}

enum Seen {
    Wrong(StoreError),
    Failed(Box<::redb::Error>),
}

impl<E: Into<::redb::Error>> From<E> for Seen {
    fn from(error: E) -> Self {
        Seen::Failed(Box::new(error.into()))
    }
}

fn read<A: DeserializeOwned>(database: &Database, name: &str, job_type: &str) -> Result<Odd, Seen> {
    let transaction = database.begin_read()?;
    let meta = transaction.open_table(tables::META)?;
    match meta.get(tables::FORMAT_KEY)?.map(|format| format.value()) {
        Some(format) if format > tables::FORMAT => {
            let newer = fault::newer(name, "the format of its jobs is", format, tables::FORMAT);
            return Err(Seen::Wrong(newer));
        }
        Some(tables::FORMAT) => {}
        _ => return Err(Seen::Wrong(fault::damaged(name, "its format is missing"))),
    }
    let names = transaction.open_table(tables::NAMES)?;
    let found = names.get(tables::JOB_TYPE_KEY)?;
    match found.as_ref().map(|found| found.value()) {
        Some(found) if found == job_type => {}
        Some(found) => return Err(Seen::Wrong(fault::other_type(name, found, job_type))),
        None => return Err(Seen::Wrong(fault::damaged(name, "its job type is missing"))),
    }
    let jobs = transaction.open_table(tables::JOBS)?;
    let arguments = transaction.open_table(tables::ARGUMENTS)?;
    let mut odd = Vec::new();
    for job in jobs.iter()? {
        let id = job?.0.value();
        let Some(bytes) = arguments.get(id)? else {
            let how = std::format!("job {id} has no argument");
            return Err(Seen::Wrong(fault::damaged(name, how)));
        };
        if let Err(why) = argument::decode::<A>(bytes.value()) {
            odd.push((id, why));
        }
    }
    Ok(odd)
}
