//! Many calls for one thing each, asked in one call for all of them.
//!
//! [`Batch`] collects the keys of calls while anything else can still run, and then asks
//! for all of them at once. `#[callback(batch = load_users)]` makes an annotated function of
//! one; the guide's chapter on batching teaches both.
//!
//! # What is collected
//!
//! A call hands in its key when it is polled first, after its arguments. It has its task
//! polled again, as whatever else can run is, and looks whether keys were added in the
//! meantime. When several looks in a row found nothing new, the batch function is called.
//! Looking costs a few polls, and no time is waited for. A batch that finds something new
//! at every look is sent after 64 of them all the same, so that a busy program delays its
//! calls and does not put them off for ever; and one that has its largest size
//! ([`Batch::max`]) is sent at once.
//!
//! Calls share a batch if they are for the same [`Batch`]; calls of an annotated function, if
//! they are polled on the same thread, in whichever task. A key is asked for once, however
//! many calls there are for it, until it was sent; calls that come later are asked anew.
//!
//! # Who runs it
//!
//! The calls in it: whichever of them is polled drives the batch function's deferred for
//! all. A call that is dropped or no longer polled does not stop the others. When the last
//! one is dropped, what runs is dropped; when the last one is cancelled, what runs is
//! cancelled, and its errbacks run. A panic of the batch function comes out of every call.

mod answers;
mod call;
mod collect;
mod given;
mod hand;
mod rounds;
mod run;
mod wrong;

pub(crate) use self::answers::{Answer, Asked};
pub use self::answers::{Answers, EachItsOwn, InOrder, OrNone, Returns};
pub use self::call::Batched;
#[doc(hidden)]
pub use self::collect::Collector;
pub use self::collect::Key;
#[doc(hidden)]
pub use self::given::{Given, GivenFuture, GivenValue};
pub use self::hand::Batch;
pub use self::wrong::{FromWrongAnswers, WrongAnswers};
