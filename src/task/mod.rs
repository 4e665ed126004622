//! Much work, and work elsewhere: a bounded number of jobs at once, threads, processes, pages
//! of a list.
//!
//! | to | use | in Twisted |
//! | --- | --- | --- |
//! | work through many things, so many at once | [`parallel`](parallel()) | `parallel` over a `Cooperator`, or a `DeferredSemaphore` |
//! | run a function that blocks | [`defer_to_thread`], or `blocking` of [`macro@callback`](crate::callback) | `deferToThread` |
//! | run a body beside what else runs | `spawn` of [`macro@callback`](crate::callback) | |
//! | run a program | `defer_to_process`, with the feature `process` | `getProcessOutput` and its kin |
//! | fetch a list that comes in pages | [`pages`](pages()) | |

pub(crate) mod elsewhere;
mod kind;
mod pages;
mod parallel;
#[cfg(feature = "process")]
mod process;
mod thread;

pub use self::kind::JobKind;
pub use self::pages::{CursorRepeated, Gathering, Items, Page, Pages, Tolerance, pages};
pub use self::parallel::{Outcomes, Parallel, parallel};
#[cfg(feature = "process")]
pub use self::process::{Process, ProcessFailed, defer_to_process, process_output, process_value};
pub use self::thread::{Thread, defer_to_thread};
