//! Ticks as a stream.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use defer_core::{Chain, Deferred, defer};
use futures_core::Stream;
use tokio::time::{Instant, interval, interval_at};

/// Moments at equal distances, as a stream and as deferreds: tokio's interval.
///
/// For a loop of the reader's own, `while let Some(time) = interval.next().await`, and for the
/// adaptors of streams. A [`LoopingCall`](crate::time::LoopingCall) calls a function instead,
/// skips what it missed, and can be stopped from elsewhere. What happens to ticks that are
/// missed is tokio's `MissedTickBehavior`: they come in a burst, unless the interval was made
/// [from](Interval::from) one of tokio's that says otherwise.
///
/// The stream never ends. Dropping it removes the timer. Nothing is lost if a
/// [`tick`](Interval::tick) is dropped or cancelled.
///
/// ```
/// use defer::time::Interval;
/// use futures::StreamExt;
/// use std::time::Duration;
/// use tokio::time::Instant;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let begin = Instant::now();
/// let second = Duration::from_secs(1);
/// let times: Vec<Instant> = Interval::every(second).take(3).collect().await;
/// assert_eq!(times, [begin, begin + second, begin + 2 * second]);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an interval does nothing until it is polled"]
pub struct Interval {
    ticks: tokio::time::Interval,
}

impl Interval {
    /// One tick at once, then one in each `period`.
    ///
    /// # Panics
    ///
    /// If the period is zero, and outside of a tokio runtime that has its time enabled.
    ///
    /// ```
    /// use defer::time::Interval;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let begin = Instant::now();
    /// let mut seconds = Interval::every(Duration::from_secs(1));
    /// assert_eq!(seconds.tick().await, begin);
    /// assert_eq!(seconds.tick().await, begin + Duration::from_secs(1));
    /// # }
    /// ```
    #[track_caller]
    pub fn every(period: Duration) -> Self {
        interval(period).into()
    }

    /// The first tick at `start`, then one in each `period`.
    ///
    /// # Panics
    ///
    /// As [`every`](Interval::every).
    ///
    /// ```
    /// use defer::time::Interval;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let noon = Instant::now() + Duration::from_secs(3600);
    /// assert_eq!(Interval::from_time(noon, Duration::from_secs(1)).tick().await, noon);
    /// # }
    /// ```
    #[track_caller]
    pub fn from_time(start: Instant, period: Duration) -> Self {
        interval_at(start, period).into()
    }

    /// The deferred of the next tick: it yields the moment that was meant.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::time::Interval;
    /// use std::time::Duration;
    ///
    /// #[callback]
    /// fn at_the_tick(_now: tokio::time::Instant, name: &str) -> String { format!("{name}!") }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut seconds = Interval::every(Duration::from_secs(1));
    /// assert_eq!(at_the_tick(seconds.tick(), "a").await, "a!");
    /// # }
    /// ```
    pub fn tick(&mut self) -> Deferred<Instant, impl Chain<Output = Instant>> {
        defer(self.ticks.tick())
    }

    /// tokio's interval, which can be reset.
    ///
    /// ```
    /// use defer::time::Interval;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let seconds = Interval::every(Duration::from_secs(1));
    /// assert_eq!(seconds.into_inner().period(), Duration::from_secs(1));
    /// # }
    /// ```
    #[must_use]
    pub fn into_inner(self) -> tokio::time::Interval {
        self.ticks
    }
}

impl From<tokio::time::Interval> for Interval {
    fn from(ticks: tokio::time::Interval) -> Self {
        Interval { ticks }
    }
}

impl Stream for Interval {
    type Item = Instant;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.ticks.poll_tick(cx).map(Some)
    }
}
