//! A lock that processes share, in a file.

mod acquire;
mod error;
mod file;

use core::fmt;
use core::time::Duration;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use defer_core::{Chain, Deferred, Failure, Plain};

pub use self::acquire::AcquireFile;
pub use self::error::FilesystemLockError;
use self::file::Held;
use crate::task::defer_to_thread;

/// A lock that processes share: a file that one of them holds at a time.
///
/// It is the lock of the operating system on that file: `flock` on Unix, `LockFileEx` on
/// Windows. So there are no stale locks. A process that ends, however it ends, holds nothing any
/// more, whatever the file says: neither an owner that is dead, nor another process that has its
/// number by now, keeps anybody out, and of several that come for what it left, one gets it.
///
/// The file says which process is its owner, for people to read. While the lock is free, there is
/// no file, or one that was left by a process that was killed; on other systems than Unix it
/// stays. A file with anything else in it is refused, and neither changed nor deleted, and so
/// is what is no file, a link included. An empty file is taken.
///
/// Two handles exclude each other, be it in two processes or in one. A clone is another handle
/// for the same file. Who waits looks again and again; in what order they get it is not known.
/// The work with the file is done on threads that may block, but that of dropping a guard.
///
/// What the lock cannot withstand: people who delete the file while it is held, and file systems
/// over a network that have no locks.
///
/// Twisted: `DeferredFilesystemLock`, where each lock can be waited for once at a time.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredFilesystemLock;
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("service.lock");
/// let lock = DeferredFilesystemLock::new(&path);
/// let guard = lock.acquire().await?;
///
/// let other = DeferredFilesystemLock::new(&path);
/// let waited = other.acquire().timeout(Duration::from_millis(20));
/// assert!(waited.await.unwrap_err().is_timeout());
/// assert_eq!(other.owner().await?, Some(std::process::id()));
///
/// drop(guard);
/// assert!(other.try_acquire().await?.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DeferredFilesystemLock {
    path: Arc<Path>,
    interval: Duration,
}

impl DeferredFilesystemLock {
    /// The lock of this path. Nothing is done to the file before the lock is acquired.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    ///
    /// let lock = DeferredFilesystemLock::new("service.lock");
    /// assert_eq!(lock.path().to_str(), Some("service.lock"));
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        DeferredFilesystemLock {
            path: path.into().into(),
            interval: Duration::from_millis(100),
        }
    }

    /// As this, and who waits looks again after so long; without it, after 100 milliseconds.
    /// Twisted: one second.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// use std::time::Duration;
    ///
    /// let patient = DeferredFilesystemLock::new("a.lock").poll_interval(Duration::from_secs(1));
    /// # let _ = patient;
    /// ```
    #[must_use]
    pub fn poll_interval(self, interval: Duration) -> Self {
        DeferredFilesystemLock { interval, ..self }
    }

    /// A deferred of the lock, however long that takes; `.timeout(limit)` for a while only.
    ///
    /// Cancelled or dropped, it leaves nothing half taken: what a thread then still gets is
    /// released there. One that is cancelled when it has the lock already yields it.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with a [`FilesystemLockError`], if the file is no lock file, or cannot be
    /// opened, locked or written; with what cancels or limits it.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime that has its time enabled.
    ///
    /// Twisted: `deferUntilLocked`.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), defer::Failure> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("a.lock");
    /// let guard = DeferredFilesystemLock::new(&path).acquire().await?;
    /// assert!(path.exists());
    /// # drop(guard);
    /// # Ok(())
    /// # }
    /// ```
    pub fn acquire(&self) -> Deferred<Result<FilesystemLockGuard, Failure>, AcquireFile> {
        Deferred::from_chain(AcquireFile::new(self.clone()))
    }

    /// A deferred of the lock if nobody has it.
    ///
    /// # Errors
    ///
    /// As [`acquire`](DeferredFilesystemLock::acquire). That somebody has it is none.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime.
    ///
    /// Twisted: `FilesystemLock.lock`.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), defer::Failure> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("a.lock");
    /// let lock = DeferredFilesystemLock::new(&path);
    /// let guard = lock.try_acquire().await?;
    /// assert!(guard.is_some());
    /// assert!(lock.try_acquire().await?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_acquire(
        &self,
    ) -> Deferred<
        Result<Option<FilesystemLockGuard>, Failure>,
        impl Chain<Output = Result<Option<FilesystemLockGuard>, Failure>> + use<>,
    > {
        let path = self.path.clone();
        defer_to_thread(move || {
            let held = Held::try_take(&path)?;
            Ok::<_, Failure>(held.map(FilesystemLockGuard::new))
        })
    }

    /// A deferred of the process that the file names: its owner, or its last one, if that was
    /// killed. `None` if there is no file, or nobody's number in it.
    ///
    /// On Windows nobody can read the file while the lock is held.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with a [`FilesystemLockError`], if the file is no lock file, or cannot be
    /// read.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), defer::Failure> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("a.lock");
    /// assert_eq!(DeferredFilesystemLock::new(&path).owner().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn owner(
        &self,
    ) -> Deferred<
        Result<Option<u32>, Failure>,
        impl Chain<Output = Result<Option<u32>, Failure>> + use<>,
    > {
        let path = self.path.clone();
        defer_to_thread(move || Ok::<_, Failure>(file::owner(&path)?))
    }

    /// The path of the file.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// assert!(DeferredFilesystemLock::new("a.lock").path().ends_with("a.lock"));
    /// ```
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Holds a [`DeferredFilesystemLock`] until it is dropped, or its process ends.
///
/// Dropping it removes the file, which is work with files on the thread that drops it:
/// [`release`](FilesystemLockGuard::release) does it elsewhere, and says whether it worked.
///
/// ```
/// use defer::sync::{DeferredFilesystemLock, FilesystemLockGuard};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), defer::Failure> {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("a.lock");
/// let lock = DeferredFilesystemLock::new(&path);
/// let guard: FilesystemLockGuard = lock.acquire().await?;
/// drop(guard);
/// # #[cfg(unix)]
/// assert!(!path.exists());
/// # Ok(())
/// # }
/// ```
#[must_use = "the lock is released when this is dropped"]
pub struct FilesystemLockGuard {
    held: Held,
}

impl FilesystemLockGuard {
    fn new(held: Held) -> Self {
        FilesystemLockGuard { held }
    }

    /// A deferred of the lock's being released, on a thread that may block.
    ///
    /// Dropped before it has begun, it releases the lock as dropping the guard does.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with an [`io::Error`], if the file cannot be removed. The lock is free all
    /// the same.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime.
    ///
    /// Twisted: `unlock`.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), defer::Failure> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("a.lock");
    /// let lock = DeferredFilesystemLock::new(&path);
    /// lock.acquire().await?.release().await?;
    /// assert!(lock.try_acquire().await?.is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn release(
        self,
    ) -> Deferred<Result<(), Failure>, impl Chain<Output = Result<(), Failure>> + use<>> {
        defer_to_thread(move || {
            let released: io::Result<()> = self.held.release();
            Ok::<_, Failure>(released?)
        })
    }

    /// The process that had it before and did not release it, if the file named one: it was
    /// killed, or its machine was. Twisted: `FilesystemLock.clean`.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), defer::Failure> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("a.lock");
    /// let guard = DeferredFilesystemLock::new(&path).acquire().await?;
    /// assert_eq!(guard.took_over(), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn took_over(&self) -> Option<u32> {
        self.held.took_over()
    }

    /// The path of the file.
    ///
    /// ```
    /// use defer::sync::DeferredFilesystemLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), defer::Failure> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("a.lock");
    /// let guard = DeferredFilesystemLock::new(&path).acquire().await?;
    /// assert_eq!(guard.path(), path);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn path(&self) -> &Path {
        self.held.path()
    }
}

// A closure of the fluent form may return it, or a deferred of it.
impl Plain for FilesystemLockGuard {}

impl fmt::Debug for FilesystemLockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilesystemLockGuard")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}
