//! What the queue, the worker and who waits share of one job.

use core::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, PoisonError};

use super::clock::time;
use super::store::{JobId, Priority};
use super::work::Attempted;
use super::{Job, JobFailed, JobState};

/// One job. The only allocation that is made for it.
pub(super) struct Ticket<A, T, E> {
    pub(super) id: JobId,
    pub(super) argument: A,
    queued: u64,
    // The engine writes these three, under its lock; others read them to tell of the job.
    priority: AtomicI64,
    // 0: not yet.
    started: AtomicU64,
    by: AtomicU8,
    attempts: AtomicU32,
    shared: Mutex<Shared<T, E>>,
}

struct Shared<T, E> {
    end: Option<End<T, E>>,
    /// It has an end, or had one that was taken.
    ended: bool,
    /// Somebody has its deferred.
    watched: bool,
    /// A cancellation that the worker has not seen.
    raised: bool,
    worker: Option<Waker>,
    watcher: Option<Waker>,
}

/// What came of a job.
pub(super) struct End<T, E> {
    pub(super) state: JobState,
    /// 0: it was never begun, and never will be.
    pub(super) stopped: u64,
    pub(super) outcome: Result<T, E>,
}

/// Who has cancelled a job that is underway.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Nobody,
    /// The queue, which is stopped: it hands the job back.
    Stop,
    Caller,
}

impl<A, T, E> Ticket<A, T, E> {
    pub(super) fn new(
        id: JobId,
        argument: A,
        priority: Priority,
        queued: u64,
        attempts: u32,
        watched: bool,
    ) -> Self {
        Ticket {
            id,
            argument,
            queued,
            priority: AtomicI64::new(priority),
            started: AtomicU64::new(0),
            by: AtomicU8::new(0),
            attempts: AtomicU32::new(attempts),
            shared: Mutex::new(Shared {
                end: None,
                ended: false,
                watched,
                raised: false,
                worker: None,
                watcher: None,
            }),
        }
    }

    /// Nothing runs, is dropped or woken while the lock is held, and no other lock is taken.
    fn with<R>(&self, change: impl FnOnce(&mut Shared<T, E>) -> R) -> R {
        change(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn queued(&self) -> u64 {
        self.queued
    }
    pub(super) fn started(&self) -> u64 {
        self.started.load(Relaxed)
    }
    pub(super) fn set_started(&self, now: u64) {
        self.started.store(now, Relaxed);
    }
    pub(super) fn priority(&self) -> Priority {
        self.priority.load(Relaxed)
    }
    pub(super) fn set_priority(&self, priority: Priority) {
        self.priority.store(priority, Relaxed);
    }
    pub(super) fn attempts(&self) -> u32 {
        self.attempts.load(Relaxed)
    }

    /// Who has cancelled it. A caller's cancellation stays one, whatever comes later.
    pub(super) fn by(&self) -> By {
        match self.by.load(Relaxed) {
            0 => By::Nobody,
            1 => By::Stop,
            _ => By::Caller,
        }
    }

    /// Cancel it; it is underway. What comes back is to be woken.
    #[must_use]
    pub(super) fn cancel(&self, by: By) -> Option<Waker> {
        self.by.fetch_max(by as u8, Relaxed);
        self.with(|shared| {
            shared.raised = true;
            shared.worker.take()
        })
    }

    /// Whether a cancellation has come since the last time; the next one wakes this task.
    pub(super) fn poll_cancelled(&self, cx: &Context<'_>) -> bool {
        let (raised, _old) = self.with(|shared| {
            let old = register(&mut shared.worker, cx);
            (core::mem::take(&mut shared.raised), old)
        });
        raised
    }

    /// Its end is there. What comes back is to be woken, and what nobody takes.
    pub(super) fn end(&self, end: End<T, E>) -> (Option<Waker>, Option<End<T, E>>) {
        self.with(|shared| {
            if shared.ended {
                return (None, None);
            }
            shared.ended = true;
            if !shared.watched {
                return (None, Some(end));
            }
            shared.end = Some(end);
            (shared.watcher.take(), None)
        })
    }

    /// Wait for its end; once.
    pub(super) fn poll_end(&self, cx: &Context<'_>) -> Poll<End<T, E>> {
        let (end, _old) = self.with(|shared| match shared.end.take() {
            Some(end) => (Some(end), None),
            None => (None, register(&mut shared.watcher, cx)),
        });
        end.map_or(Poll::Pending, Poll::Ready)
    }

    pub(super) fn is_ended(&self) -> bool {
        self.with(|shared| shared.ended)
    }

    /// Somebody wants its deferred: whether nobody has it, and it has none that was taken.
    pub(super) fn watch(&self) -> bool {
        self.with(|shared| {
            let free = !shared.watched && !shared.ended;
            shared.watched |= free;
            free
        })
    }

    /// The deferred is gone; with it goes an end that nobody took.
    pub(super) fn unwatch(&self) -> Option<End<T, E>> {
        let (end, _old) = self.with(|shared| {
            shared.watched = false;
            (shared.end.take(), shared.watcher.take())
        });
        end
    }

    /// How it is now, but for its argument.
    fn tell(&self, state: JobState, stopped: u64) -> Job<()> {
        let started = self.started();
        Job {
            id: self.id,
            priority: self.priority(),
            argument: (),
            state,
            queued: time(self.queued),
            started: (started != 0).then(|| time(started)),
            stopped: (stopped != 0).then(|| time(stopped)),
            attempts: self.attempts(),
            result: (),
        }
    }

    pub(super) fn job(&self, state: JobState, stopped: u64) -> Job<A>
    where
        A: Clone,
    {
        self.tell(state, stopped)
            .with_argument(self.argument.clone())
    }

    /// What its deferred yields.
    pub(super) fn outcome(self: Arc<Self>, end: End<T, E>) -> Result<Job<A, T>, JobFailed<A, E>>
    where
        A: Clone,
    {
        let stopped = end.stopped;
        // Mostly the worker has let go of it by now.
        let job = match Arc::try_unwrap(self) {
            Ok(ticket) => {
                let job = ticket.tell(end.state, stopped);
                job.with_argument(ticket.argument)
            }
            Err(ticket) => ticket.job(end.state, stopped),
        };
        match end.outcome {
            Ok(result) => Ok(job.with_result(result)),
            Err(error) => Err(JobFailed::new(job, error)),
        }
    }
}

#[inline]
fn register(place: &mut Option<Waker>, cx: &Context<'_>) -> Option<Waker> {
    match place {
        Some(known) if known.will_wake(cx.waker()) => None,
        _ => place.replace(cx.waker().clone()),
    }
}

impl<A, T, E> Attempted<A> for Ticket<A, T, E>
where
    A: Clone + Send + Sync,
    T: Send,
    E: Send,
{
    fn attempt(&self) -> A {
        self.attempts.fetch_add(1, Relaxed);
        self.argument.clone()
    }
}

impl<A, T, E> Ticket<A, T, E> {
    /// What it was to be done with, if nobody else has it.
    pub(super) fn into_argument(self: Arc<Self>) -> Option<A> {
        Arc::into_inner(self).map(|ticket| ticket.argument)
    }
}
