//! The errors that this crate itself makes.

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// The failure of a hand-made deferred whose `Resolver` was dropped without firing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Abandoned;

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the resolver was dropped before it fired its deferred")
    }
}

impl Error for Abandoned {}

/// The failure of a deferred that was cancelled.
///
/// It becomes any error type with `From<Cancelled>`, as [`Failure`](crate::Failure) has.
/// Twisted: `defer.CancelledError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl Error for Cancelled {}

/// The failure of a deferred that took longer than it was allowed to.
///
/// It becomes any error type with `From<TimedOut>`, as [`Failure`](crate::Failure) has.
/// Twisted: `defer.TimeoutError`, as `addTimeout` makes it.
///
/// ```
/// use core::time::Duration;
/// use defer_core::TimedOut;
///
/// let late = TimedOut::after(Duration::from_millis(30));
/// assert_eq!(late.to_string(), "timed out after 30ms");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimedOut {
    after: Duration,
}

impl TimedOut {
    /// Of something that was allowed to take this long.
    ///
    /// ```
    /// use core::time::Duration;
    /// use defer_core::TimedOut;
    /// assert_eq!(TimedOut::after(Duration::ZERO).to_string(), "timed out after 0ns");
    /// ```
    #[must_use]
    pub const fn after(allowed: Duration) -> Self {
        TimedOut { after: allowed }
    }

    /// How long it was allowed to take.
    ///
    /// ```
    /// use core::time::Duration;
    /// use defer_core::TimedOut;
    /// let second = Duration::from_secs(1);
    /// assert_eq!(TimedOut::after(second).allowed(), second);
    /// ```
    #[must_use]
    pub const fn allowed(&self) -> Duration {
        self.after
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {:?}", self.after)
    }
}

impl Error for TimedOut {}
