//! Many deferreds at once.
//!
//! | function | yields | of nothing |
//! | --- | --- | --- |
//! | [`deferred_list`](deferred_list()) | every outcome, in order | an empty container |
//! | [`gather`](gather()) | every value, or the first failure at once | an empty container |
//! | [`first_success`](first_success()) | the first success with its place, or every failure | no failures: `Err(vec![])` |
//! | [`race`](race()) | the first outcome with its place | `None` |
//! | [`n_of`](n_of()) | the first `n` successes with their places, or [`TooFew`] | `TooFew`; for an `n` of 0 `Ok(vec![])` |
//! | [`any_success_or_last_failure`] | the first success with its place, or the failure that came last | `Ok(None)` |
//! | [`select_all`](select_all()) | a stream of places and outcomes | its end |
//!
//! [`Many`] says what they take. All members run at once, in one task; [`with`] sets a limit,
//! and what becomes of members that are not needed any more. [`growing`](growing()) gives a handle that
//! adds members while a list runs. Where a parameter of an annotated function is a container,
//! a container of deferreds can be passed for it without any of these.
//!
//! ```
//! use defer_core::list::{self, gather};
//! use defer_core::{Failure, defer};
//! # futures::executor::block_on(async {
//! let page = |number: u32| defer(async move { Ok::<_, Failure>(number * 2) });
//! assert_eq!(gather((1..4).map(page)).await.unwrap(), [2, 4, 6]);
//! assert_eq!(list::with().limit(2).gather((1..4).map(page)).await.unwrap(), [2, 4, 6]);
//! # });
//! ```

mod assemble;
mod deferred_list;
mod first_success;
mod gather;
mod gather_with;
mod gathers;
mod growing;
mod last_resort;
mod losers;
mod many;
mod members;
mod n_of;
mod observer;
mod options;
mod outcome;
mod parallel_commands;
mod places;
mod race;
mod run;
mod select_all;
mod source;
mod tuple;

#[cfg(feature = "std")]
pub(crate) use self::assemble::IntoHashMap;
pub(crate) use self::assemble::{IntoArray, IntoBTreeMap, IntoVec};
pub use self::deferred_list::{DeferredList, Lists, deferred_list};
pub use self::first_success::{FirstSuccess, first_success};
pub use self::gather::Gather;
pub use self::gather_with::GatherWith;
pub use self::gathers::{Gathers, gather};
pub use self::growing::{Growing, Handle, growing};
pub use self::last_resort::{AnySuccessOrLastFailure, any_success_or_last_failure};
pub use self::losers::{Left, LetGo, Losers};
pub use self::many::{Many, Member};
pub use self::n_of::{NOf, TooFew, n_of};
pub use self::observer::{
    AllDone, Counts, DeferredListObserver, Event, History, Memory, NoHistory, Observation,
    Observed, Recorded, When,
};
pub use self::options::{Options, with};
pub use self::outcome::Outcome;
pub use self::parallel_commands::{
    CommandAnswer, CommandFailure, Execute, ParallelCommandError, ParallelCommandExecutor, Reason,
};
pub use self::race::{Race, race};
pub use self::select_all::{Next, SelectAll, select_all};

/// What the types of lists are made of. These names appear in error messages and hardly ever
/// in programs.
pub mod parts {
    #[cfg(feature = "std")]
    pub use super::assemble::IntoHashMap;
    pub use super::assemble::{Assemble, IntoArray, IntoBTreeMap, IntoVec};
    pub use super::many::Chains;
    pub use super::source::{Given, Lazy, Source};
    pub use super::tuple::{
        IntoTuple, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10,
        OneOf11, OneOf12,
    };
}
