//! Jobs a second.

#[cfg(feature = "rate-limit")]
pub(super) use self::limited::Limiter;
#[cfg(feature = "rate-limit")]
pub use self::limited::Rate;
#[cfg(not(feature = "rate-limit"))]
pub(super) use self::unlimited::Limiter;

#[cfg(not(feature = "rate-limit"))]
mod unlimited {
    use tokio::time::Instant;

    /// Lets every job begin.
    pub(in crate::dispatch) struct Limiter;

    impl Limiter {
        pub(in crate::dispatch) fn none() -> Self {
            Limiter
        }

        #[allow(clippy::unused_self, reason = "the other one needs it")]
        #[inline]
        pub(in crate::dispatch) fn check(&self) -> Result<(), Instant> {
            Ok(())
        }
    }
}

#[cfg(feature = "rate-limit")]
mod limited {
    use core::num::NonZeroU32;
    use core::time::Duration;
    use std::boxed::Box;

    use governor::clock::Clock;
    use governor::middleware::NoOpMiddleware;
    use governor::state::{InMemoryState, NotKeyed};
    use governor::{Quota, RateLimiter};
    use tokio::time::Instant;

    /// How many jobs may begin in a time.
    ///
    /// They begin at equal distances: 50 a second is one in 20 ms, unless a
    /// [`burst`](Rate::burst) is allowed. tokio's timers count milliseconds, so that of more
    /// than 100 a second those of 10 ms may begin together.
    ///
    /// ```
    /// use defer::dispatch::{Rate, ResizableDispatchQueue};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Failure> {
    /// let begin = Instant::now();
    /// let queue = ResizableDispatchQueue::builder(move |_: u32| begin.elapsed())
    ///     .width(8)
    ///     .rate(Rate::per_second(4))
    ///     .build();
    /// queue.put(1).await?;
    /// queue.put(2).await?;
    /// let third = queue.put(3).await?.await?;
    /// assert_eq!(third.result, Duration::from_millis(500));
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rate {
        quota: Quota,
    }

    impl Rate {
        /// So many a second.
        ///
        /// # Panics
        ///
        /// If it is 0: a width of 0 holds a queue back.
        ///
        /// ```
        /// use defer::dispatch::Rate;
        /// use std::time::Duration;
        /// assert_eq!(Rate::per_second(4), Rate::every(Duration::from_millis(250)));
        /// ```
        #[track_caller]
        #[must_use]
        pub fn per_second(jobs: u32) -> Self {
            let Some(jobs) = NonZeroU32::new(jobs) else {
                panic!("a rate of 0 jobs a second: a width of 0 holds a queue back");
            };
            let together = NonZeroU32::new(jobs.get() / 100).unwrap_or(NonZeroU32::MIN);
            Rate {
                quota: Quota::per_second(jobs).allow_burst(together),
            }
        }

        /// One in each `period`.
        ///
        /// # Panics
        ///
        /// If the period is zero.
        ///
        /// ```
        /// use defer::dispatch::Rate;
        /// use std::time::Duration;
        /// let seldom = Rate::every(Duration::from_secs(60));
        /// assert_ne!(seldom, Rate::per_second(1));
        /// ```
        #[track_caller]
        #[must_use]
        pub fn every(period: Duration) -> Self {
            let Some(quota) = Quota::with_period(period) else {
                panic!("a rate of one job in no time at all");
            };
            Rate { quota }
        }

        /// So many may begin together, if none has for long enough.
        ///
        /// # Panics
        ///
        /// If it is 0.
        ///
        /// ```
        /// use defer::dispatch::Rate;
        /// let at_first_ten = Rate::per_second(1).burst(10);
        /// # assert_ne!(at_first_ten, Rate::per_second(1));
        /// ```
        #[track_caller]
        #[must_use]
        pub fn burst(self, jobs: u32) -> Self {
            let Some(jobs) = NonZeroU32::new(jobs) else {
                panic!("a burst of 0 jobs: no job could ever begin");
            };
            Rate {
                quota: self.quota.allow_burst(jobs),
            }
        }
    }

    /// tokio's clock, from a moment on.
    #[derive(Clone)]
    struct Tokio(Instant);

    impl Clock for Tokio {
        type Instant = Duration;
        fn now(&self) -> Duration {
            self.0.elapsed()
        }
    }

    type Direct = RateLimiter<NotKeyed, InMemoryState, Tokio, NoOpMiddleware<Duration>>;

    /// Says when the next job may begin.
    pub(in crate::dispatch) struct Limiter(Option<Box<(Tokio, Direct)>>);

    impl Limiter {
        pub(in crate::dispatch) fn none() -> Self {
            Limiter(None)
        }

        pub(in crate::dispatch) fn new(rate: Option<Rate>) -> Self {
            Limiter(rate.map(|rate| {
                let clock = Tokio(Instant::now());
                let direct = RateLimiter::direct_with_clock(rate.quota, clock.clone());
                Box::new((clock, direct))
            }))
        }

        /// One may begin now, and does; or later.
        #[inline]
        pub(in crate::dispatch) fn check(&self) -> Result<(), Instant> {
            let Some(limiter) = &self.0 else {
                return Ok(());
            };
            let (clock, direct) = &**limiter;
            direct.check().map_err(|not_until| {
                let wait = not_until.wait_time_from(clock.now());
                // A timer that is over at once would be polled again and again.
                Instant::now() + wait.max(Duration::from_millis(1))
            })
        }
    }
}
