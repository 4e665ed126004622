//! Locks, queues, dictionaries and pools, whose waiting is a deferred.

mod acquire;
#[cfg(feature = "filesystem-lock")]
mod filesystem_lock;
mod lock;
mod pool;
mod queue;
mod run;
mod semaphore;

pub use self::acquire::{Acquirable, Acquire};
#[cfg(feature = "filesystem-lock")]
pub use self::filesystem_lock::{
    AcquireFile, DeferredFilesystemLock, FilesystemLockError, FilesystemLockGuard,
};
pub use self::lock::{DeferredLock, LockGuard};
pub use self::pool::{
    DeferredPool, MemberKind, PoolClosed, PoolStatus, Pooled, Shutdown, WhenEmpty,
};
pub use self::queue::{
    DeferredQueue, Get, GetError, PutError, QueueClosed, QueueItems, QueueOverflow, QueueUnderflow,
};
pub use self::run::{Alone, Call, Run, Shown};
pub use self::semaphore::{DeferredSemaphore, InvalidTokens, Token};
