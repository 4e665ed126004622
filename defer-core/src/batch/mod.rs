//! Many calls for one thing each, asked in one call for all of them.
//!
//! Calls hand in their keys, and wait; when there is nothing new, what was handed in is asked
//! for at once. `defer-flow` makes functions of it, `#[callback(batch = ..)]`, and values,
//! `Batch`, and says what they do.

mod answers;
mod call;
pub(crate) mod collect;
pub(crate) mod given;
#[cfg(all(test, loom))]
mod loom;
mod rounds;
mod run;
mod wrong;

pub(crate) use self::answers::{Answer, Asked};
pub use self::answers::{Answers, EachItsOwn, InOrder, OrNone, Returns};
pub use self::call::Batched;
pub use self::collect::Key;
pub use self::wrong::{FromWrongAnswers, WrongAnswers};
