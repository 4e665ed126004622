//! The delays of `txretry`.

use core::fmt;
use core::time::Duration;

use std::sync::Arc;

type Increase = Arc<dyn Fn(Duration) -> Duration + Send + Sync>;

/// Ten delays: none, then 10 ms, and twice as long each time.
///
/// 0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56 seconds. Each of the numbers can
/// be changed. With [`Retry::before_each`](super::Retry::before_each), as in
/// [`Retry::default`](super::Retry::default), the first is that before the first attempt; as a
/// policy by itself, and with [`Retry::delays`](super::Retry::delays), that before the second.
///
/// A delay of more than [`max_delay`](SimpleBackoff::max_delay) becomes that. `txretry`:
/// `simpleBackoffIterator`.
///
/// ```
/// use defer::retry::SimpleBackoff;
/// use std::time::Duration;
///
/// let delays: Vec<_> = SimpleBackoff::default().collect();
/// assert_eq!(delays.len(), 10);
/// assert_eq!(delays[0], Duration::ZERO);
/// assert_eq!(delays[9], Duration::from_millis(2560));
/// ```
#[derive(Clone)]
#[must_use = "an iterator does nothing until it is used"]
pub struct SimpleBackoff {
    remaining: usize,
    now: bool,
    delay: Duration,
    max_delay: Duration,
    increase: Option<Increase>,
}

impl Default for SimpleBackoff {
    fn default() -> Self {
        SimpleBackoff {
            remaining: 10,
            now: true,
            delay: Duration::from_millis(10),
            max_delay: Duration::from_secs(120),
            increase: None,
        }
    }
}

impl SimpleBackoff {
    /// So many delays, instead of 10. `txretry`: `maxResults`.
    ///
    /// None at all for 0, where `txretry`'s iterator refuses to be made.
    ///
    /// ```
    /// # use defer::retry::SimpleBackoff;
    /// assert_eq!(SimpleBackoff::default().max_results(3).count(), 3);
    /// ```
    pub const fn max_results(mut self, results: usize) -> Self {
        self.remaining = results;
        self
    }

    /// No delay is longer than this, instead of two minutes. `txretry`: `maxDelay`.
    ///
    /// ```
    /// # use defer::retry::SimpleBackoff;
    /// # use std::time::Duration;
    /// let second = Duration::from_secs(1);
    /// assert_eq!(SimpleBackoff::default().max_delay(second).last(), Some(second));
    /// ```
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Whether the first of the delays is zero, as it is if this is not called. `txretry`: `now`.
    ///
    /// ```
    /// # use defer::retry::SimpleBackoff;
    /// # use std::time::Duration;
    /// let mut delays = SimpleBackoff::default().now(false);
    /// assert_eq!(delays.next(), Some(Duration::from_millis(10)));
    /// ```
    pub const fn now(mut self, now: bool) -> Self {
        self.now = now;
        self
    }

    /// The first delay that is not zero, instead of 10 ms. `txretry`: `initDelay`.
    ///
    /// ```
    /// # use defer::retry::SimpleBackoff;
    /// # use std::time::Duration;
    /// let second = Duration::from_secs(1);
    /// let delays: Vec<_> = SimpleBackoff::default().init_delay(second).take(3).collect();
    /// assert_eq!(delays, [Duration::ZERO, second, 2 * second]);
    /// ```
    pub const fn init_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How the next delay follows from one, instead of being twice as long. `txretry`: `incFunc`.
    ///
    /// ```
    /// # use defer::retry::SimpleBackoff;
    /// # use std::time::Duration;
    /// let second = Duration::from_secs(1);
    /// let tripled = SimpleBackoff::default().now(false).init_delay(second).increase(|d| d * 3);
    /// assert_eq!(tripled.take(3).collect::<Vec<_>>(), [second, 3 * second, 9 * second]);
    /// ```
    pub fn increase(
        mut self,
        increase: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.increase = Some(Arc::new(increase));
        self
    }
}

impl Iterator for SimpleBackoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.remaining = self.remaining.checked_sub(1)?;
        if core::mem::take(&mut self.now) {
            return Some(Duration::ZERO);
        }
        let delay = self.delay.min(self.max_delay);
        // From the delay as it was yielded, so that it does not grow beyond all limits.
        self.delay = match &self.increase {
            Some(increase) => increase(delay),
            None => delay.saturating_mul(2),
        };
        Some(delay)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl ExactSizeIterator for SimpleBackoff {}

impl fmt::Debug for SimpleBackoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimpleBackoff")
            .field("remaining", &self.remaining)
            .field("now", &self.now)
            .field("delay", &self.delay)
            .field("max_delay", &self.max_delay)
            .finish_non_exhaustive()
    }
}
