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

/// The failure of what took longer than it was allowed to.
///
/// It becomes any error type with `From<TimedOut>`, as [`Failure`](crate::Failure) has.
/// Twisted: `defer.TimeoutError`, which `Deferred.addTimeout` raises.
///
/// ```
/// use core::time::Duration;
/// use defer_core::TimedOut;
///
/// let error = TimedOut::after(Duration::from_millis(30));
/// assert_eq!(error.to_string(), "timed out after 30ms");
/// assert_eq!(TimedOut::default().to_string(), "timed out");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimedOut {
    after: Option<Duration>,
}

impl TimedOut {
    /// After this long. Where nobody knows how long it was, take `TimedOut::default()`.
    ///
    /// ```
    /// use core::time::Duration;
    /// use defer_core::TimedOut;
    ///
    /// let error = TimedOut::after(Duration::from_secs(2));
    /// assert_eq!(error.to_string(), "timed out after 2s");
    /// ```
    #[must_use]
    pub const fn after(allowed: Duration) -> Self {
        TimedOut {
            after: Some(allowed),
        }
    }

    /// How long it was allowed to take, if that is known.
    ///
    /// ```
    /// use core::time::Duration;
    /// use defer_core::TimedOut;
    ///
    /// let second = Duration::from_secs(1);
    /// assert_eq!(TimedOut::after(second).allowed(), Some(second));
    /// assert_eq!(TimedOut::default().allowed(), None);
    /// ```
    #[must_use]
    pub const fn allowed(&self) -> Option<Duration> {
        self.after
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            Some(after) => write!(f, "timed out after {after:?}"),
            None => f.write_str("timed out"),
        }
    }
}

impl Error for TimedOut {}
