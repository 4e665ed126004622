//! Work that is done a little at a time, beside other work.
//!
//! | to | there is |
//! | --- | --- |
//! | do an iterator's work without keeping the runtime from anything else | [`coiterate`], a deferred |
//! | pause, resume and stop it, too | [`cooperate`], a handle |
//! | do it in the task that awaits it, `Send` or not | [`iterate_here`], a deferred |
//! | say in an asynchronous body that others may go on | [`give_way`](give_way()) |
//! | choose how long a turn takes, or start and stop all of it | a [`Cooperator`] of its own |
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
mod finished;
mod give_way;
mod here;
mod units;
mod work;

pub use self::cooperator::{
    Builder, Coiterate, CooperativeTask, Cooperator, WhenDone, coiterate, cooperate,
};
pub use self::finished::TaskFinished;
pub use self::give_way::{GiveWay, give_way};
pub use self::here::{Here, iterate_here};
pub use self::units::{Source, Streamed, Taken, Units};
pub use self::work::{ByStream, ByUnits, Work, WorkKind};
