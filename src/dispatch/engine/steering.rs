//! What the handles of a queue ask of it.

use std::sync::{Arc, PoisonError};
use std::vec::Vec;

use super::{Engine, State, wake_all};
use crate::dispatch::events::Event;
use crate::dispatch::progress::Progress;
#[cfg(feature = "rate-limit")]
use crate::dispatch::rate::Limiter;
use crate::dispatch::stop::{NotPending, QueueStopped};
use crate::dispatch::store::{JobId, Priority};
use crate::dispatch::ticket::{Bell, By, End, Ticket};
use crate::dispatch::{Job, JobState, Size};

impl<A, T, E> Engine<A, T, E> {
    pub(in crate::dispatch) fn hold(&self) {
        self.with(|state| state.handles += 1);
    }

    /// One handle less. With the last one the queue is stopped.
    pub(in crate::dispatch) fn let_go(&self) {
        let last = self.with(|state| {
            state.handles -= 1;
            state.handles == 0
        });
        if last {
            self.give_up();
        }
    }

    /// Nobody can ask for anything any more, or nobody is there to do it: no further job begins.
    pub(super) fn give_up(&self) {
        let (gate, idle) = self.halt();
        let pending = self.with(State::clear);
        for (_, _, job) in pending.iter() {
            self.never(job);
        }
        drop(pending);
        let work = self
            .spawn
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(work);
        wake_all(idle);
        if let Some(gate) = gate {
            gate.wake();
        }
    }

    /// No further job begins, and none is put.
    #[allow(clippy::type_complexity)]
    fn halt(&self) -> (Option<core::task::Waker>, Vec<(u64, core::task::Waker)>) {
        if let Some(room) = &self.room {
            room.close();
        }
        self.with(|state| {
            state.stopped = true;
            (state.open_gate(), self.idle(state))
        })
    }

    /// A pending job will not be begun any more.
    fn never(&self, job: &Arc<Ticket<A, T, E>>) {
        if job.is_ended() {
            return;
        }
        let end = End {
            state: JobState::Pending,
            stopped: 0,
            outcome: Err(self.cancelled()),
        };
        self.end(job.clone(), end);
    }

    pub(in crate::dispatch) fn size(&self) -> Size {
        self.with(|state| state.size())
    }

    pub(in crate::dispatch) fn width(&self) -> usize {
        self.with(|state| state.width)
    }

    pub(in crate::dispatch) fn is_paused(&self) -> bool {
        self.with(|state| state.paused)
    }

    pub(in crate::dispatch) fn is_stopped(&self) -> bool {
        self.with(|state| state.stopped)
    }

    pub(in crate::dispatch) fn progress(&self) -> Progress {
        self.with(|state| Progress {
            pending: state.pending.len() as u64,
            underway: state.underway as u64,
            ..state.ended
        })
    }

    pub(in crate::dispatch) fn set_width(self: &Arc<Self>, width: usize) {
        let (hired, gate) = self.with(|state| {
            state.width = width;
            self.hub.add(Event::Width(width));
            (state.hire(), state.open_gate())
        });
        self.telemetry.width(width);
        self.go_on(hired, gate);
    }

    #[cfg(feature = "rate-limit")]
    pub(in crate::dispatch) fn set_limiter(self: &Arc<Self>, limiter: Limiter) {
        let (_old, gate) = self.with(|state| {
            let old = core::mem::replace(&mut state.limiter, limiter);
            (old, state.open_gate())
        });
        self.go_on(None, gate);
    }

    fn go_on(self: &Arc<Self>, hired: Option<usize>, gate: Option<core::task::Waker>) {
        if let Some(place) = hired {
            self.begin(place);
        }
        if let Some(gate) = gate {
            gate.wake();
        }
    }

    pub(in crate::dispatch) fn pause(&self) {
        let gate = self.with(|state| {
            if !state.paused && !state.stopped {
                state.paused = true;
                self.hub.add(Event::Paused);
            }
            state.open_gate()
        });
        if let Some(gate) = gate {
            gate.wake();
        }
    }

    pub(in crate::dispatch) fn resume(
        self: &Arc<Self>,
        width: Option<usize>,
    ) -> Result<(), QueueStopped> {
        let (hired, waiting, width) = self.with(|state| {
            if state.stopped {
                return Err(QueueStopped);
            }
            if let Some(width) = width {
                state.width = width;
                self.hub.add(Event::Width(width));
            }
            if state.paused {
                state.paused = false;
                self.hub.add(Event::Resumed);
            }
            Ok((state.hire(), state.waiting(), state.width))
        })?;
        self.telemetry.width(width);
        wake_all(waiting);
        self.go_on(hired, None);
        Ok(())
    }

    pub(in crate::dispatch) fn stop(&self, cancel: bool) {
        let (gate, idle) = self.halt();
        // They stay where they are, to be handed back.
        for job in self.pending_tickets() {
            self.never(&job);
        }
        if cancel {
            for bell in self.with(|state| state.cancel(None, By::Stop)) {
                bell.ring();
            }
        }
        wake_all(idle);
        if let Some(gate) = gate {
            gate.wake();
        }
    }

    fn pending_tickets(&self) -> Vec<Arc<Ticket<A, T, E>>> {
        self.with(|state| {
            state
                .pending
                .iter()
                .map(|(_, _, job)| job.clone())
                .collect()
        })
    }

    /// The job of this name, underway or pending, for who wants its deferred.
    pub(in crate::dispatch) fn watch(&self, id: JobId) -> Option<Arc<Ticket<A, T, E>>> {
        let job = self.with(|state| {
            if let Some(job) = state.pending_job(id) {
                return Some(job.clone());
            }
            state.underway_job(id).cloned()
        })?;
        job.watch().then_some(job)
    }
}

impl<A, T, E> Engine<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    pub(in crate::dispatch) fn pending(&self) -> Vec<Job<A>> {
        let tickets = self.pending_tickets();
        let jobs = tickets.iter().map(|job| job.job(JobState::Pending, 0));
        jobs.collect()
    }

    pub(in crate::dispatch) fn underway(&self) -> Vec<Job<A>> {
        let tickets: Vec<_> = self.with(|state| state.underway_jobs().cloned().collect());
        let jobs = tickets.iter().map(|job| job.job(JobState::Underway, 0));
        let mut jobs: Vec<_> = jobs.collect();
        in_order(&mut jobs);
        jobs
    }

    pub(in crate::dispatch) fn job(&self, id: JobId) -> Option<Job<A>> {
        let (job, state) = self.with(|state| {
            if let Some(job) = state.pending_job(id) {
                return Some((job.clone(), JobState::Pending));
            }
            Some((state.underway_job(id)?.clone(), JobState::Underway))
        })?;
        Some(job.job(state, 0))
    }

    /// What was not done, now that the queue is stopped and nothing is underway.
    pub(in crate::dispatch) fn undone(&self) -> Vec<Job<A>> {
        let mut jobs = self.with(|state| core::mem::take(&mut state.handed_back));
        in_order(&mut jobs);
        jobs.extend(self.pending());
        jobs
    }

    /// Pending jobs are gone: they end, and the store forgets them.
    fn cancel_pending(self: &Arc<Self>, jobs: &[Arc<Ticket<A, T, E>>]) -> Vec<Job<A>> {
        let now = self.now();
        self.telemetry.unqueued(jobs.len());
        let told = jobs.iter().map(|job| {
            if !self.volatile {
                self.save(job.id, "remove", self.store.remove(job.id));
            }
            let told = job.job(JobState::Cancelled, now);
            let end = End {
                state: JobState::Cancelled,
                stopped: now,
                outcome: Err(self.cancelled()),
            };
            self.end(job.clone(), end);
            told
        });
        told.collect()
    }

    pub(in crate::dispatch) fn clear(self: &Arc<Self>) -> Vec<Job<A>> {
        let (pending, room) = self.with(|state| {
            let pending = state.clear();
            let mut room = 0;
            for (_, _, job) in pending.iter() {
                self.count(state, job.id, JobState::Cancelled);
                room += usize::from(state.made_room());
            }
            (pending, room)
        });
        self.make_room(room);
        let jobs: Vec<_> = pending.iter().map(|(_, _, job)| job.clone()).collect();
        drop(pending);
        self.cancel_pending(&jobs)
    }

    /// Whether there is such a job.
    pub(in crate::dispatch) fn cancel(self: &Arc<Self>, id: JobId) -> bool {
        enum Was<J> {
            Pending(J, bool),
            Underway(Vec<Arc<Bell>>),
        }
        let was = self.with(|state| {
            if let Some(job) = state.remove(id) {
                self.count(state, id, JobState::Cancelled);
                return Was::Pending(job, state.made_room());
            }
            Was::Underway(state.cancel(Some(id), By::Caller))
        });
        match was {
            Was::Pending(job, room) => {
                self.make_room(usize::from(room));
                self.cancel_pending(&[job]);
                true
            }
            Was::Underway(bells) => {
                for bell in &bells {
                    bell.ring();
                }
                !bells.is_empty()
            }
        }
    }

    pub(in crate::dispatch) fn reprioritise(
        self: &Arc<Self>,
        id: JobId,
        priority: Priority,
    ) -> Result<Priority, NotPending> {
        let lock = self.reprioritising.lock();
        let one_at_a_time = lock.unwrap_or_else(PoisonError::into_inner);
        let had = self.with(|state| match state.reprioritise(id, priority) {
            Some(had) => {
                self.hub.add(Event::Reprioritised { id, priority });
                Ok(had)
            }
            None if state.underway_job(id).is_some() => Err(NotPending::Underway),
            None => Err(NotPending::Unknown),
        })?;
        if !self.volatile {
            self.save(id, "reprioritise", self.store.reprioritise(id, priority));
        }
        drop(one_at_a_time);
        Ok(had)
    }
}

/// As they were begun.
fn in_order<A>(jobs: &mut [Job<A>]) {
    jobs.sort_by_key(|job| (job.started, job.priority, job.id));
}
