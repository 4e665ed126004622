//! The result of a task, for all who wait for it.

use core::any::Any;
use core::fmt;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, PoisonError};
use std::vec::Vec;

use defer_core::{Failure, Panicked};

use super::job::How;
use crate::start::unhandled::{Place, is_cancelled, report};
use crate::task::TaskFinished;

/// How a task ended.
pub(super) enum End<T, E> {
    /// With this.
    Outcome(Result<T, E>),
    /// Without anything.
    Interrupted(TaskFinished),
}

impl<T, E> End<T, E> {
    pub(super) fn outcome(self) -> Result<T, E>
    where
        E: From<TaskFinished>,
    {
        match self {
            End::Outcome(outcome) => outcome,
            End::Interrupted(finished) => Err(finished.into()),
        }
    }
}

impl<T: Clone, E: Clone> Clone for End<T, E> {
    fn clone(&self) -> Self {
        match self {
            End::Outcome(outcome) => End::Outcome(outcome.clone()),
            End::Interrupted(finished) => End::Interrupted(*finished),
        }
    }
}

struct State<T, E> {
    end: Option<End<T, E>>,
    // Somebody knows how it ended.
    observed: bool,
    waiting: Vec<(u64, Waker)>,
    next: u64,
}

/// The result of a task. Dropped with a failure that nobody took, it reports it.
pub(super) struct Done<T, E> {
    state: Mutex<State<T, E>>,
    place: Place,
    // Chosen where the error's type is known to have them.
    report: fn(&E, Place),
    of_panicked: fn(Panicked) -> E,
}

impl<T, E> Done<T, E> {
    pub(super) fn new(place: Place) -> Self
    where
        E: From<Panicked> + fmt::Debug + 'static,
    {
        Done {
            state: Mutex::new(State {
                end: None,
                observed: false,
                waiting: Vec::new(),
                next: 0,
            }),
            place,
            report: report::<E>,
            of_panicked: E::from,
        }
    }

    fn with<R>(&self, change: impl FnOnce(&mut State<T, E>) -> R) -> R {
        // A value's `clone` may have panicked; the value is as it was.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn panicked(&self, panicked: Panicked) -> E {
        (self.of_panicked)(panicked)
    }

    pub(super) fn is_set(&self) -> bool {
        self.with(|state| state.end.is_some())
    }

    /// Tell who waits.
    pub(super) fn set(&self, outcome: Option<Result<T, E>>, how: How)
    where
        E: 'static,
    {
        let was_ended = matches!(
            how.finished,
            TaskFinished::Stopped | TaskFinished::SchedulerStopped
        );
        let (end, expected) = match outcome {
            // Whoever has ended it knows. By whom it was is worth more than that it was.
            Some(Err(error)) if was_ended && is_cancelled(&error) => {
                let error = if how.cancelled {
                    error
                } else {
                    with_reason(error, how.finished)
                };
                (End::Outcome(Err(error)), true)
            }
            Some(outcome) => (End::Outcome(outcome), false),
            None => (End::Interrupted(how.finished), true),
        };
        let waiting = self.with(|state| {
            state.end = Some(end);
            state.observed |= expected;
            core::mem::take(&mut state.waiting)
        });
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    /// Wait; `read` looks at the end when it is there. `id` is the waiter's, once it has one.
    pub(super) fn poll<R>(
        &self,
        id: &mut Option<u64>,
        cx: &Context<'_>,
        read: impl FnOnce(&mut Option<End<T, E>>) -> R,
    ) -> Poll<R> {
        let (polled, _old) = self.with(|state| {
            if state.end.is_some() {
                state.observed = true;
                return (Poll::Ready(read(&mut state.end)), None);
            }
            let known = *id.get_or_insert_with(|| {
                state.next += 1;
                state.next
            });
            let waker = cx.waker().clone();
            let place = state.waiting.iter_mut().find(|(other, _)| *other == known);
            let old = match place {
                Some((_, old)) => Some(core::mem::replace(old, waker)),
                None => {
                    state.waiting.push((known, waker));
                    None
                }
            };
            (Poll::Pending, old)
        });
        polled
    }

    /// Wait no longer.
    pub(super) fn forget(&self, id: Option<u64>) {
        let Some(id) = id else { return };
        let _old = self.with(|state| {
            let place = state.waiting.iter().position(|(other, _)| *other == id)?;
            Some(state.waiting.swap_remove(place))
        });
    }
}

/// A [`Failure`] says why it was cancelled, and keeps its trail.
fn with_reason<E: 'static>(mut error: E, why: TaskFinished) -> E {
    if let Some(failure) = (&mut error as &mut dyn Any).downcast_mut::<Failure>() {
        *failure = failure.clone().with_error(why);
    }
    error
}

impl<T, E> Drop for Done<T, E> {
    fn drop(&mut self) {
        let (report, place) = (self.report, self.place);
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let (Some(End::Outcome(Err(error))), false) = (&state.end, state.observed) {
            report(error, place);
        }
    }
}
