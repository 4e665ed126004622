//! The times at which a looping call is due.

use core::time::Duration;

use tokio::time::Instant;

use crate::time::moment::after;

/// Times at equal distances, and up to which of them calls were counted.
pub(super) struct Grid {
    begin: Instant,
    interval: Duration,
    /// How many times of the grid have been counted; its begin is one if a call is due there.
    counted: u128,
    at_begin: bool,
}

impl Grid {
    /// With a call at its `begin`, or without.
    pub(super) fn new(begin: Instant, interval: Duration, at_begin: bool) -> Self {
        Grid {
            begin,
            interval,
            counted: 0,
            at_begin,
        }
    }

    /// Without a grid: as fast as the runtime allows.
    pub(super) fn is_dense(&self) -> bool {
        self.interval.is_zero()
    }

    /// It begins now and not when it was made.
    pub(super) fn begin(&mut self, begin: Instant) {
        self.begin = begin;
    }

    /// Let it begin anew, without a call there.
    pub(super) fn reset(&mut self, begin: Instant) {
        *self = Grid::new(begin, self.interval, false);
    }

    /// The whole intervals that have passed.
    fn passed(&self, now: Instant) -> u128 {
        let passed = now.saturating_duration_since(self.begin).as_nanos();
        passed / self.interval.as_nanos().max(1)
    }

    /// The next time after `now`.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let nanos = (self.passed(now) + 1).saturating_mul(self.interval.as_nanos());
        let seconds = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
        // The remainder of a division by a thousand million fits.
        let rest = (nanos % 1_000_000_000) as u32;
        after(self.begin, Duration::new(seconds, rest))
    }

    /// How many times there were since the last call, or since the begin.
    pub(super) fn count(&mut self, now: Instant) -> u64 {
        if self.is_dense() {
            return 1;
        }
        let until_now = self.passed(now) + u128::from(self.at_begin);
        let count = until_now.saturating_sub(self.counted);
        self.counted = until_now;
        u64::try_from(count).unwrap_or(u64::MAX)
    }
}
