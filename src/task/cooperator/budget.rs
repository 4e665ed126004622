//! How long a turn takes.

use core::fmt;
use core::time::Duration;
use std::boxed::Box;
use std::time::Instant;

/// When a cooperator lets the runtime go on.
pub(in crate::task) enum Budget {
    /// After so long, as the processor's clock tells it: what a unit costs is no matter of the
    /// runtime's clock, which may be paused.
    Time(Duration),
    /// When this says so, of the number of units of this turn.
    Until(Box<dyn FnMut(usize) -> bool + Send>),
}

/// A tenth of Twisted's, with which half of the requests to a server beside a long computation
/// wait for more than five milliseconds. The computation takes as long: `examples/fairness.rs`.
const TURN: Duration = Duration::from_millis(1);

impl Default for Budget {
    fn default() -> Self {
        Budget::Time(TURN)
    }
}

impl Budget {
    pub(in crate::task) fn begin(&mut self) -> Turn<'_> {
        Turn {
            begin: Instant::now(),
            units: 0,
            budget: self,
        }
    }
}

/// A turn that has begun.
pub(in crate::task) struct Turn<'a> {
    budget: &'a mut Budget,
    begin: Instant,
    units: usize,
}

impl Turn<'_> {
    /// After a unit: whether it was the last one.
    pub(in crate::task) fn is_over(&mut self) -> bool {
        self.units += 1;
        match self.budget {
            Budget::Time(time) => self.begin.elapsed() >= *time,
            Budget::Until(over) => over(self.units),
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::Time(time) => f.debug_tuple("Time").field(time).finish(),
            Budget::Until(_) => f.debug_tuple("Until").finish_non_exhaustive(),
        }
    }
}
