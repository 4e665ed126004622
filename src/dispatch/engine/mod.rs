//! The one place where a queue is: what its handles, its workers and its jobs' deferreds share.
//!
//! The lock is held for moments in which nothing is run, woken or dropped that is not the
//! queue's own. The store is called without it: a job is in the hands of one party at a time,
//! so that the calls for a job are made in the order of what became of it.

mod saving;
mod state;
mod steering;

use core::fmt;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::Vec;

use defer_core::{Cancelled, Panicked};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, TryAcquireError};

pub(super) use self::state::Next;
use self::state::State;
use super::clock::Clock;
use super::events::{Event, Hub};
use super::kept::Kept;
use super::rate::Limiter;
use super::store::{JobId, Priority, Stored};
use super::telemetry::Telemetry;
use super::ticket::{Bell, By, End, Ticket};
use super::{Job, JobState};
use crate::start::unhandled::{Place, report};

/// Begins a worker in a place.
type Spawn<A, T, E> = Arc<dyn Fn(Arc<Engine<A, T, E>>, usize) + Send + Sync>;

pub(super) struct Engine<A, T, E> {
    state: Mutex<State<A, T, E>>,
    store: Box<dyn Kept<A>>,
    /// Nothing is to be written.
    volatile: bool,
    /// Held where a store is told of a priority, so that it is told in the right order.
    reprioritising: Mutex<()>,
    /// The work is in it, and goes with the queue, however long deferreds of jobs are kept.
    spawn: Mutex<Option<Spawn<A, T, E>>>,
    runtime: Handle,
    room: Option<Arc<Semaphore>>,
    keep_failed: bool,
    clock: Clock,
    hub: Arc<Hub>,
    telemetry: Telemetry,
    place: Place,
    errors: Errors<E>,
}

/// What is done with errors, chosen where their type is known to have it.
pub(super) struct Errors<E> {
    cancelled: fn(Cancelled) -> E,
    panicked: fn(Panicked) -> E,
    report: fn(&E, Place),
    describe: fn(&E) -> std::string::String,
}

impl<E> Errors<E> {
    pub(super) fn new() -> Self
    where
        E: From<Cancelled> + From<Panicked> + fmt::Debug + 'static,
    {
        Errors {
            cancelled: E::from,
            panicked: E::from,
            report: report::<E>,
            describe: saving::describe::<E>,
        }
    }
}

/// What an engine is made of.
pub(super) struct Parts<A, T, E> {
    pub(super) store: Box<dyn Kept<A>>,
    pub(super) volatile: bool,
    pub(super) spawn: Spawn<A, T, E>,
    pub(super) runtime: Handle,
    pub(super) bound: Option<usize>,
    pub(super) keep_failed: bool,
    pub(super) width: usize,
    pub(super) limiter: Limiter,
    pub(super) events: usize,
    pub(super) place: Place,
    pub(super) errors: Errors<E>,
}

impl<A, T, E> Engine<A, T, E> {
    pub(super) fn new(parts: Parts<A, T, E>) -> Self {
        let telemetry = Telemetry::new(parts.place.name);
        telemetry.width(parts.width);
        Engine {
            state: Mutex::new(State::new(parts.width, parts.limiter)),
            store: parts.store,
            volatile: parts.volatile,
            reprioritising: Mutex::new(()),
            spawn: Mutex::new(Some(parts.spawn)),
            runtime: parts.runtime,
            room: parts
                .bound
                .map(|bound| Arc::new(Semaphore::new(bound.min(Semaphore::MAX_PERMITS)))),
            keep_failed: parts.keep_failed,
            clock: Clock::new(),
            hub: Arc::new(Hub::new(parts.events)),
            telemetry,
            place: parts.place,
            errors: parts.errors,
        }
    }

    /// Nothing runs, is dropped or woken while the lock is held.
    fn with<R>(&self, change: impl FnOnce(&mut State<A, T, E>) -> R) -> R {
        let changed = change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.hub.wake();
        changed
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub(super) fn room(&self) -> Option<&Arc<Semaphore>> {
        self.room.as_ref()
    }

    /// Take room for a job, if there is any, or it is not bounded.
    pub(super) fn take_room(&self) -> Result<(), TryAcquireError> {
        if let Some(room) = &self.room {
            room.try_acquire()?.forget();
        }
        Ok(())
    }

    pub(super) fn is_volatile(&self) -> bool {
        self.volatile
    }

    pub(super) fn store(&self) -> &dyn Kept<A> {
        &*self.store
    }

    pub(super) fn cancelled(&self) -> E {
        (self.errors.cancelled)(Cancelled)
    }

    pub(super) fn panicked(&self, panicked: Panicked) -> E {
        (self.errors.panicked)(panicked)
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.now()
    }

    fn begin(self: &Arc<Self>, place: usize) {
        let spawn = self.spawn.lock().unwrap_or_else(PoisonError::into_inner);
        let spawn = spawn.clone();
        match spawn {
            Some(spawn) => spawn(self.clone(), place),
            // The queue was dropped meanwhile.
            None => self.lost(place),
        }
    }

    /// A job whose place in the room is taken, and which is durable where it has to be.
    ///
    /// If the queue is stopped its argument comes back.
    pub(super) fn accept(
        self: &Arc<Self>,
        id: JobId,
        argument: A,
        priority: Priority,
        queued: u64,
    ) -> Result<Arc<Ticket<A, T, E>>, A> {
        let ticket = Arc::new(Ticket::new(id, argument, priority, queued, 0, true));
        let accepted = self.with(|state| {
            if state.stopped {
                return None;
            }
            state.add(ticket.clone());
            self.hub.add(Event::Queued { id, priority });
            Some(state.hire())
        });
        let Some(hired) = accepted else {
            let Some(argument) = ticket.into_argument() else {
                unreachable!("nobody else has seen it");
            };
            return Err(argument);
        };
        self.telemetry.queued(1);
        if let Some(place) = hired {
            self.begin(place);
        }
        Ok(ticket)
    }

    /// Jobs of before a restart.
    pub(super) fn recover(self: &Arc<Self>, jobs: Vec<Stored<A>>) {
        let count = jobs.len();
        if let Some(room) = &self.room {
            let beyond = count - room.forget_permits(count);
            self.with(|state| state.beyond = beyond);
        }
        for job in jobs {
            let queued = super::clock::nanos(job.queued);
            let ticket = Arc::new(Ticket::new(
                job.id,
                job.argument,
                job.priority,
                queued,
                job.attempts,
                false,
            ));
            self.with(|state| state.add(ticket));
        }
        self.telemetry.queued(count);
        if let Some(place) = self.with(State::hire) {
            self.begin(place);
        }
    }

    fn next_of(
        &self,
        state: &mut State<A, T, E>,
        place: usize,
        now: u64,
        cx: &Context<'_>,
    ) -> Next<A, T, E> {
        let next = state.next(place, now, cx);
        if let Next::Run { job, .. } = &next {
            self.hub.add(Event::Started { id: job.id });
        }
        next
    }

    /// So many more jobs may be put.
    pub(super) fn make_room(&self, jobs: usize) {
        if let Some(room) = &self.room {
            room.add_permits(jobs);
        }
    }

    fn count(&self, state: &mut State<A, T, E>, id: JobId, how: JobState) {
        let (count, event) = match how {
            JobState::Finished => (&mut state.ended.finished, Event::Finished { id }),
            JobState::Failed => (&mut state.ended.failed, Event::Failed { id }),
            _ => (&mut state.ended.cancelled, Event::Cancelled { id }),
        };
        *count += 1;
        self.hub.add(event);
    }

    /// Those who are to be told that nothing is underway, if so.
    fn idle(&self, state: &mut State<A, T, E>) -> Vec<(u64, Waker)> {
        if !state.is_idle() {
            return Vec::new();
        }
        if state.ends() {
            self.hub.add(Event::Stopped);
            self.hub.close();
        }
        state.waiting()
    }

    /// Whoever waits for a job is told its end; a failure that nobody waits for is reported.
    fn end(&self, job: Arc<Ticket<A, T, E>>, end: End<T, E>) {
        let (waiting, untaken) = job.end(end);
        // So that who waits is the last one to have it.
        drop(job);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        if let Some(end) = untaken {
            self.report(&end);
        }
    }

    /// Report a failure that nobody took.
    pub(super) fn report(&self, end: &End<T, E>) {
        if let (Err(error), JobState::Failed) = (&end.outcome, end.state) {
            (self.errors.report)(error, self.place);
        }
    }

    /// A worker is gone with its runtime: nobody is there to do anything, now or later.
    pub(super) fn lost(&self, place: usize) {
        self.with(|state| state.lost(place));
        self.give_up();
    }

    /// As [`lost`](Engine::lost), in the middle of a job. A store has it still.
    pub(super) fn lost_with(&self, place: usize, job: Arc<Ticket<A, T, E>>) {
        let now = self.now();
        let _own = self.with(|state| {
            let own = state.done(place);
            self.count(state, job.id, JobState::Cancelled);
            own
        });
        let outcome = Err(self.cancelled());
        let state = JobState::Cancelled;
        self.end(
            job,
            End {
                state,
                stopped: now,
                outcome,
            },
        );
        self.lost(place);
    }

    /// What wakes the worker in this place.
    pub(super) fn bell(&self, place: usize) -> Arc<Bell> {
        self.with(|state| state.bell(place))
    }

    /// Wait until nothing is underway; or, if `goes_on` matters, until it goes on.
    pub(super) fn poll_idle(
        &self,
        id: &mut Option<u64>,
        or_resumed: bool,
        cx: &Context<'_>,
    ) -> Poll<()> {
        let (polled, _old) = self.with(|state| {
            let resumed = or_resumed && !state.paused && !state.stopped;
            if state.is_idle() || resumed {
                return (Poll::Ready(()), None);
            }
            (Poll::Pending, state.wait(id, cx))
        });
        polled
    }

    /// Wait for that no longer.
    pub(super) fn forget(&self, id: Option<u64>) {
        if let Some(id) = id {
            let _old = self.with(|state| state.forget(id));
        }
    }
}

impl<A, T, E> Engine<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    /// A worker has nothing to do: what it does next.
    pub(super) fn next(
        self: &Arc<Self>,
        place: usize,
        from_gate: bool,
        new: bool,
        cx: &Context<'_>,
    ) -> Next<A, T, E> {
        let now = self.now();
        let (next, _old) = self.with(|state| {
            let old = (new || from_gate).then(|| state.arrived(from_gate));
            (self.next_of(state, place, now, cx), old)
        });
        self.told(&next);
        next
    }

    /// What follows from what a worker does next.
    fn told(self: &Arc<Self>, next: &Next<A, T, E>) {
        let Next::Run { job, hired, room } = next else {
            return;
        };
        if !self.volatile {
            // Nobody waits for it: the call alone says that it goes before what follows.
            self.save(job.id, "lease", self.store.lease(job.id));
        }
        let waited = job.started().saturating_sub(job.queued());
        self.telemetry.started(waited);
        if let Some(place) = *hired {
            self.begin(place);
        }
        if *room {
            self.make_room(1);
        }
    }

    /// A worker has done its job: what it does next.
    pub(super) fn done(
        self: &Arc<Self>,
        place: usize,
        job: Arc<Ticket<A, T, E>>,
        outcome: Result<T, E>,
        cx: &Context<'_>,
    ) -> Next<A, T, E> {
        let now = self.now();
        let by = job.by();
        let end = End {
            state: match (&outcome, by) {
                (Ok(_), _) => JobState::Finished,
                (Err(_), By::Nobody) => JobState::Failed,
                (Err(_), _) => JobState::Cancelled,
            },
            stopped: now,
            outcome,
        };
        let back = self.handed_back(&job, &end, by);
        let (next, _own, idle) = self.with(|state| {
            let own = state.done(place);
            self.count(state, job.id, end.state);
            state.handed_back.extend(back);
            state.saving += usize::from(!self.volatile);
            let next = self.next_of(state, place, now, cx);
            (next, own, self.idle(state))
        });
        drop(_own);
        self.telemetry
            .ended(end.state, now.saturating_sub(job.started()));
        if self.volatile {
            self.end(job, end);
        } else {
            self.save_end(job, end, by);
        }
        wake_all(idle);
        self.told(&next);
        next
    }

    /// The job as it is handed back, if it was cancelled because the queue was stopped.
    fn handed_back(&self, job: &Ticket<A, T, E>, end: &End<T, E>, by: By) -> Option<Job<A>> {
        let back = by == By::Stop && end.state == JobState::Cancelled;
        back.then(|| job.job(end.state, end.stopped))
    }
}

fn wake_all(waiting: Vec<(u64, Waker)>) {
    for (_, waker) in waiting {
        waker.wake();
    }
}
