//! Several deferreds at once.

mod assemble;
mod first_success;
mod gather;
mod members;
mod observer;
mod parallel_commands;

#[cfg(feature = "std")]
pub(crate) use self::assemble::IntoHashMap;
pub(crate) use self::assemble::{IntoArray, IntoBTreeMap, IntoVec};
pub use self::first_success::{FirstSuccess, first_success};
pub(crate) use self::gather::Gather;
pub use self::observer::{
    AllDone, Counts, DeferredListObserver, Event, History, Memory, NoHistory, Observation,
    Observed, Recorded, When,
};
pub use self::parallel_commands::{
    CommandAnswer, CommandFailure, Execute, ParallelCommandError, ParallelCommandExecutor, Reason,
};
