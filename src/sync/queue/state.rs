//! What a queue, its waiters and its streams share.

use core::task::{Context, Poll, Waker};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::errors::{GetError, PutError, QueueClosed, QueueOverflow, QueueUnderflow};

pub(super) struct Shared<T> {
    pub(super) size: Option<usize>,
    pub(super) backlog: Option<usize>,
    state: Mutex<State<T>>,
}

pub(super) struct State<T> {
    /// Those that belong to nobody. There are none as long as somebody waits.
    pub(super) items: VecDeque<T>,
    /// By the number of their coming, so that the first is the one that has waited longest.
    pub(super) waiting: BTreeMap<u64, Waker>,
    /// What belongs to somebody who has not looked since.
    granted: BTreeMap<u64, T>,
    /// The number of who comes next.
    next: u64,
    pub(super) closed: bool,
}

impl<T> State<T> {
    /// Give it to who has waited longest.
    fn grant(&mut self, item: T) -> Result<Waker, T> {
        match self.waiting.pop_first() {
            Some((place, waker)) => {
                self.granted.insert(place, item);
                Ok(waker)
            }
            None => Err(item),
        }
    }
}

impl<T> Shared<T> {
    pub(super) fn new(size: Option<usize>, backlog: Option<usize>) -> Self {
        let state = State {
            items: VecDeque::new(),
            waiting: BTreeMap::new(),
            granted: BTreeMap::new(),
            next: 0,
            closed: false,
        };
        Shared {
            size,
            backlog,
            state: Mutex::new(state),
        }
    }

    /// No value and no waker is dropped, and nothing is woken, while it is locked: whose code
    /// that runs is not known.
    pub(super) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, item: T) -> Result<(), PutError<T>> {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            return Err(PutError::Closed(QueueClosed::with(item)));
        }
        match state.grant(item) {
            Ok(waker) => {
                drop(state);
                waker.wake();
            }
            Err(item) => {
                if let Some(size) = self.size.filter(|size| state.items.len() >= *size) {
                    drop(state);
                    return Err(PutError::Overflow(QueueOverflow::new(item, size)));
                }
                state.items.push_back(item);
            }
        }
        Ok(())
    }

    /// A value for who stands at `place`, or for who has none and may wait.
    ///
    /// Without a backlog there is always room to wait.
    pub(super) fn poll(
        &self,
        place: &mut Option<u64>,
        backlog: Option<usize>,
        cx: &Context<'_>,
    ) -> Poll<Result<T, GetError>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let old = if let Some(at) = *place {
            if let Some(item) = state.granted.remove(&at) {
                *place = None;
                return Poll::Ready(Ok(item));
            }
            match state.waiting.get_mut(&at) {
                Some(known) => core::mem::replace(known, waker),
                // Only closing removes it.
                None => {
                    *place = None;
                    return Poll::Ready(Err(GetError::Closed(QueueClosed::new())));
                }
            }
        } else {
            if let Some(item) = state.items.pop_front() {
                return Poll::Ready(Ok(item));
            }
            if state.closed {
                return Poll::Ready(Err(GetError::Closed(QueueClosed::new())));
            }
            if let Some(backlog) = backlog.filter(|backlog| state.waiting.len() >= *backlog) {
                return Poll::Ready(Err(GetError::Underflow(QueueUnderflow::new(backlog))));
            }
            let at = state.next;
            state.next += 1;
            *place = Some(at);
            match state.waiting.insert(at, waker) {
                Some(old) => old,
                None => return Poll::Pending,
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Leave the place, if nothing was granted there; whether nothing was.
    pub(super) fn stop_waiting(&self, place: u64) -> bool {
        let waker = self.lock().waiting.remove(&place);
        waker.is_some()
    }

    /// Leave the place: what was granted there is the next one's.
    pub(super) fn give_back(&self, place: u64) {
        let mut state = self.lock();
        let left = state.waiting.remove(&place);
        let next = state.granted.remove(&place).map(|item| state.grant(item));
        let woken = match next {
            Some(Ok(waker)) => Some(waker),
            Some(Err(item)) => {
                state.items.push_front(item);
                None
            }
            None => None,
        };
        drop(state);
        drop(left);
        if let Some(waker) = woken {
            waker.wake();
        }
    }

    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let waiting = core::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_values().for_each(Waker::wake);
    }
}
