//! What a queue does, in numbers for the `metrics` facade.

#[cfg(feature = "metrics")]
pub(super) use self::told::Telemetry;
#[cfg(not(feature = "metrics"))]
pub(super) use self::untold::Telemetry;

#[cfg(not(feature = "metrics"))]
mod untold {
    use crate::dispatch::JobState;

    /// Tells nobody.
    pub(in crate::dispatch) struct Telemetry;

    #[allow(clippy::unused_self, reason = "the other one needs it")]
    impl Telemetry {
        pub(in crate::dispatch) fn new(_: &'static str) -> Self {
            Telemetry
        }
        #[inline]
        pub(in crate::dispatch) fn width(&self, _: usize) {}
        #[inline]
        pub(in crate::dispatch) fn queued(&self, _: usize) {}
        #[inline]
        pub(in crate::dispatch) fn unqueued(&self, _: usize) {}
        #[inline]
        pub(in crate::dispatch) fn started(&self, _: u64) {}
        #[inline]
        pub(in crate::dispatch) fn ended(&self, _: JobState, _: u64) {}
    }
}

#[cfg(feature = "metrics")]
mod told {
    use core::time::Duration;

    use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

    use crate::dispatch::JobState;

    /// Numbers of one queue, registered with the recorder that is there when it is built.
    pub(in crate::dispatch) struct Telemetry {
        queued: Counter,
        finished: Counter,
        failed: Counter,
        cancelled: Counter,
        pending: Gauge,
        underway: Gauge,
        width: Gauge,
        waited: Histogram,
        took: Histogram,
    }

    impl Telemetry {
        pub(in crate::dispatch) fn new(queue: &'static str) -> Self {
            Telemetry {
                queued: counter!("dispatch_jobs_queued_total", "queue" => queue),
                finished: counter!("dispatch_jobs_ended_total", "queue" => queue, "state" => "finished"),
                failed: counter!("dispatch_jobs_ended_total", "queue" => queue, "state" => "failed"),
                cancelled: counter!("dispatch_jobs_ended_total", "queue" => queue, "state" => "cancelled"),
                pending: gauge!("dispatch_jobs_pending", "queue" => queue),
                underway: gauge!("dispatch_jobs_underway", "queue" => queue),
                width: gauge!("dispatch_width", "queue" => queue),
                waited: histogram!("dispatch_job_wait_seconds", "queue" => queue),
                took: histogram!("dispatch_job_run_seconds", "queue" => queue),
            }
        }

        pub(in crate::dispatch) fn width(&self, width: usize) {
            self.width.set(width as f64);
        }

        /// Jobs have come.
        pub(in crate::dispatch) fn queued(&self, jobs: usize) {
            self.queued.increment(jobs as u64);
            self.pending.increment(jobs as f64);
        }

        /// Jobs were cancelled before they were begun.
        pub(in crate::dispatch) fn unqueued(&self, jobs: usize) {
            self.cancelled.increment(jobs as u64);
            self.pending.decrement(jobs as f64);
        }

        /// A job was begun after so many nanoseconds.
        pub(in crate::dispatch) fn started(&self, waited: u64) {
            self.pending.decrement(1.0);
            self.underway.increment(1.0);
            self.waited
                .record(Duration::from_nanos(waited).as_secs_f64());
        }

        /// A job has ended after so many nanoseconds.
        pub(in crate::dispatch) fn ended(&self, state: JobState, took: u64) {
            self.underway.decrement(1.0);
            self.took.record(Duration::from_nanos(took).as_secs_f64());
            match state {
                JobState::Finished => self.finished.increment(1),
                JobState::Failed => self.failed.increment(1),
                _ => self.cancelled.increment(1),
            }
        }
    }
}
