//! The deferred of a pool's becoming empty.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf};
use defer_core::{Chain, Draw, Unwind};

use super::seats::Seats;

/// A chain that waits for a pool to become empty: made by
/// [`when_empty`](super::DeferredPool::when_empty) and
/// [`when_next_empty`](super::DeferredPool::when_next_empty).
#[must_use = "a chain does nothing until it is polled"]
pub struct WhenEmpty {
    /// `None` when the outcome was yielded.
    seats: Option<Arc<Seats>>,
    /// `None`: the pool was empty, and that is enough.
    place: Option<u64>,
}

impl WhenEmpty {
    pub(super) fn new(seats: Arc<Seats>, place: Option<u64>) -> Self {
        let seats = Some(seats);
        WhenEmpty { seats, place }
    }
}

impl Future for WhenEmpty {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(seats) = &self.seats else { finished() };
        if self.place.is_some_and(|place| seats.waits(place, cx)) {
            return Poll::Pending;
        }
        self.place = None;
        self.seats = None;
        Poll::Ready(())
    }
}

impl Sealed for WhenEmpty {}

impl Chain for WhenEmpty {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<()> {
        let (Some(seats), Some(place)) = (&self.seats, self.place) else {
            return Unwind::Idle;
        };
        if !seats.give_up(place) {
            // The pool has been empty.
            return Unwind::Idle;
        }
        self.place = None;
        self.seats = None;
        Unwind::Out
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "when_empty");
    }
}

impl Drop for WhenEmpty {
    fn drop(&mut self) {
        if let (Some(seats), Some(place)) = (&self.seats, self.place) {
            seats.give_up(place);
        }
    }
}

impl fmt::Debug for WhenEmpty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenEmpty").finish_non_exhaustive()
    }
}
