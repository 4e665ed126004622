//! Moments that may lie beyond what the clock can tell.

use core::time::Duration;

use tokio::time::Instant;

/// As good as for ever: what a runtime does not live to see.
const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// `delay` after `from`, or far in the future if the clock has no such moment.
pub(super) fn after(from: Instant, delay: Duration) -> Instant {
    from.checked_add(delay).unwrap_or_else(|| from + FAR)
}
