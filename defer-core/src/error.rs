//! The errors that this crate itself makes.

use core::error::Error;
use core::fmt;

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
