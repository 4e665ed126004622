//! What a pool, its members and those who wait for it share.

use core::task::{Context, Waker};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use defer_core::Canceller;

use super::PoolStatus;

/// Nothing of anybody else's is run or dropped while the state is locked.
#[derive(Default)]
pub(super) struct Seats {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    members: BTreeMap<u64, Canceller>,
    /// Those who wait for the pool to become empty; each with its waker, once it was polled.
    waiting: BTreeMap<u64, Option<Waker>>,
    /// The number of the next, a member or one who waits.
    next: u64,
    closed: bool,
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for a member, unless the pool is closed.
    pub(super) fn take(seats: &Arc<Self>, canceller: Canceller) -> Option<Seat> {
        let mut state = seats.lock();
        if state.closed {
            drop(state);
            return None;
        }
        let number = state.number();
        state.members.insert(number, canceller);
        drop(state);
        let seats = seats.clone();
        Some(Seat { seats, number })
    }

    fn leave(&self, number: u64) {
        let mut state = self.lock();
        let canceller = state.members.remove(&number);
        let waiting = if state.members.is_empty() {
            core::mem::take(&mut state.waiting)
        } else {
            BTreeMap::new()
        };
        drop(state);
        drop(canceller);
        waiting.into_values().flatten().for_each(Waker::wake);
    }

    /// A place to wait for the pool to become empty; none, if it is and that is enough.
    pub(super) fn wait(&self, empty_is_enough: bool) -> Option<u64> {
        let mut state = self.lock();
        if empty_is_enough && state.members.is_empty() {
            return None;
        }
        let place = state.number();
        state.waiting.insert(place, None);
        Some(place)
    }

    /// Whether the pool has not been empty since the place was taken; its task is woken then.
    pub(super) fn waits(&self, place: u64, cx: &Context<'_>) -> bool {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let old = state.waiting.get_mut(&place).map(|old| old.replace(waker));
        drop(state);
        old.is_some()
    }

    /// Wait no longer; whether there was something to wait for.
    pub(super) fn give_up(&self, place: u64) -> bool {
        let waker = self.lock().waiting.remove(&place);
        waker.is_some()
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    pub(super) fn cancel_all(&self) -> usize {
        let members: Vec<Canceller> = self.lock().members.values().cloned().collect();
        members.iter().for_each(Canceller::cancel);
        members.len()
    }

    pub(super) fn status(&self) -> PoolStatus {
        let state = self.lock();
        PoolStatus {
            underway: state.members.len(),
            waiting: state.waiting.len(),
        }
    }
}

/// A member is underway as long as it has this.
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.leave(self.number);
    }
}
