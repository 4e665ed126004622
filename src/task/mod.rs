//! Much work, and work elsewhere: a bounded number of jobs at once, a little of each in turn,
//! threads, processes, pages of a list.
//!
//! | to | use | in Twisted |
//! | --- | --- | --- |
//! | work through many things, so many at once | [`parallel`](parallel()) | `parallel` over a `Cooperator`, or a `DeferredSemaphore` |
//! | run a function that blocks | [`defer_to_thread`], or `blocking` of [`macro@callback`](crate::callback) | `deferToThread` |
//! | run a body beside what else runs | `spawn` of [`macro@callback`](crate::callback) | |
//! | run a program | `defer_to_process`, with the feature `process` | `getProcessOutput` and its kin |
//! | fetch a list that comes in pages | [`pages`](pages()) | |
//! | do an iterator's work without keeping the runtime from anything else | [`coiterate`], a deferred | `coiterate` |
//! | pause, resume and stop it, too | [`cooperate`], a handle | `cooperate` |
//! | do it in the task that awaits it, `Send` or not | [`iterate_here`], a deferred | |
//! | say in an asynchronous body that others may go on | [`give_way`](give_way()) | |
//! | choose how long a turn takes, or start and stop all of it | a [`Cooperator`] of its own | `Cooperator` |
//!
//! ```
//! use defer::prelude::*;
//! use defer::task::{coiterate, give_way};
//!
//! #[callback] // a generator: each `give_way` ends a unit of work
//! async fn sum(upto: u64) -> Result<u64, Failure> {
//!     let mut sum = 0;
//!     for n in 0..upto {
//!         sum += n;
//!         give_way().await;
//!     }
//!     Ok(sum)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! assert_eq!(coiterate(sum(1000)).await.unwrap(), 499_500);
//! # }
//! ```

mod cooperator;
pub(crate) mod elsewhere;
mod finished;
mod give_way;
mod here;
mod kind;
mod pages;
mod parallel;
#[cfg(feature = "process")]
mod process;
pub(crate) mod thread;
mod units;
mod work;

pub use self::cooperator::{
    Builder, Coiterate, CooperativeTask, Cooperator, WhenDone, coiterate, cooperate,
};
pub use self::finished::TaskFinished;
pub use self::give_way::{GiveWay, give_way};
pub use self::here::{Here, iterate_here};
pub use self::kind::JobKind;
pub use self::pages::{CursorRepeated, Gathering, Items, Page, Pages, Tolerance, pages};
pub use self::parallel::{Outcomes, Parallel, parallel};
#[cfg(feature = "process")]
pub use self::process::{Process, ProcessFailed, defer_to_process, process_output, process_value};
pub use self::thread::{Thread, defer_to_thread};
pub use self::units::{Source, Streamed, Taken, Units};
pub use self::work::{ByStream, ByUnits, Work, WorkKind};
