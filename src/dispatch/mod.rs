//! A dispatch queue that can be steered, stopped and resumed.
//!
//! A [`ResizableDispatchQueue`] does jobs, so many at a time, and the number, the order and the
//! jobs themselves can be changed while it runs: see the [chapter](crate::guide::dispatching) of
//! the guide. It is Terry Jones' `txrdq`, with what it lacks: a bound, a rate, limits of time,
//! retrying, a [store](JobStore) that keeps jobs over a restart, events and metrics.
//!
//! # What comes out
//!
//! | what happens | the deferred of the job | a store |
//! | --- | --- | --- |
//! | the work succeeds | yields the [`Job`] with the result | forgets it |
//! | the work fails or panics | fails with [`JobFailed`] | forgets it, or [keeps it as a dead letter](Builder::keep_failed) |
//! | it is cancelled while it is pending | fails with [`JobFailed`] | forgets it |
//! | it is cancelled while it is underway | its errbacks run; fails, unless one of them recovers | forgets it |
//! | the queue is [stopped](ResizableDispatchQueue::stop) while it is pending | fails with [`JobFailed`], at once | keeps it |
//! | the queue is [stopped now](ResizableDispatchQueue::stop_now) while it is underway | as when it is cancelled | keeps it |
//! | the last handle of the queue is dropped while it is pending | as when it is stopped | keeps it |
//! | the same, while it is underway | goes on | forgets it, when it is done |
//! | its runtime goes | fails with [`JobFailed`] | keeps it |
//! | its deferred is dropped | a failure is reported through `tracing` | as above |
//!
//! # Metrics
//!
//! With the feature `metrics`, through the facade of that name, each with the label `queue`, the
//! [name](Builder::name) of the queue: `dispatch_jobs_queued_total`, `dispatch_jobs_ended_total`
//! (with `state`: `finished`, `failed`, `cancelled`), `dispatch_jobs_pending`,
//! `dispatch_jobs_underway`, `dispatch_width`, and as histograms `dispatch_job_wait_seconds` and
//! `dispatch_job_run_seconds`. The recorder is the one that is installed when the queue is built.

// Arrows point one way:
// queue, builder → put, queued, stop, worker → engine → ticket, events, progress, rate,
// telemetry → job, store, clock.
mod builder;
mod clock;
mod engine;
mod events;
mod job;
mod kept;
mod progress;
mod put;
mod queue;
mod queued;
mod rate;
mod stop;
pub mod store;
mod telemetry;
mod ticket;
mod work;
mod worker;

pub use self::builder::Builder;
pub use self::events::{Event, Events};
pub use self::job::{Job, JobFailed, JobState};
pub use self::progress::Progress;
pub use self::put::{PutError, Putting, Refused};
pub use self::queue::{ResizableDispatchQueue, Size};
pub use self::queued::{JobCanceller, Queued, WatchJob};
#[cfg(feature = "rate-limit")]
pub use self::rate::Rate;
pub use self::stop::{NotPending, Pausing, QueueStopped, Stopping};
#[doc(no_inline)]
pub use self::store::{JobId, JobStore, Priority};
#[doc(hidden)]
pub use self::work::Attempts;
pub use self::work::{Calls, CanFail, JobWork, Limited, Retried};
