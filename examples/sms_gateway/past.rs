//! What becomes of messages, and what is remembered of those that are over.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use defer::dispatch::{Job, JobFailed, JobState, Queued};
use defer::prelude::*;
use tokio::sync::Notify;

use crate::carrier::client::SendError;
use crate::limits::REMEMBERED;
use crate::sms::Sms;
use crate::view::{Counts, JobView};

/// How the deferred of a job ends.
pub(crate) type End = Result<Job<Sms, u64>, JobFailed<Sms, SendError>>;

pub(crate) struct Past {
    known: Mutex<Known>,
    /// Told when there is something new.
    changed: Arc<Notify>,
    /// Told when a job is over.
    ended: Notify,
}

#[derive(Default)]
struct Known {
    /// Whose end will be told.
    followed: HashSet<u64>,
    /// The latest in front.
    over: VecDeque<JobView>,
    counts: Counts,
    /// Whatever is cancelled from now on is not over: it is handed back to the store.
    hands_back: bool,
}

impl Past {
    pub(crate) fn new(changed: Arc<Notify>, recovered: u64, dead: usize) -> Self {
        let counts = Counts {
            recovered,
            dead,
            ..Counts::default()
        };
        let known = Known {
            counts,
            ..Known::default()
        };
        Past {
            known: Mutex::new(known),
            changed,
            ended: Notify::new(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("counting does not panic")
    }

    /// Without those of which the queue knows: they are 0. And how many are not over: besides
    /// those, the ones whose end is being written.
    pub(crate) fn counts(&self) -> (Counts, usize) {
        let known = self.known();
        (known.counts, known.followed.len())
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.known().counts);
        self.changed.notify_one();
    }

    /// The last ones, the latest first.
    pub(crate) fn latest(&self, limit: usize) -> Vec<JobView> {
        self.known().over.iter().take(limit).cloned().collect()
    }

    /// A job of which the queue does not know any more, as it ended; `None` if that is unknown.
    ///
    /// The queue lets go of a job before it tells how it ended: this waits for that.
    pub(crate) async fn job(&self, id: u64) -> Option<JobView> {
        loop {
            let ended = self.ended.notified();
            {
                let known = self.known();
                if let Some(job) = known.over.iter().find(|job| job.id == id) {
                    return Some(job.clone());
                }
                if !known.followed.contains(&id) {
                    return None;
                }
            }
            ended.await;
        }
    }

    /// Remember how this job will end.
    pub(crate) fn follow(self: &Arc<Self>, queued: Queued<Sms, u64, SendError>) {
        self.known().followed.insert(queued.id().get());
        remember(self.clone(), queued.deferred()).start().detach();
    }

    /// Nobody cancels anything any more, but the queue, which hands it back.
    pub(crate) fn hand_back(&self) {
        self.known().hands_back = true;
    }

    fn add(&self, end: &End) {
        let view = match end {
            Ok(job) => JobView {
                receipt: Some(job.result),
                ..JobView::of(job)
            },
            Err(failed) => JobView {
                error: Some(failed.error.to_string()),
                ..JobView::of(&failed.job)
            },
        };
        let mut known = self.known();
        known.followed.remove(&view.id);
        let hands_back = known.hands_back;
        let counts = &mut known.counts;
        let is_over = match end {
            Ok(_) => {
                counts.sent += 1;
                true
            }
            // The queue was stopped, and the store keeps it.
            Err(failed) if failed.job.state == JobState::Pending => false,
            Err(failed) if failed.is_cancelled() && hands_back => false,
            Err(failed) if failed.is_cancelled() => {
                counts.cancelled += 1;
                true
            }
            Err(_) => {
                counts.failed += 1;
                counts.dead += 1;
                true
            }
        };
        if is_over {
            known.over.push_front(view);
            known.over.truncate(REMEMBERED);
        }
        drop(known);
        self.ended.notify_waiters();
        self.changed.notify_one();
    }
}

/// Remember how a job ended, whichever way.
#[callback]
fn remember(#[value] past: Arc<Past>, end: End) {
    past.add(&end);
}
