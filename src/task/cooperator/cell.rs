//! One task of a cooperator: where its work is, and what was asked of it.

use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;

use defer_core::NotPaused;

use super::job::{Ended, How, Job};
use super::queue::Queue;
use crate::task::TaskFinished;
use crate::task::give_way::Turn;

type Work = Pin<Box<dyn Job>>;

/// Where the work is.
enum Slot {
    Here(Work),
    /// A unit of it is done now.
    Out,
    Gone,
}

struct State {
    work: Slot,
    pauses: usize,
    /// It is in the queue.
    queued: bool,
    /// Something moved since it was polled last, or it was never polled.
    woken: bool,
    /// How it ended, or how it is to end.
    finished: Option<TaskFinished>,
    /// A cancellation is to be raised in it.
    asked: bool,
    /// Its only waiter has cancelled it.
    cancelled: bool,
    detached: bool,
    abandoned: bool,
}

pub(super) struct Cell {
    id: u64,
    queue: Arc<Queue>,
    state: Mutex<State>,
}

impl Cell {
    /// One that is in the queue from the beginning.
    pub(super) fn queued(id: u64, queue: &Arc<Queue>, work: Work) -> Self {
        Cell {
            id,
            queue: queue.clone(),
            state: Mutex::new(State {
                work: Slot::Here(work),
                pauses: 0,
                queued: true,
                woken: true,
                finished: None,
                asked: false,
                cancelled: false,
                detached: false,
                abandoned: false,
            }),
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// No work is polled or dropped while the lock is held, and no other lock taken.
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Change it, and put it into the queue if it has something to do then.
    fn change<R>(self: &Arc<Self>, change: impl FnOnce(&mut State) -> R) -> R {
        let (result, push) = self.with(|state| {
            let result = change(state);
            let may_run = state.pauses == 0 || state.finished.is_some();
            let push = may_run && state.woken && !state.queued && !matches!(state.work, Slot::Gone);
            state.queued |= push;
            (result, push)
        });
        if push {
            self.queue.push(self.clone());
        }
        result
    }

    pub(super) fn finished(&self) -> Option<TaskFinished> {
        self.with(|state| state.finished)
    }

    pub(super) fn pause(&self) -> Result<(), TaskFinished> {
        self.with(|state| match state.finished {
            Some(finished) => Err(finished),
            None => {
                state.pauses += 1;
                Ok(())
            }
        })
    }

    pub(super) fn resume(self: &Arc<Self>) -> Result<(), NotPaused> {
        self.change(|state| {
            state.pauses = state.pauses.checked_sub(1).ok_or(NotPaused)?;
            Ok(())
        })
    }

    pub(super) fn is_paused(&self) -> bool {
        self.with(|state| state.pauses > 0)
    }

    pub(super) fn detach(&self) {
        self.with(|state| state.detached = true);
    }

    /// Let it end in this way, after it has cleaned up.
    pub(super) fn stop(self: &Arc<Self>, how: TaskFinished) -> Result<(), TaskFinished> {
        self.change(|state| match state.finished {
            Some(finished) => Err(finished),
            None => {
                state.finished = Some(how);
                state.asked = true;
                state.woken = true;
                Ok(())
            }
        })?;
        self.without_a_driver();
        Ok(())
    }

    /// Its only waiter cancels it, maybe again.
    pub(super) fn cancel(self: &Arc<Self>) {
        self.change(|state| {
            state.finished.get_or_insert(TaskFinished::Stopped);
            state.cancelled = true;
            state.asked = true;
            state.woken = true;
        });
        self.without_a_driver();
    }

    /// What is stopped before its cooperator was started has not begun, and ends at once.
    fn without_a_driver(self: &Arc<Self>) {
        if !self.queue.is_driven() {
            self.run();
        }
    }

    /// Nobody waits for it any more: drop its work, unless it is left to itself.
    pub(super) fn abandon(&self) {
        let work = self.with(|state| {
            if state.detached || matches!(state.work, Slot::Gone) {
                return None;
            }
            state.abandoned = true;
            state.finished.get_or_insert(TaskFinished::Stopped);
            Some(match state.work {
                // It is dropped when the unit is done.
                Slot::Out => Slot::Out,
                _ => mem::replace(&mut state.work, Slot::Gone),
            })
        });
        if work.is_some() {
            self.queue.remove(self.id);
        }
    }

    /// Let it end at once, whatever it was doing.
    pub(super) fn kill(&self, how: TaskFinished) {
        let (work, how) = self.with(|state| {
            let finished = *state.finished.get_or_insert(how);
            let cancelled = state.cancelled;
            let how = How {
                finished,
                cancelled,
            };
            (mem::replace(&mut state.work, Slot::Gone), how)
        });
        if let Slot::Here(mut work) = work {
            work.as_mut().finish(how);
        }
    }

    /// Do a unit of its work, if it is not paused: whether it did one.
    pub(super) fn run(self: &Arc<Self>) -> bool {
        let taken = self.with(|state| {
            state.queued = false;
            if state.pauses > 0 && state.finished.is_none() {
                return None;
            }
            match mem::replace(&mut state.work, Slot::Out) {
                Slot::Here(work) => {
                    state.woken = false;
                    Some((work, mem::take(&mut state.asked)))
                }
                other => {
                    state.work = other;
                    None
                }
            }
        });
        let Some((mut work, asked)) = taken else {
            return false;
        };
        let waker = Waker::from(self.clone());
        let polled = {
            let _turn = Turn::begin();
            work.as_mut()
                .advance(asked, &mut Context::from_waker(&waker))
        };
        match polled {
            Poll::Pending => self.put_back(work),
            Poll::Ready(ended) => self.end(work, ended),
        }
        true
    }

    fn put_back(&self, work: Work) {
        let left = self.with(|state| {
            // It may have been left or killed while the unit was done.
            if state.abandoned || matches!(state.work, Slot::Gone) {
                state.work = Slot::Gone;
                let finished = state.finished.unwrap_or(TaskFinished::Stopped);
                let cancelled = state.cancelled;
                return Some((
                    work,
                    How {
                        finished,
                        cancelled,
                    },
                ));
            }
            state.work = Slot::Here(work);
            None
        });
        if let Some((mut work, how)) = left {
            work.as_mut().finish(how);
        }
    }

    fn end(&self, mut work: Work, ended: Ended) {
        let how = self.with(|state| {
            state.work = Slot::Gone;
            let finished = *state.finished.get_or_insert(match ended {
                Ended::Done => TaskFinished::Done,
                Ended::Failed => TaskFinished::Failed,
                Ended::Left => TaskFinished::Stopped,
            });
            let cancelled = state.cancelled;
            How {
                finished,
                cancelled,
            }
        });
        // Who waits may look at the cooperator: the task has left it by then.
        self.queue.remove(self.id);
        work.as_mut().finish(how);
    }
}

impl Wake for Cell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.change(|state| state.woken = true);
    }
}
