//! All that a queue knows, behind one lock.

use core::hash::{BuildHasherDefault, Hasher};
use core::task::{Context, Waker};
use std::collections::HashMap;
use std::sync::Arc;
use std::vec::Vec;

use tokio::time::Instant;

use super::super::progress::Progress;
use super::super::rate::Limiter;
use super::super::store::{JobId, Priority};
use super::super::ticket::{Bell, By, Ticket};
use super::super::{Job, Size};
use crate::sync::ordered::{Key, Ordered};

pub(in crate::dispatch) type Shared<A, T, E> = Arc<Ticket<A, T, E>>;

/// Where the wakers of those are who wait for the queue to be idle.
type Waiting = Vec<(u64, Waker)>;

/// All that a queue knows.
pub(super) struct State<A, T, E> {
    pub(super) pending: Ordered<Priority, Shared<A, T, E>>,
    /// Where pending jobs are, from when first one was asked for by its name: a table for a
    /// million jobs costs more than all else that is done for them.
    keys: Option<Keys>,
    // One place for each worker.
    places: Vec<Place<A, T, E>>,
    free: Vec<usize>,
    pub(super) underway: usize,
    /// Calls of the store that are not done yet.
    pub(super) saving: usize,
    pub(super) width: usize,
    pub(super) paused: bool,
    pub(super) stopped: bool,
    /// Stopped, and said so.
    told_stopped: bool,
    workers: usize,
    /// One of these has not asked for its first job.
    coming: bool,
    /// A worker waits for the rate to let a job begin.
    gate: Option<Waker>,
    pub(super) limiter: Limiter,
    /// Jobs that were cancelled because the queue was stopped.
    pub(super) handed_back: Vec<Job<A>>,
    /// Pending jobs beyond the bound: they were there when the queue was opened.
    pub(super) beyond: usize,
    waiting: Waiting,
    waiters: u64,
    /// Of the queue.
    pub(super) handles: usize,
    pub(super) ended: Progress,
}

/// Where a worker is.
struct Place<A, T, E> {
    job: Option<Shared<A, T, E>>,
    bell: Arc<Bell>,
}

type Keys = HashMap<JobId, Key, BuildHasherDefault<Numbered>>;

/// What a worker does next.
pub(in crate::dispatch) enum Next<A, T, E> {
    Run {
        job: Shared<A, T, E>,
        /// A worker that is to be begun in this place.
        hired: Option<usize>,
        /// A place for a job that is to be put has become free.
        room: bool,
    },
    Wait(Instant),
    Leave,
}

/// Names of jobs are numbers already.
#[derive(Default)]
pub(super) struct Numbered(u64);

impl Hasher for Numbered {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u64(&mut self, number: u64) {
        // The table looks at the highest bits and at the lowest ones.
        let mixed = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

impl<A, T, E> State<A, T, E> {
    pub(super) fn new(width: usize, limiter: Limiter) -> Self {
        State {
            pending: Ordered::new(),
            keys: None,
            places: Vec::new(),
            free: Vec::new(),
            underway: 0,
            saving: 0,
            width,
            paused: false,
            stopped: false,
            told_stopped: false,
            workers: 0,
            coming: false,
            gate: None,
            limiter,
            handed_back: Vec::new(),
            beyond: 0,
            waiting: Vec::new(),
            waiters: 0,
            handles: 0,
            ended: Progress::default(),
        }
    }

    pub(super) fn add(&mut self, job: Shared<A, T, E>) {
        let id = job.id;
        let key = self.pending.insert(job.priority(), job);
        if let Some(keys) = &mut self.keys {
            keys.insert(id, key);
        }
    }

    pub(super) fn size(&self) -> Size {
        Size {
            underway: self.underway,
            pending: self.pending.len(),
        }
    }

    /// How many jobs may be underway now.
    fn wide(&self) -> usize {
        if self.paused || self.stopped {
            0
        } else {
            self.width
        }
    }

    /// The place of a worker that is to be begun, if there is work for one more.
    #[must_use]
    pub(super) fn hire(&mut self) -> Option<usize> {
        let wanted = !self.pending.is_empty()
            // One at a time: it hires the next one when it has taken a job. Jobs that never wait
            // are done by few, then.
            && !self.coming
            && self.workers < self.wide()
            // Whoever waits there will hire.
            && self.gate.is_none();
        wanted.then(|| {
            self.workers += 1;
            self.coming = true;
            self.free.pop().unwrap_or_else(|| {
                self.places.push(Place {
                    job: None,
                    bell: Arc::default(),
                });
                self.places.len() - 1
            })
        })
    }

    /// A worker has come, or is back from waiting for the rate.
    pub(super) fn arrived(&mut self, from_gate: bool) -> Option<Waker> {
        if from_gate {
            return self.gate.take();
        }
        self.coming = false;
        None
    }

    /// What the worker in this place does next.
    pub(super) fn next(&mut self, place: usize, now: u64, cx: &Context<'_>) -> Next<A, T, E> {
        if self.pending.is_empty() || self.workers > self.wide() {
            return self.leave(place);
        }
        if let Err(until) = self.limiter.check() {
            if self.gate.is_some() {
                return self.leave(place);
            }
            self.gate = Some(cx.waker().clone());
            return Next::Wait(until);
        }
        let Some((_, _, job)) = self.pending.pop() else {
            return self.leave(place);
        };
        if let Some(keys) = &mut self.keys {
            keys.remove(&job.id);
        }
        job.set_started(now);
        self.places[place].job = Some(job.clone());
        self.underway += 1;
        Next::Run {
            job,
            hired: self.hire(),
            room: self.made_room(),
        }
    }

    fn leave(&mut self, place: usize) -> Next<A, T, E> {
        self.workers -= 1;
        self.free.push(place);
        Next::Leave
    }

    /// A worker is gone with its runtime.
    pub(super) fn lost(&mut self, place: usize) {
        let _ = self.leave(place);
    }

    /// The worker in this place has done its job.
    pub(super) fn done(&mut self, place: usize) -> Option<Shared<A, T, E>> {
        self.underway -= 1;
        self.places[place].job.take()
    }

    /// One pending job less: whether another one may be put for it.
    pub(super) fn made_room(&mut self) -> bool {
        let paid = self.beyond > 0;
        self.beyond -= usize::from(paid);
        !paid
    }

    /// Wake the worker that waits for the rate: what it knows may be wrong.
    #[must_use]
    pub(super) fn open_gate(&self) -> Option<Waker> {
        self.gate.clone()
    }

    fn keys(&mut self) -> &mut Keys {
        let pending = &self.pending;
        self.keys
            .get_or_insert_with(|| pending.iter().map(|(key, _, job)| (job.id, key)).collect())
    }

    pub(super) fn pending_job(&mut self, id: JobId) -> Option<&Shared<A, T, E>> {
        let key = *self.keys().get(&id)?;
        let (_, job) = self.pending.get(key)?;
        Some(job)
    }

    pub(super) fn underway_job(&self, id: JobId) -> Option<&Shared<A, T, E>> {
        self.underway_jobs().find(|job| job.id == id)
    }

    pub(super) fn underway_jobs(&self) -> impl Iterator<Item = &Shared<A, T, E>> {
        self.places.iter().filter_map(|place| place.job.as_ref())
    }

    /// What wakes the worker in this place.
    pub(super) fn bell(&self, place: usize) -> Arc<Bell> {
        self.places[place].bell.clone()
    }

    /// Cancel a job that is underway, or all of them: the bells that are to be rung.
    #[must_use]
    pub(super) fn cancel(&self, id: Option<JobId>, by: By) -> Vec<Arc<Bell>> {
        let places = self.places.iter().filter_map(|place| {
            let job = place.job.as_ref()?;
            (id.is_none() || id == Some(job.id)).then(|| {
                job.cancel(by);
                place.bell.clone()
            })
        });
        places.collect()
    }

    pub(super) fn remove(&mut self, id: JobId) -> Option<Shared<A, T, E>> {
        let key = self.keys().remove(&id)?;
        let (_, job) = self.pending.remove(key)?;
        Some(job)
    }

    /// All pending jobs go.
    pub(super) fn clear(&mut self) -> Ordered<Priority, Shared<A, T, E>> {
        self.keys = None;
        self.pending.take()
    }

    pub(super) fn reprioritise(&mut self, id: JobId, priority: Priority) -> Option<Priority> {
        let key = *self.keys().get(&id)?;
        let (_, job) = self.pending.get(key)?;
        job.set_priority(priority);
        self.pending.reprioritise(key, priority)
    }

    /// Nothing is underway, and nothing is being written.
    pub(super) fn is_idle(&self) -> bool {
        self.underway == 0 && self.saving == 0
    }

    /// Whether it has come to its end now.
    #[must_use]
    pub(super) fn ends(&mut self) -> bool {
        let ends = self.stopped && self.is_idle() && !self.told_stopped;
        self.told_stopped |= ends;
        ends
    }

    /// Those to be woken when it is idle, or goes on.
    #[must_use]
    pub(super) fn waiting(&mut self) -> Waiting {
        core::mem::take(&mut self.waiting)
    }

    /// Wait for that.
    pub(super) fn wait(&mut self, id: &mut Option<u64>, cx: &Context<'_>) -> Option<Waker> {
        let known = *id.get_or_insert_with(|| {
            self.waiters += 1;
            self.waiters
        });
        let waker = cx.waker().clone();
        match self.waiting.iter_mut().find(|(id, _)| *id == known) {
            Some((_, old)) => Some(core::mem::replace(old, waker)),
            None => {
                self.waiting.push((known, waker));
                None
            }
        }
    }

    /// Wait no longer.
    pub(super) fn forget(&mut self, id: u64) -> Option<Waker> {
        let place = self.waiting.iter().position(|(other, _)| *other == id)?;
        Some(self.waiting.swap_remove(place).1)
    }
}
