//! A point in time as it is kept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970, and nanoseconds. What was before is kept as 1970.
pub(super) type Moment = (u64, u32);

pub(super) fn kept(time: SystemTime) -> Moment {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs(), since.subsec_nanos())
}

pub(super) fn now() -> Moment {
    kept(SystemTime::now())
}

pub(super) fn read((seconds, nanos): Moment) -> SystemTime {
    // One that the clock of this machine cannot hold comes from a damaged file.
    let since = Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into()));
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}
