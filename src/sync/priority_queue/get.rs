//! Waiting for an item.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Chain, Draw, Failure, Unwind};

use super::state::Shared;
use crate::sync::ordered::Key;

/// The chain of [`DeferredPriorityQueue::get`](super::DeferredPriorityQueue::get).
#[must_use = "a chain does nothing until it is polled"]
pub struct PriorityGet<T, P: Ord + Clone> {
    /// `None` when the outcome was yielded.
    queue: Option<Arc<Shared<T, P>>>,
    /// `None` before the first poll.
    place: Option<Key>,
}

impl<T, P: Ord + Clone> PriorityGet<T, P> {
    pub(super) fn new(queue: Arc<Shared<T, P>>) -> Self {
        PriorityGet {
            queue: Some(queue),
            place: None,
        }
    }

    /// Wait no longer, and let the next one have what was given.
    fn leave(&mut self) {
        if let (Some(queue), Some(place)) = (self.queue.take(), self.place.take()) {
            let (next, _old) = queue.with(|state| state.leave(place));
            if let Some(next) = next {
                next.wake();
            }
        }
    }
}

impl<T, P: Ord + Clone> Future for PriorityGet<T, P> {
    type Output = Result<T, Failure>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(queue) = &this.queue else { finished() };
        let (outcome, _old) = queue.with(|state| state.poll_get(&mut this.place, cx));
        let outcome = ready!(outcome);
        this.queue = None;
        Poll::Ready(outcome.map_err(Failure::from))
    }
}

impl<T, P: Ord + Clone> Unpin for PriorityGet<T, P> {}
impl<T, P: Ord + Clone> Sealed for PriorityGet<T, P> {}

impl<T, P: Ord + Clone> Chain for PriorityGet<T, P> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let (Some(queue), Some(place)) = (&self.queue, self.place) else {
            return Unwind::Idle;
        };
        // What it was given before stands, and so does the closing.
        if queue.with(|state| state.closed || state.gets.is_given(place)) {
            return Unwind::Idle;
        }
        self.leave();
        Unwind::Out
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "get");
    }
}

impl<T, P: Ord + Clone> Drop for PriorityGet<T, P> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<T, P: Ord + Clone> fmt::Debug for PriorityGet<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriorityGet")
            .field("waits", &self.place.is_some())
            .finish_non_exhaustive()
    }
}
