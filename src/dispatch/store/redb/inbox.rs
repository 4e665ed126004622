//! The calls that wait for the writer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{Answer, Tell};
use super::call::Call;
use crate::dispatch::store::{StoreError, StoreErrorKind};

/// So many calls are one transaction at most: what is not written yet is in memory.
const MOST: usize = 8192;

/// What a condition can wait for, everywhere.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24);

pub(super) struct Inbox<A> {
    state: Mutex<State<A>>,
    more: Condvar,
}

struct State<A> {
    calls: VecDeque<Call<A>>,
    /// Somebody waits for a call that is not put off.
    hurried: bool,
    /// What later calls are refused with.
    closed: Option<StoreError>,
    /// The file is let go of.
    ended: bool,
    closers: std::vec::Vec<Tell<()>>,
}

impl<A> Inbox<A> {
    pub(super) fn new() -> Self {
        Inbox {
            state: Mutex::new(State {
                calls: VecDeque::new(),
                hurried: false,
                closed: None,
                ended: false,
                closers: std::vec::Vec::new(),
            }),
            more: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<A>> {
        // No call of foreign code is made while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hand a call to the writer.
    pub(super) fn add(&self, call: Call<A>) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(closed) = &state.closed {
            return Err(closed.clone());
        }
        let hurries = call.hurries();
        let wakes = state.calls.is_empty() || (hurries && !state.hurried);
        state.hurried |= hurries;
        state.calls.push_back(call);
        drop(state);
        if wakes {
            self.more.notify_one();
        }
        Ok(())
    }

    /// The calls for one transaction, in order, as soon as there are any, but not before `due`
    /// (never, if that has no moment) unless one of them is in a hurry. `None` when it is closed
    /// and none is left.
    pub(super) fn take(&self, due: Option<Option<Instant>>) -> Option<VecDeque<Call<A>>> {
        let mut state = self.state();
        while state.calls.is_empty() {
            if state.closed.is_some() {
                return None;
            }
            state = self
                .more
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        while let (Some(due), false, None) = (due, state.hurried, &state.closed) {
            let left = due.map_or(FOREVER, |due| due.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            let waited = self.more.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.calls.len() > MOST {
            return Some(state.calls.drain(..MOST).collect());
        }
        state.hurried = false;
        Some(core::mem::take(&mut state.calls))
    }

    /// Refuse later calls; those that wait are still done.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed.get_or_insert_with(|| {
            StoreError::new(
                StoreErrorKind::Closed,
                "the store is closed: open it again, and recover",
            )
        });
        drop(state);
        self.more.notify_one();
    }

    /// The same; the answer comes when the file is let go of.
    pub(super) fn close_and_tell(&self) -> Answer<()> {
        self.close();
        let (tell, answer) = Answer::pair();
        let mut state = self.state();
        if state.ended {
            drop(state);
            // Nobody else has the other end.
            let _ = tell.send(Ok(()));
        } else {
            state.closers.push(tell);
        }
        answer
    }

    /// Refuse later calls with this, and hand out those that wait.
    pub(super) fn fail(&self, with: StoreError) -> VecDeque<Call<A>> {
        let mut state = self.state();
        state.closed = Some(with);
        core::mem::take(&mut state.calls)
    }

    /// The file is let go of.
    pub(super) fn end(&self) {
        self.close();
        let mut state = self.state();
        state.ended = true;
        let (closers, calls) = (
            core::mem::take(&mut state.closers),
            core::mem::take(&mut state.calls),
        );
        drop(state);
        // None unless the writer panicked; being dropped tells them.
        drop(calls);
        for tell in closers {
            let _ = tell.send(Ok(()));
        }
    }
}
