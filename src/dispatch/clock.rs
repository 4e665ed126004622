//! The times of jobs: moments of tokio's clock, told as times of day.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Counts nanoseconds since 1970 with tokio's clock, which tests can pause.
///
/// One number is kept for a time, where an `Instant` and a `SystemTime` would be two times two.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    begin: Instant,
    wall: u64,
}

impl Clock {
    pub(super) fn new() -> Self {
        Clock {
            begin: Instant::now(),
            wall: nanos(SystemTime::now()),
        }
    }

    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.wall.saturating_add(short(self.begin.elapsed()))
    }
}

#[inline]
fn short(duration: Duration) -> u64 {
    // It is enough for five hundred years.
    let whole = duration.as_secs().saturating_mul(1_000_000_000);
    whole.saturating_add(u64::from(duration.subsec_nanos()))
}

pub(super) fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, short)
}

#[inline]
pub(super) fn time(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}
