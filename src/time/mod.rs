//! Limits of time, and calls that are made later, once or again and again.
//!
//! | to | there is |
//! | --- | --- |
//! | cancel what takes too long | [`timeout`](TimeExt::timeout), [`deadline`](TimeExt::deadline), [`remaining`] |
//! | make a call later, and move it or take it back | [`call_later`](call_later()), a handle |
//! | wait, then call | [`defer_later`](defer_later()), a deferred |
//! | call again and again | [`LoopingCall`], a deferred and a handle |
//! | have ticks as a stream | [`Interval`] |
//!
//! # Limits
//!
//! ```
//! use defer::prelude::*;
//! use defer::TimedOut;
//! use std::time::Duration;
//!
//! #[callback]
//! async fn fetch(name: &'static str) -> Result<String, Failure> {
//!     # let _ = name;
//!     std::future::pending().await // a page that never comes
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let page = fetch("a").timeout(Duration::from_millis(30));
//! let failure = page.await.unwrap_err();
//! assert_eq!(failure.to_string(), "timed out after 30ms");
//! assert!(failure.check::<TimedOut>().is_some());
//! # }
//! ```
//!
//! ## What comes out
//!
//! When the time is over, what is inside is *cancelled*: errbacks run, and clean-up is waited
//! for. It covers what is inside, not what is put around it.
//!
//! | what the chain does then | what comes out |
//! | --- | --- |
//! | nothing takes the cancellation | [`TimedOut`] |
//! | it fails with a [`Failure`](crate::Failure) that [is a cancellation](crate::Failure::is_cancelled) | [`TimedOut`] |
//! | an errback recovers | the value |
//! | it fails otherwise, or with an error of its own type | that failure |
//! | it had its outcome already | the outcome |
//! | it goes on as if nothing were | it is waited for, see below |
//!
//! A cancellation from outside removes the timer: what cleans up then has no limit, and
//! `Cancelled` stays what it is.
//!
//! ## What does not listen
//!
//! An errback that takes for ever to clean up is waited for. Put another limit around it:
//! `deferred.timeout(short).timeout(long)` cancels the clean-up of the first. Whatever then
//! still goes on has to be dropped: `tokio::time::timeout(limit, deferred)` does that.
//!
//! # Which clock
//!
//! tokio's, which counts milliseconds. `tokio::time::pause` and `advance` hold for all of it.

mod call_later;
mod defer_later;
mod interval;
mod looping;
mod moment;
pub(crate) mod scope;
mod timeout;

use core::time::Duration;

use defer_core::runtime::{self, Act};
use defer_core::{AlwaysOk, Chain, Deferred, TimedOut};
use tokio::time::Instant;

pub use self::call_later::{DelayedCall, NotActive, call_later};
pub use self::defer_later::{DeferLater, defer_later};
pub use self::interval::Interval;
pub use self::looping::{
    AlreadyRunning, Begun, Controlled, Counted, LoopBody, LoopControl, Looping, LoopingCall,
    NotRunning, Uncounted,
};
pub use self::timeout::Timeout;
use crate::Tokio;

/// `timeout` and `deadline` for a deferred that cannot fail: it can, then, with [`TimedOut`].
///
/// A deferred that can fail has methods of the same names. They keep its error, which needs
/// `From<TimedOut>`, as [`Failure`](crate::Failure) has. See [`time`](self) for what comes out.
///
/// A deferred that fails with [`TimedOut`] alone has no error for a cancellation or a panic:
/// start it, or make it cancellable, first, and limit that.
///
/// A trait, for the reason that [`AddCallback`](crate::AddCallback) gives.
pub trait TimeExt: Sized {
    /// What the deferred yields.
    type Value;
    /// What is inside it.
    type Chain: Chain<Output = Self::Value>;

    /// Cancel it when it has run for `limit`.
    ///
    /// The time counts from the first poll, since nothing runs before that. What is there
    /// at the first poll is yielded even if the limit is zero. A limit too long to be told
    /// from for ever is one. The timer is a part of the deferred: no allocation. Twisted:
    /// `Deferred.addTimeout`.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime that has its time enabled.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::TimedOut;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let limit = Duration::from_secs(1);
    /// let never = defer(std::future::pending::<u8>()).timeout(limit);
    /// assert_eq!(never.await, Err(TimedOut::after(limit)));
    ///
    /// let can_fail = defer(async { Ok::<_, Failure>(3) }).timeout(limit);
    /// assert_eq!(can_fail.await.unwrap(), 3);
    /// # }
    /// ```
    fn timeout(
        self,
        limit: Duration,
    ) -> Deferred<Result<Self::Value, TimedOut>, Timeout<AlwaysOk<Self::Chain, TimedOut>>>;

    /// Cancel it at `time`, however late it begins.
    ///
    /// As [`timeout`](TimeExt::timeout) otherwise. [`TimedOut::allowed`] is what was left of
    /// the time at the first poll.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime that has its time enabled.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let at = Instant::now() + Duration::from_secs(1);
    /// let (a, b) = (std::future::pending::<u8>(), std::future::pending::<u8>());
    /// assert!(defer(a).deadline(at).await.is_err());
    /// assert!(defer(b).deadline(at).await.is_err()); // at once
    /// assert_eq!(Instant::now(), at);
    /// # }
    /// ```
    fn deadline(
        self,
        time: Instant,
    ) -> Deferred<Result<Self::Value, TimedOut>, Timeout<AlwaysOk<Self::Chain, TimedOut>>>;
}

impl<T, F: Chain<Output = T>> TimeExt for Deferred<T, F> {
    type Value = T;
    type Chain = F;
    fn timeout(
        self,
        limit: Duration,
    ) -> Deferred<Result<T, TimedOut>, Timeout<AlwaysOk<F, TimedOut>>> {
        let chain = AlwaysOk::new(self.into_chain());
        Deferred::from_chain(Timeout::after(chain, limit))
    }
    fn deadline(
        self,
        time: Instant,
    ) -> Deferred<Result<T, TimedOut>, Timeout<AlwaysOk<F, TimedOut>>> {
        let chain = AlwaysOk::new(self.into_chain());
        Deferred::from_chain(Timeout::at(chain, time))
    }
}

impl<T, E, F> Act<runtime::Timeout, Tokio> for Deferred<Result<T, E>, F>
where
    E: From<TimedOut> + 'static,
    F: Chain<Output = Result<T, E>>,
{
    type Output = Deferred<Result<T, E>, Timeout<F>>;
    fn act(self, runtime::Timeout(limit): runtime::Timeout) -> Self::Output {
        Deferred::from_chain(Timeout::after(self.into_chain(), limit))
    }
}

impl<T, E, F> Act<runtime::Deadline<Instant>, Tokio> for Deferred<Result<T, E>, F>
where
    E: From<TimedOut> + 'static,
    F: Chain<Output = Result<T, E>>,
{
    type Output = Deferred<Result<T, E>, Timeout<F>>;
    fn act(self, runtime::Deadline(time): runtime::Deadline<Instant>) -> Self::Output {
        Deferred::from_chain(Timeout::at(self.into_chain(), time))
    }
}

/// How much time is left for what runs now; `None` if it has no limit.
///
/// For bodies, closures and futures inside a `timeout` or a `deadline`, so that they can pass
/// a limit on to what they call. Of several around it the nearest one counts. What is
/// [started](crate::start) inside inherits it, though only to be read: it is not cancelled,
/// unless what is cancelled waits for it. Zero when the time is over, as for the errbacks that
/// run then; none for those that run after a cancellation from outside. What runs on a thread
/// by [`defer_to_thread`](crate::task::defer_to_thread) or in a `blocking` body inherits it too;
/// a task of `tokio::spawn` or another thread has none.
///
/// ```
/// use defer::prelude::*;
/// use defer::time::remaining;
/// use std::time::Duration;
///
/// #[callback]
/// fn ask(#[value] name: &'static str) -> String {
///     format!("{name} within {:?}", remaining().unwrap_or(Duration::MAX))
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let asked = ask("a").timeout(Duration::from_secs(2));
/// assert_eq!(asked.await.unwrap(), "a within 2s");
/// # }
/// ```
#[must_use]
pub fn remaining() -> Option<Duration> {
    scope::deadline().map(|at| at.saturating_duration_since(Instant::now()))
}
