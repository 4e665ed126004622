//! What the queue, the worker and who waits share of one job.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};
use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64};
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
    /// A cancellation that the worker has not seen.
    raised: AtomicBool,
    attempts: AtomicU32,
    shared: Mutex<Shared<T, E>>,
}

/// The end, and who waits for it. With a number for argument and result a ticket takes 120 bytes:
/// the most that allocators hand out and take back without ado.
struct Shared<T, E> {
    // The parts of an `End`.
    outcome: Option<Result<T, E>>,
    stopped: u64,
    state: JobState,
    /// It has an end, or had one that was taken.
    ended: bool,
    /// Somebody has its deferred.
    watched: bool,
    watcher: Option<Waker>,
}

impl<T, E> Shared<T, E> {
    fn take(&mut self) -> Option<End<T, E>> {
        Some(End {
            outcome: self.outcome.take()?,
            stopped: self.stopped,
            state: self.state,
        })
    }
}

/// Wakes the worker in a place, for whatever it does there.
#[derive(Default)]
pub(super) struct Bell(Mutex<Option<Waker>>);

impl Bell {
    fn register(&self, cx: &Context<'_>) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = register(&mut place, cx);
        drop(place);
        drop(old);
    }

    pub(super) fn ring(&self) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = place.take();
        drop(place);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
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
            raised: AtomicBool::new(false),
            attempts: AtomicU32::new(attempts),
            shared: Mutex::new(Shared {
                outcome: None,
                stopped: 0,
                state: JobState::Pending,
                ended: false,
                watched,
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

    /// Cancel it; it is underway. The bell of its place is to be rung then.
    pub(super) fn cancel(&self, by: By) {
        self.by.fetch_max(by as u8, Relaxed);
        self.raised.store(true, SeqCst);
    }

    /// Whether a cancellation has come since the last time; the next one wakes this task.
    pub(super) fn poll_cancelled(&self, bell: &Bell, cx: &Context<'_>) -> bool {
        bell.register(cx);
        self.raised.swap(false, SeqCst)
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
            shared.outcome = Some(end.outcome);
            shared.stopped = end.stopped;
            shared.state = end.state;
            (shared.watcher.take(), None)
        })
    }

    /// Wait for its end; once.
    pub(super) fn poll_end(&self, cx: &Context<'_>) -> Poll<End<T, E>> {
        let (end, _old) = self.with(|shared| match shared.take() {
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
            (shared.take(), shared.watcher.take())
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
