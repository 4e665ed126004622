//! Locks, queues, dictionaries and pools, whose waiting is a deferred.
//!
//! | to | there is | of |
//! | --- | --- | --- |
//! | do one thing at a time | [`DeferredLock`] | Twisted |
//! | do so many things at a time | [`DeferredSemaphore`] | Twisted |
//! | hand values over, whoever comes first | [`DeferredQueue`] | Twisted |
//! | hand values over, the most important first | [`DeferredPriorityQueue`] | Terry Jones |
//! | wait for a key until it is inserted | [`DeferredDict`] | Terry Jones |
//! | call a value while it is constructed still | [`Ready`] | Terry Jones |
//! | fire, fail or cancel in place of the original | [`controllable`](controllable()) | Terry Jones |
//! | wait until nothing is underway, and stop | [`DeferredPool`] | Terry Jones |
//! | keep other processes out | `DeferredFilesystemLock`, with the feature `filesystem-lock` | Twisted |
//!
//! Handles are cloned, and sent wherever they are needed. Nothing waits before it is polled;
//! waiters go on in the order of their first polls. What is dropped or cancelled takes nothing
//! along: a token, a lock or a value that was on its way goes to the next. Nothing recurses,
//! however many wait.
//!
//! ```
//! use defer::prelude::*;
//! use defer::sync::DeferredLock;
//!
//! #[callback]
//! async fn withdraw(account: defer::sync::LockGuard<u32>, #[value] amount: u32) -> Result<u32, Failure> {
//!     // … ask a bank, with the account locked …
//!     account.checked_sub(amount).ok_or_else(|| Failure::msg("too little"))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let account = DeferredLock::new(100);
//! assert_eq!(withdraw(account.acquire(), 30).await.unwrap(), 70);
//! assert!(withdraw(account.acquire(), 130).await.is_err());
//! # }
//! ```

mod acquire;
mod controllable;
mod dict;
#[cfg(feature = "filesystem-lock")]
mod filesystem_lock;
mod in_line;
mod lock;
pub(crate) mod ordered;
mod pool;
mod priority_queue;
mod queue;
mod ready;
mod run;
mod semaphore;

pub use self::acquire::{Acquirable, Acquire};
pub use self::controllable::{
    ControllableDeferred, Controlled, Controller, Original, controllable,
};
pub use self::dict::{DeferredDict, DictClosed, InsertError, LookUp};
#[cfg(feature = "filesystem-lock")]
pub use self::filesystem_lock::{
    AcquireFile, DeferredFilesystemLock, FilesystemLockError, FilesystemLockGuard,
};
pub use self::lock::{DeferredLock, LockGuard};
pub use self::pool::{
    DeferredPool, MemberKind, PoolClosed, PoolStatus, Pooled, Shutdown, WhenEmpty,
};
pub use self::priority_queue::{DeferredPriorityQueue, PriorityGet, Ticket};
pub use self::queue::{
    DeferredQueue, Get, GetError, PutError, QueueClosed, QueueItems, QueueOverflow, QueueUnderflow,
};
pub use self::ready::{Constructed, Ready, ReadyCall};
pub use self::run::{Alone, Call, Run, Shown};
pub use self::semaphore::{DeferredSemaphore, InvalidTokens, Token};
