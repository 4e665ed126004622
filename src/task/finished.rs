//! How a cooperative task came to its end.

use core::error::Error;
use core::fmt;

/// How a [`CooperativeTask`](super::CooperativeTask) came to its end: the error of what is asked
/// of it afterwards, and of who waits for the result of one that was stopped.
///
/// Twisted: `TaskFinished` and what is derived from it, and `SchedulerStopped`.
///
/// ```
/// use defer::task::TaskFinished;
/// assert_eq!(TaskFinished::Stopped.to_string(), "the task was stopped");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskFinished {
    /// It has its result. Twisted: `TaskDone`.
    Done,
    /// It has failed. Twisted: `TaskFailed`.
    Failed,
    /// It was stopped. Twisted: `TaskStopped`.
    Stopped,
    /// Its cooperator was stopped, or the runtime of that was shut down. Twisted:
    /// `SchedulerStopped`.
    SchedulerStopped,
}

impl fmt::Display for TaskFinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TaskFinished::Done => "the task is done",
            TaskFinished::Failed => "the task has failed",
            TaskFinished::Stopped => "the task was stopped",
            TaskFinished::SchedulerStopped => "the cooperator of the task was stopped",
        })
    }
}

impl Error for TaskFinished {}
