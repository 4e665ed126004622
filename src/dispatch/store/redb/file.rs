//! The file of a store.

use std::ffi::OsString;
use std::format;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::StorageBackend;
use ::redb::backends::FileBackend;

use super::backend::Through;
use super::{builder, fault, tables};
use crate::dispatch::store::StoreError;

/// The file of this path, locked; a new and empty store if there is none.
pub(super) fn open(
    path: &Path,
    name: &str,
    job_type: &str,
) -> Result<Arc<dyn StorageBackend>, StoreError> {
    let failed = |error| fault::io(name, "opened", error);
    let existing = || OpenOptions::new().read(true).write(true).open(path);
    let is_new = match std::fs::metadata(path) {
        Ok(there) => there.is_file() && there.len() == 0,
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(failed(error)),
    };
    if is_new {
        create(path, name, job_type)?;
    }
    locked(existing().map_err(failed)?, name)
}

fn locked(file: File, name: &str) -> Result<Arc<dyn StorageBackend>, StoreError> {
    let file = FileBackend::new(file).map_err(|error| fault::of_database(name, "locked", error))?;
    Ok(Arc::new(file))
}

/// A new store under a name of its own first, so that there is none or a whole one, whenever
/// this process ends.
fn create(path: &Path, name: &str, job_type: &str) -> Result<(), StoreError> {
    let failed = |error| fault::io(name, "created", error);
    let new = beside(path);
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false);
    let file = locked(file.open(&new).map_err(failed)?, name)?;
    // Whoever had the lock before may have put it into place.
    if std::fs::metadata(path).is_ok_and(|there| there.len() > 0) {
        return Ok(());
    }
    // What a process left that was cut off here.
    file.set_len(0).map_err(failed)?;
    fill(&file, name, job_type)?;
    std::fs::rename(&new, path).map_err(failed)?;
    sync_folder(path).map_err(failed)
}

fn beside(path: &Path) -> PathBuf {
    let mut new = OsString::from(path);
    new.push(".new");
    new.into()
}

/// Make an empty store of an empty file.
pub(super) fn fill(
    file: &Arc<dyn StorageBackend>,
    name: &str,
    job_type: &str,
) -> Result<(), StoreError> {
    let failed = |error: ::redb::Error| fault::of_database(name, "created", error);
    let database = builder()
        .create_with_backend(Through::kept_open(file))
        .map_err(|error| failed(error.into()))?;
    let transaction = database
        .begin_write()
        .map_err(|error| failed(error.into()))?;
    tables::create(&transaction, job_type).map_err(failed)?;
    transaction.commit().map_err(|error| failed(error.into()))?;
    drop(database);
    file.sync_data()
        .map_err(|error| fault::io(name, "created", error))
}

/// The name in its folder survives a loss of power as well.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere folders cannot be opened.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What messages call it.
pub(super) fn named(path: &Path) -> std::string::String {
    format!("`{}`", path.display())
}
