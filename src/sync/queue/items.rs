//! The values of a queue as a stream.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use futures_core::Stream;

use super::state::Shared;

/// The values of a queue as a stream: made by
/// [`DeferredQueue::items`](super::DeferredQueue::items).
#[must_use = "a stream does nothing until it is polled"]
pub struct QueueItems<T> {
    queue: Arc<Shared<T>>,
    place: Option<u64>,
}

impl<T> QueueItems<T> {
    pub(super) fn new(queue: Arc<Shared<T>>) -> Self {
        QueueItems { queue, place: None }
    }
}

// The values are in the queue.
impl<T> Unpin for QueueItems<T> {}

impl<T> Stream for QueueItems<T> {
    type Item = T;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        // It fails only by being closed.
        this.queue.poll(&mut this.place, None, cx).map(Result::ok)
    }
}

impl<T> Drop for QueueItems<T> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.queue.give_back(place);
        }
    }
}

impl<T> fmt::Debug for QueueItems<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueItems").finish_non_exhaustive()
    }
}
