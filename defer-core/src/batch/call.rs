//! The call for one key.

use alloc::sync::Arc;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::collect::Collects;
use super::rounds::Ticket;
use crate::Failure;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::kind::{Fails, Kind, OutOf};
use crate::plan::{Draw, leaf};

/// The chain of a call for one key: made by `Batch::get` of `defer-flow`, and by
/// annotated functions with `batch`.
///
/// `K` is the key, `T` the value, `D` how it can fail.
///
/// Polled first it hands in its key. Dropping it withdraws the key, if that was not sent,
/// and leaves the other calls of the batch as they are; so does cancelling it. The last
/// call drops, or cancels, what runs.
///
/// # Panics
///
/// Polling it panics if the batch function panicked.
#[must_use = "a chain does nothing until it is polled"]
pub struct Batched<K, T, D: Kind = Fails<Failure>> {
    collects: Arc<dyn Collects<K, T, D::Error>>,
    at: At<K>,
}

/// How far a call is.
enum At<K> {
    Fresh(K),
    In(Ticket),
    Gone,
}

impl<K, T, D: Kind> Batched<K, T, D> {
    pub(super) fn new(collects: Arc<dyn Collects<K, T, D::Error>>, key: K) -> Self {
        Batched {
            collects,
            at: At::Fresh(key),
        }
    }
}

impl<K, T, D: Kind> Unpin for Batched<K, T, D> {}

impl<K, T, D: Kind> Future for Batched<K, T, D> {
    type Output = OutOf<D, T>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves a call without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<K, T, D: Kind> sealed::Sealed for Batched<K, T, D> {}

impl<K, T, D: Kind> Chain for Batched<K, T, D> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let At::In(ticket) = &self.at else {
            return Unwind::Idle;
        };
        let unwind = self.collects.cancel(ticket);
        if matches!(unwind, Unwind::Is(_) | Unwind::Out) {
            self.at = At::Gone;
        }
        unwind.map(D::out)
    }
    // The round knows whether it settles.
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        let polled = match core::mem::replace(&mut this.at, At::Gone) {
            At::Fresh(key) => {
                this.at = At::In(this.collects.enter(key, cx));
                return Poll::Pending;
            }
            At::In(ticket) => {
                // Back first: if it panics, dropping the call leaves the round.
                this.at = At::In(ticket);
                this.collects.poll(ticket, cx)
            }
            At::Gone => finished(),
        };
        let outcome = ready!(polled);
        this.at = At::Gone;
        Poll::Ready(outcome.map(D::out))
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, self.collects.name());
    }
}

impl<K, T, D: Kind> Drop for Batched<K, T, D> {
    fn drop(&mut self) {
        if let At::In(ticket) = &self.at {
            self.collects.leave(ticket);
        }
    }
}

impl<K, T, D: Kind> core::fmt::Debug for Batched<K, T, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Batched").finish_non_exhaustive()
    }
}
