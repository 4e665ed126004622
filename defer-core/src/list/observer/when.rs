//! Deferreds that fire when enough has been observed.

use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::event::Counts;
use super::memory::Memory;
use super::shared::{Entry, Observation, Shared};
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::lock::Lock;
use crate::plan::{Draw, leaf};
use crate::{Abandoned, Deferred, HandMade};

type Fired = Deferred<Result<Counts, Abandoned>, HandMade<Counts, Abandoned>>;

/// The chain of [`when`](super::DeferredListObserver::when).
#[must_use = "a chain does nothing until it is polled"]
pub struct When<T, E, H> {
    fired: Fired,
    observation: Observation<T, E, H>,
}

impl<T, E, H> Unpin for When<T, E, H> {}

impl<T, E, H: Memory<T, E>> When<T, E, H> {
    pub(super) fn new(
        shared: &Arc<Shared<T, E, H>>,
        condition: impl Fn(&Counts) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (resolver, fired) = Fired::new();
        let resolver = Lock::new(Some(resolver));
        let look = Arc::new(move |counts: Counts| {
            if condition(&counts) {
                if let Some(resolver) = resolver.with(Option::take) {
                    // It comes back if nobody waits any more.
                    let _ = resolver.callback(counts);
                }
            }
        });
        let entry = Entry::new({
            let look = look.clone();
            move |event| look(event.counts)
        });
        let when = When {
            fired,
            observation: Observation::of(shared, &entry),
        };
        // In this order: what happens in between is seen by both, and not by neither.
        shared.add(entry);
        look(shared.counts());
        when
    }
}

impl<T, E, H> Future for When<T, E, H> {
    type Output = Result<Counts, Abandoned>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.fired).poll(cx)
    }
}

impl<T, E, H> Drop for When<T, E, H> {
    fn drop(&mut self) {
        self.observation.remove();
    }
}

impl<T, E, H> sealed::Sealed for When<T, E, H> {}

impl<T, E, H> Chain for When<T, E, H> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        Pin::new(&mut self.fired).cancel()
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "when");
    }
}

impl<T, E, H> fmt::Debug for When<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("When").finish_non_exhaustive()
    }
}

/// The chain of [`all_done`](super::DeferredListObserver::all_done).
#[must_use = "a chain does nothing until it is polled"]
pub struct AllDone<T, E, H>(When<T, E, H>);

impl<T, E, H: Memory<T, E>> AllDone<T, E, H> {
    pub(super) fn new(shared: &Arc<Shared<T, E, H>>) -> Self {
        AllDone(When::new(shared, |counts| counts.pending == 0))
    }
}

/// What is pending keeps the observer alive, and does not go without telling.
fn fired(outcome: Result<Counts, Abandoned>) -> Counts {
    outcome.unwrap_or_else(|Abandoned| finished())
}

impl<T, E, H> Future for AllDone<T, E, H> {
    type Output = Counts;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Counts> {
        Pin::new(&mut self.0).poll(cx).map(fired)
    }
}

impl<T, E, H> sealed::Sealed for AllDone<T, E, H> {}

impl<T, E, H> Chain for AllDone<T, E, H> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Counts> {
        Pin::new(&mut self.0).cancel().map(fired)
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "all_done");
    }
}

impl<T, E, H> fmt::Debug for AllDone<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllDone").finish_non_exhaustive()
    }
}
