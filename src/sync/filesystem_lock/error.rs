//! Why a lock in the file system cannot be had.

use core::error::Error;
use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a [`DeferredFilesystemLock`](super::DeferredFilesystemLock) cannot be had at all.
///
/// It comes in a [`Failure`](crate::Failure).
///
/// ```
/// use defer::sync::{DeferredFilesystemLock, FilesystemLockError};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), defer::Failure> {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("letter.txt");
/// std::fs::write(&path, "dear reader")?;
/// let why = DeferredFilesystemLock::new(&path).acquire().await.unwrap_err();
/// let why = why.check::<FilesystemLockError>().unwrap();
/// assert!(matches!(why, FilesystemLockError::NotALockFile { .. }));
/// assert_eq!(why.path(), path);
/// assert_eq!(std::fs::read_to_string(&path)?, "dear reader");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum FilesystemLockError {
    /// There is something else at the path, which stays as it is.
    #[non_exhaustive]
    NotALockFile {
        /// Where.
        path: PathBuf,
    },
    /// The file could not be opened, locked, read or written.
    #[non_exhaustive]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl FilesystemLockError {
    pub(super) fn not_a_lock_file(path: &Path) -> Self {
        let path = path.to_path_buf();
        FilesystemLockError::NotALockFile { path }
    }

    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| {
            let path = path.to_path_buf();
            FilesystemLockError::Io { path, error }
        }
    }

    /// The path of the lock.
    ///
    /// ```
    /// use defer::sync::{DeferredFilesystemLock, FilesystemLockError};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let nowhere = DeferredFilesystemLock::new("no/such/directory/a.lock");
    /// let why = nowhere.acquire().await.unwrap_err();
    /// assert_eq!(why.check::<FilesystemLockError>().unwrap().path(), nowhere.path());
    /// # }
    /// ```
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            FilesystemLockError::NotALockFile { path } | FilesystemLockError::Io { path, .. } => {
                path
            }
        }
    }
}

impl fmt::Display for FilesystemLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path().display();
        match self {
            FilesystemLockError::NotALockFile { .. } => write!(f, "{path} is not a lock file"),
            FilesystemLockError::Io { error, .. } => write!(f, "cannot lock {path}: {error}"),
        }
    }
}

impl Error for FilesystemLockError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FilesystemLockError::NotALockFile { .. } => None,
            FilesystemLockError::Io { error, .. } => Some(error),
        }
    }
}
