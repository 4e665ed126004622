//! What is told of a job, and the failure of one.

use core::error::Error;
use core::fmt;
use core::time::Duration;
use std::time::SystemTime;

use defer_core::attempts::AsError;

use super::store::{JobId, Priority};

/// How far a job has come.
///
/// ```text
///                           ┌→ Failed
/// Pending ──→ Underway ─────┼→ Finished
///    └──────────────────────┴→ Cancelled
/// ```
///
/// ```
/// use defer::dispatch::JobState;
/// assert_eq!(JobState::Underway.to_string(), "underway");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for its turn.
    Pending,
    /// It was begun.
    Underway,
    /// It has its result.
    Finished,
    /// It has failed.
    Failed,
    /// It was cancelled, before or after it was begun, and nothing recovered.
    Cancelled,
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            JobState::Pending => "pending",
            JobState::Underway => "underway",
            JobState::Finished => "finished",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        })
    }
}

/// A job of a [`ResizableDispatchQueue`](super::ResizableDispatchQueue), as it was at a moment.
///
/// `R` is its result: `()` while it has none. What the deferred of a job yields is a `Job` with
/// the result, what a queue [lists](super::ResizableDispatchQueue::pending) or hands back are
/// jobs without one. `txrdq`: `Job`.
///
/// ```
/// use defer::dispatch::{JobState, ResizableDispatchQueue};
/// use defer::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::new(|n: u32| 7 * n, 1);
/// let job = queue.put(6).await?.await?;
/// assert_eq!((job.argument, job.result, job.state), (6, 42, JobState::Finished));
/// assert_eq!(job.attempts, 1);
/// assert!(job.started <= job.stopped);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job<A, R = ()> {
    /// Its name.
    pub id: JobId,
    /// How urgent it is: the lowest goes first.
    pub priority: Priority,
    /// What it is done with.
    pub argument: A,
    /// How far it had come.
    pub state: JobState,
    /// When it was put.
    pub queued: SystemTime,
    /// When it was begun.
    pub started: Option<SystemTime>,
    /// When it ended.
    pub stopped: Option<SystemTime>,
    /// How often it was tried, each attempt of a [`retry`](super::Builder::retry) counted; of
    /// runs before a restart only how often the job was begun is known.
    pub attempts: u32,
    /// What came of it.
    pub result: R,
}

impl<A, R> Job<A, R> {
    /// How long it was pending, once it has been begun.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
    /// assert!(queue.put(6).await?.await?.waited().is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn waited(&self) -> Option<Duration> {
        // A clock that was set back tells nothing.
        self.started?.duration_since(self.queued).ok()
    }

    /// How long it was underway, once it has ended.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// use defer::time::defer_later;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Failure> {
    /// let second = Duration::from_secs(1);
    /// let queue = ResizableDispatchQueue::new(move |n: u32| defer_later(second, move || n), 1);
    /// assert_eq!(queue.put(6).await?.await?.took(), Some(second));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        self.stopped?.duration_since(self.started?).ok()
    }

    pub(super) fn with_argument<B>(self, argument: B) -> Job<B, R> {
        Job {
            id: self.id,
            priority: self.priority,
            argument,
            state: self.state,
            queued: self.queued,
            started: self.started,
            stopped: self.stopped,
            attempts: self.attempts,
            result: self.result,
        }
    }

    pub(super) fn with_result<S>(self, result: S) -> Job<A, S> {
        Job {
            id: self.id,
            priority: self.priority,
            argument: self.argument,
            state: self.state,
            queued: self.queued,
            started: self.started,
            stopped: self.stopped,
            attempts: self.attempts,
            result,
        }
    }
}

/// What the deferred of a job fails with: the job, with its argument, and why.
///
/// [`job.state`](Job::state) tells what has happened:
///
/// | state | what | the error |
/// | --- | --- | --- |
/// | [`Failed`](JobState::Failed) | the work failed or panicked | its own, or made of [`Panicked`](crate::Panicked) |
/// | [`Cancelled`](JobState::Cancelled) | the job was cancelled, or its runtime is gone | what came out of the work, or made of [`Cancelled`](crate::Cancelled) |
/// | [`Pending`](JobState::Pending) | the queue was stopped or dropped before its turn | made of [`Cancelled`](crate::Cancelled) |
///
/// An error, so that it becomes a [`Failure`](crate::Failure), if its own is an error or one.
/// `txrdq`: the failure whose value is the `Job`.
///
/// ```
/// use defer::dispatch::{JobState, ResizableDispatchQueue};
/// use defer::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let parse = |text: &'static str| text.parse::<u32>().map_err(Failure::from);
/// let queue = ResizableDispatchQueue::new(parse, 1);
/// let failed = queue.put("six").await?.await.unwrap_err();
/// assert_eq!((failed.job.argument, failed.job.state), ("six", JobState::Failed));
/// assert_eq!(failed.to_string(), "job 1 failed after 1 attempt: invalid digit found in string");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct JobFailed<A, E> {
    /// The job.
    pub job: Job<A>,
    /// What it failed with.
    pub error: E,
}

impl<A, E> JobFailed<A, E> {
    pub(super) fn new(job: Job<A>, error: E) -> Self {
        JobFailed { job, error }
    }

    /// Whether it was cancelled, and did not fail by itself.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let queued = queue.put(6).await?;
    /// queue.clear();
    /// assert!(queued.await.unwrap_err().is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.job.state == JobState::Cancelled
    }
}

impl<A, E: fmt::Display> fmt::Display for JobFailed<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Job {
            id,
            state,
            attempts,
            ..
        } = &self.job;
        match state {
            JobState::Pending => write!(f, "job {id} was not begun: its queue was stopped"),
            JobState::Cancelled => write!(f, "job {id} was cancelled: {}", self.error),
            _ => {
                let s = if *attempts == 1 { "" } else { "s" };
                let error = &self.error;
                write!(f, "job {id} failed after {attempts} attempt{s}: {error}")
            }
        }
    }
}

/// Without the argument, which need not be something that can be told.
impl<A, E: fmt::Debug> fmt::Debug for JobFailed<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobFailed")
            .field("id", &self.job.id)
            .field("state", &self.job.state)
            .field("attempts", &self.job.attempts)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<A, E: AsError> Error for JobFailed<A, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.error.as_error())
    }
}
