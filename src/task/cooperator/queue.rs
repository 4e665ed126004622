//! The tasks of a cooperator, and which of them come next.

use core::task::{Context, Waker};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::Vec;

use tokio::runtime::Handle;

use super::budget::Budget;
use super::cell::Cell;
use super::driver::Driver;

#[derive(Default)]
pub(super) struct State {
    ready: VecDeque<Arc<Cell>>,
    // Those that wait or are paused, too.
    tasks: HashMap<u64, Arc<Cell>>,
    next: u64,
    // Of the driver, when it has nothing to do.
    waker: Option<Waker>,
    driven: bool,
    pub(super) started: bool,
    pub(super) stopped: bool,
    // Of the cooperator.
    handles: usize,
}

/// What the handles, the tasks and the driver of a cooperator share.
pub(super) struct Queue {
    state: Mutex<State>,
    // For the driver alone, of which there is one.
    budget: Mutex<Budget>,
    on: Option<Handle>,
}

/// What the driver does next.
pub(super) enum Next {
    Run(Arc<Cell>),
    /// Something is waited for.
    Wait,
    /// There is no task any more, and no driver from here on.
    End,
}

impl Queue {
    pub(super) fn new(budget: Budget, started: bool, on: Option<Handle>) -> Self {
        let state = State {
            started,
            ..State::default()
        };
        Queue {
            state: Mutex::new(state),
            budget: Mutex::new(budget),
            on,
        }
    }

    /// Nothing runs, is dropped or woken while the lock is held, and no other lock is taken.
    pub(super) fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn is_driven(&self) -> bool {
        self.with(|state| state.driven)
    }

    /// A new task, at the end of the queue; `false` if the cooperator was stopped.
    #[track_caller]
    pub(super) fn add(self: &Arc<Self>, make: impl FnOnce(u64) -> Arc<Cell>) -> (Arc<Cell>, bool) {
        let on = self.on.clone().or_else(|| Handle::try_current().ok());
        let id = self.with(|state| {
            state.next += 1;
            state.next
        });
        let cell = make(id);
        let (taken, drive, waiting) = self.with(|state| {
            let drive = state.started && !state.driven;
            if state.stopped || (drive && on.is_none()) {
                return (!state.stopped, drive, None);
            }
            state.tasks.insert(id, cell.clone());
            state.ready.push_back(cell.clone());
            state.driven |= drive;
            (true, drive, state.waker.take())
        });
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        if taken && drive {
            self.drive(&on.unwrap_or_else(|| outside()));
        }
        (cell, taken)
    }

    /// Begin with what waits, and take what comes.
    #[track_caller]
    pub(super) fn start(self: &Arc<Self>) {
        let on = self.on.clone().or_else(|| Handle::try_current().ok());
        let on = on.unwrap_or_else(|| outside());
        let drive = self.with(|state| {
            state.started = true;
            state.stopped = false;
            let drive = !state.driven && !state.tasks.is_empty();
            state.driven |= drive;
            drive
        });
        if drive {
            self.drive(&on);
        }
    }

    fn drive(self: &Arc<Self>, on: &Handle) {
        // How long a turn takes is for the cooperator to say, not for tokio.
        let driver = tokio::task::unconstrained(Driver::new(self.clone()));
        drop(on.spawn(driver));
    }

    /// A task that has something to do.
    pub(super) fn push(&self, cell: Arc<Cell>) {
        let waiting = self.with(|state| {
            state.ready.push_back(cell);
            state.waker.take()
        });
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// A task that has ended.
    pub(super) fn remove(&self, id: u64) {
        let (_cell, waiting) = self.with(|state| {
            let cell = state.tasks.remove(&id);
            // The driver ends when it sees that there is none.
            let waiting = state.tasks.is_empty().then(|| state.waker.take());
            (cell, waiting.flatten())
        });
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    pub(super) fn next(&self, cx: &Context<'_>) -> Next {
        let (next, _old) = self.with(|state| {
            if let Some(cell) = state.ready.pop_front() {
                return (Next::Run(cell), None);
            }
            if state.tasks.is_empty() {
                state.driven = false;
                return (Next::End, state.waker.take());
            }
            (Next::Wait, state.waker.replace(cx.waker().clone()))
        });
        next
    }

    /// All tasks, in the order in which they came.
    pub(super) fn tasks(&self) -> Vec<Arc<Cell>> {
        let mut tasks: Vec<_> = self.with(|state| state.tasks.values().cloned().collect());
        tasks.sort_unstable_by_key(|cell| cell.id());
        tasks
    }

    /// The driver is gone, and with it the runtime it was on.
    pub(super) fn driver_is_gone(&self) -> Vec<Arc<Cell>> {
        let tasks = self.tasks();
        let _old = self.with(|state| {
            state.driven = false;
            state.waker = None;
            state.tasks.clear();
            core::mem::take(&mut state.ready)
        });
        tasks
    }

    /// Of the driver alone.
    pub(super) fn budget(&self) -> &Mutex<Budget> {
        &self.budget
    }

    /// One handle of the cooperator more.
    pub(super) fn hold(&self) {
        self.with(|state| state.handles += 1);
    }

    /// One handle less: whether what waits will wait for ever, since nobody can start it.
    pub(super) fn let_go(&self) -> bool {
        self.with(|state| {
            state.handles -= 1;
            state.handles == 0 && !state.started
        })
    }
}

#[track_caller]
fn outside() -> ! {
    panic!(
        "a cooperator was set to work outside of a tokio runtime: do it inside of one, or name \
         one with `Cooperator::builder().on(..)`"
    )
}
