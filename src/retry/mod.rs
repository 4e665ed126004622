//! Again, until it works: calls that are retried after delays.
//!
//! ```
//! use defer::prelude::*;
//! use defer::retry::{Exponential, Retry, RetryingCall};
//!
//! #[derive(Debug, PartialEq)]
//! enum FetchError { Busy, Gone }
//!
//! # use std::sync::atomic::{AtomicU32, Ordering};
//! # static ASKED: AtomicU32 = AtomicU32::new(0);
//! #[callback]
//! async fn fetch(name: String) -> Result<String, FetchError> {
//!     // … a server that is briefly not there …
//!     # if ASKED.fetch_add(1, Ordering::SeqCst) < 2 { return Err(FetchError::Busy) }
//!     Ok(format!("the page {name}"))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let name = "a".to_string();
//! let page = RetryingCall::new(move || fetch(name.clone()))
//!     .start(Retry::backoff(Exponential::default()).unless(|error| *error == FetchError::Gone));
//! assert_eq!(page.await.unwrap(), "the page a"); // the third attempt
//! # }
//! ```
//!
//! # How to retry
//!
//! [`RetryingCall`] takes a closure that makes a deferred, and makes one for each attempt. An
//! annotated function retries itself: `#[callback(retry = policy)]`, see
//! [`callback`](macro@crate::callback). What a policy is:
//!
//! | to say | write |
//! | --- | --- |
//! | what `txretry` does: ten attempts, ever longer delays | [`Retry::default()`](Retry) |
//! | delays | `[d1, d2]`, a `Vec`, any iterator of `Duration`s |
//! | a well-known backoff, jitter, a greatest number, a total | [`Exponential`], [`Fibonacci`], [`Constant`] |
//! | which failures are worth it | [`Retry::when`], [`unless`](Retry::unless), [`at_most`](Retry::at_most), [`when_error`](Retry::when_error), a [`Tester`] |
//! | a log of the attempts | [`Retry::on_failure`] |
//! | what the server says about when to come back | [`Retry::hint`] |
//! | anything else | a [`Policy`] of your own |
//! | a limit for each attempt | `.timeout(limit)` on what the closure makes |
//! | a limit for all of them | `.timeout(limit)` or `.deadline(time)` around it |
//!
//! # What comes out
//!
//! | what happens | what comes out |
//! | --- | --- |
//! | an attempt succeeds | its value |
//! | a failure is not to be retried, or no delay is left | [`GaveUp`], with each attempt and its time |
//! | less [time](crate::time::remaining) is left than the next delay takes | [`GaveUp`] at once, with [`Reason::NoTimeLeft`] |
//! | it is cancelled while it waits | the timer goes; `Cancelled`. No attempt follows |
//! | it is cancelled in an attempt | the attempt is cancelled: its errbacks run. What they yield comes out, or [`GaveUp`] with [`Reason::Cancelled`]. There is no further attempt |
//! | it is dropped | the timer or the attempt is dropped |
//! | an attempt panics | so does the poll; there is no further attempt |
//!
//! [`start_bare`](RetryingCall::start_bare) and the attribute yield the error of the last
//! attempt as it is, in place of [`GaveUp`]. If that is a [`Failure`](crate::Failure), all
//! attempts are on its [trail](crate::Trail).
//!
//! This is Terry Jones' `txretry`, without three defects of it: there a cancellation leaves the
//! timer running, the first failure comes out in place of the last, and there is one clock, of
//! the global reactor.
//!
//! # Which clock
//!
//! tokio's, which counts milliseconds. `tokio::time::pause` and `advance` hold for all of it.

mod attempts;
mod call;
#[doc(hidden)]
pub mod lowered;
mod policy;
mod rules;
mod simple;

pub use backon::{
    BackoffBuilder, ConstantBuilder as Constant, ExponentialBuilder as Exponential,
    FibonacciBuilder as Fibonacci,
};
pub use defer_core::attempts::{AsError, Attempt, GaveUp, Reason};

pub use self::attempts::{Bare, Report, Retrying, Whole};
pub use self::call::RetryingCall;
#[doc(hidden)]
pub use self::policy::markers;
pub use self::policy::{Delays, Failed, IntoPolicy, Next, Policy};
pub use self::rules::{Retry, Tester, Verdict};
pub use self::simple::SimpleBackoff;
