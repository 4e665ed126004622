//! The deferred of a value.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Chain, Draw, Failure, Unwind};

use super::state::Shared;

/// A chain that waits for a value of a queue: made by
/// [`DeferredQueue::get`](super::DeferredQueue::get).
#[must_use = "a chain does nothing until it is polled"]
pub struct Get<T> {
    /// `None` when the outcome was yielded.
    queue: Option<Arc<Shared<T>>>,
    place: Option<u64>,
}

impl<T> Get<T> {
    pub(super) fn new(queue: Arc<Shared<T>>) -> Self {
        Get {
            queue: Some(queue),
            place: None,
        }
    }
}

// The values are in the queue.
impl<T> Unpin for Get<T> {}

impl<T> Future for Get<T> {
    type Output = Result<T, Failure>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(queue) = &this.queue else { finished() };
        let polled = queue.poll(&mut this.place, queue.backlog, cx);
        if polled.is_ready() {
            this.queue = None;
        }
        polled.map_err(Failure::from)
    }
}

impl<T> Sealed for Get<T> {}

impl<T> Chain for Get<T> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = &mut *self;
        let (Some(queue), Some(place)) = (&this.queue, this.place) else {
            return Unwind::Idle;
        };
        if queue.stop_waiting(place) {
            this.place = None;
            this.queue = None;
            return Unwind::Out;
        }
        // What was put before the cancellation stands, and so does closing.
        Unwind::Idle
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "queue");
    }
}

impl<T> Drop for Get<T> {
    fn drop(&mut self) {
        if let (Some(queue), Some(place)) = (&self.queue, self.place.take()) {
            queue.give_back(place);
        }
    }
}

impl<T> fmt::Debug for Get<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Get").finish_non_exhaustive()
    }
}
