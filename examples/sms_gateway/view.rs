//! What is shown of the queue, over HTTP and on the page.

use std::time::{SystemTime, UNIX_EPOCH};

use defer::dispatch::store::redb::DeadLetter;
use defer::dispatch::{Job, JobState};
use serde::Serialize;

use crate::sms::Sms;

/// What the queue does, and with which jobs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Overview {
    #[serde(flatten)]
    pub(crate) status: Status,
    /// In the order in which they will be sent; perhaps only the first of them.
    pub(crate) pending: Vec<JobView>,
    pub(crate) underway: Vec<JobView>,
    /// Those that were over last, the latest first.
    pub(crate) over: Vec<JobView>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Status {
    pub(crate) state: State,
    pub(crate) width: usize,
    /// What is begun a second at most; `null` without a limit.
    pub(crate) rate: Option<u32>,
    pub(crate) counts: Counts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Running,
    /// Nothing is begun, and something is underway.
    Pausing,
    /// Nothing is begun, and nothing is underway.
    Paused,
    /// Nothing is accepted any more.
    Stopping,
    Stopped,
}

/// Of how many; those that are not there now, since this process began.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) pending: usize,
    pub(crate) underway: usize,
    pub(crate) accepted: u64,
    /// Found in the store at the start.
    pub(crate) recovered: u64,
    pub(crate) sent: u64,
    pub(crate) failed: u64,
    pub(crate) cancelled: u64,
    /// Dead letters in the store.
    pub(crate) dead: usize,
}

/// One job. Times are milliseconds since 1970.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JobView {
    pub(crate) id: u64,
    pub(crate) state: &'static str,
    pub(crate) number: String,
    pub(crate) text: String,
    pub(crate) priority: i64,
    /// How often it was tried, before a restart, too.
    pub(crate) attempts: u32,
    pub(crate) queued: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<u64>,
    /// The carrier's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl JobView {
    /// A job that was just taken.
    pub(crate) fn accepted(id: u64, sms: Sms, priority: i64) -> Self {
        JobView {
            id,
            state: "pending",
            number: sms.number,
            text: sms.text,
            priority,
            attempts: 0,
            queued: millis(SystemTime::now()),
            started: None,
            stopped: None,
            receipt: None,
            error: None,
        }
    }

    pub(crate) fn of<R>(job: &Job<Sms, R>) -> Self {
        JobView {
            id: job.id.get(),
            state: match job.state {
                JobState::Pending => "pending",
                JobState::Underway => "underway",
                JobState::Finished => "finished",
                JobState::Failed => "failed",
                JobState::Cancelled => "cancelled",
            },
            number: job.argument.number.clone(),
            text: job.argument.text.clone(),
            priority: job.priority,
            // The first attempt is counted a moment after the job is underway.
            attempts: job.attempts.max(u32::from(job.started.is_some())),
            queued: millis(job.queued),
            started: job.started.map(millis),
            stopped: job.stopped.map(millis),
            receipt: None,
            error: None,
        }
    }

    pub(crate) fn of_dead(letter: DeadLetter<Sms>) -> Self {
        let sms = letter.argument;
        let (number, text) = sms.map_or_else(Default::default, |sms| (sms.number, sms.text));
        JobView {
            id: letter.id.get(),
            state: "failed",
            number,
            text,
            priority: letter.priority,
            attempts: letter.attempts,
            queued: millis(letter.queued),
            started: None,
            stopped: Some(millis(letter.buried)),
            receipt: None,
            error: Some(letter.why),
        }
    }
}

/// As milliseconds since 1970.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
