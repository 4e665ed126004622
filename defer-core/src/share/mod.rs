//! One deferred for many: clones that share one run, and followers of one outcome.
//!
//! [`Deferred::shared`] makes a deferred `Clone`. The work runs once, polled by whichever
//! clone is polled; every clone has the outcome.
//!
//! ```
//! use defer_core::{AddCallback, Failure, defer};
//! # futures::executor::block_on(async {
//! let page = defer(async { Ok::<_, Failure>("a page".to_string()) }).shared();
//! let size = page.clone().add_callback(|page| page.len());
//! assert_eq!(page.await.unwrap(), "a page");
//! assert_eq!(size.await.unwrap(), 6);
//! # });
//! ```
//!
//! # No wake-up is lost
//!
//! The work has a waker of its own, which wakes every clone that waits, each once. Whoever of
//! them is polled first polls the work, the others wait again. So no clone depends on another
//! one: it may be dropped, cancelled or forgotten at any time, in the middle of a poll on
//! another thread, too. What `futures::future::Shared` loses there is not lost here.
//!
//! Like a [box](Deferred::boxed), shared work is polled only when something in it has woken
//! its task.
//!
//! # Cancelling and dropping
//!
//! A clone that is cancelled leaves alone: its outcome is a cancellation, the other clones go
//! on. When the last clone is cancelled the work is cancelled where it waits, and its clean-up
//! is waited for. A clone that has not been polled counts, too: it may yet be. Dropping the last
//! clone drops the work.

mod fan;
mod here;
mod hub;
mod waiting;

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use self::hub::{Alone, Ended, Hub};
use self::waiting::Place;
use crate::Deferred;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::plan::Draw;

/// The chain of one clone: made by [`Deferred::shared`].
#[must_use = "a chain does nothing until it is polled"]
pub struct Shared<F: Chain> {
    /// Not loom's `Arc`, which has no weak ones: what it counts is not what is looked at.
    /// `None` when a cancellation has left the clone.
    hub: Option<Arc<Hub<F>>>,
    place: Option<Place>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Polled,
    Yielded,
}

impl<F: Chain> Shared<F> {
    fn of(hub: Option<Arc<Hub<F>>>) -> Self {
        Shared {
            hub,
            place: None,
            stage: Stage::Fresh,
        }
    }

    #[inline]
    fn poll_ended(&mut self, cx: &Context<'_>) -> Poll<Ended<F::Output>>
    where
        F::Output: Clone,
    {
        let Some(hub) = self.hub.as_ref().filter(|_| self.stage != Stage::Yielded) else {
            finished()
        };
        self.stage = Stage::Polled;
        let ended = ready!(hub.poll(&mut self.place, cx));
        self.stage = Stage::Yielded;
        self.place = None;
        Poll::Ready(ended)
    }
}

impl<F: Chain> Clone for Shared<F> {
    #[inline]
    fn clone(&self) -> Self {
        Shared::of(self.hub.clone())
    }
}

impl<F: Chain> Drop for Shared<F> {
    #[inline]
    fn drop(&mut self) {
        if let (Some(hub), Some(place)) = (&self.hub, self.place.take()) {
            hub.leave(place);
        }
    }
}

impl<F: Chain<Output: Clone>> Future for Shared<F> {
    type Output = F::Output;
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match ready!(self.poll_ended(cx)) {
            Ended::Is(outcome) => Poll::Ready(outcome),
            // It was cloned from one that was cancelled.
            Ended::Left => finished(),
            Ended::Panicked => panicked(),
        }
    }
}

impl<F: Chain> sealed::Sealed for Shared<F> {}

impl<F: Chain<Output: Clone>> Chain for Shared<F> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<F::Output> {
        let this = &mut *self;
        let stage = this.stage;
        let waits = |hub: &mut Arc<Hub<F>>| {
            hub.runs()
                && match stage {
                    Stage::Polled => true,
                    // It has not begun here, and others are there for what has begun.
                    Stage::Fresh => Arc::strong_count(hub) == 1,
                    Stage::Yielded => false,
                }
        };
        let Some(hub) = this.hub.take_if(waits) else {
            return Unwind::Idle;
        };
        this.stage = Stage::Polled;
        if let Some(place) = this.place.take() {
            hub.leave(place);
        }
        // Of several clones that are cancelled or dropped at the same time one is the last.
        let Some(hub) = Arc::into_inner(hub) else {
            return Unwind::Out;
        };
        match hub.cancel() {
            Alone::Back(hub, unwind) => {
                this.hub = Some(Arc::new(hub));
                unwind
            }
            Alone::Gone(unwind) => unwind,
        }
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        Poll::Ready(match ready!(self.poll_ended(cx)) {
            Ended::Is(outcome) => Some(outcome),
            Ended::Left => None,
            Ended::Panicked => panicked(),
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        if let Some(hub) = &self.hub {
            hub.describe(Arc::as_ptr(hub).addr(), to);
        }
    }
}

#[cold]
#[inline(never)]
fn panicked() -> ! {
    panic!(
        "the work of a shared deferred has panicked: `catch_panics` before `shared` makes that \
         a failure"
    )
}

/// A shared deferred as long as somebody else has a clone of it.
pub struct WeakShared<F: Chain> {
    hub: Weak<Hub<F>>,
}

impl<F: Chain> WeakShared<F> {
    /// A clone, if there is one still.
    ///
    /// `None` when the last one has been dropped, or cancelled: what is cleaning up is not
    /// joined any more.
    ///
    /// ```
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let three = succeed(3).shared();
    /// let weak = three.downgrade();
    /// assert_eq!(weak.upgrade().unwrap().await, 3);
    /// drop(three);
    /// assert!(weak.upgrade().is_none());
    /// # });
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Deferred<F::Output, Shared<F>>> {
        let hub = self.hub.upgrade()?;
        Some(Deferred::from_chain(Shared::of(Some(hub))))
    }
}

impl<F: Chain> Clone for WeakShared<F> {
    fn clone(&self) -> Self {
        WeakShared {
            hub: self.hub.clone(),
        }
    }
}

impl<F: Chain> core::fmt::Debug for Shared<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<F: Chain> core::fmt::Debug for WeakShared<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WeakShared").finish_non_exhaustive()
    }
}

impl<O, F: Chain<Output = O>> Deferred<O, Shared<F>> {
    /// What finds this deferred again as long as somebody has a clone of it.
    ///
    /// ```
    /// use defer_core::succeed;
    ///
    /// let weak = succeed(3).shared().downgrade();
    /// assert!(weak.upgrade().is_none(), "nobody has it");
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakShared<F> {
        let hub = self.as_chain().hub.as_ref();
        WeakShared {
            hub: hub.map_or_else(Weak::new, Arc::downgrade),
        }
    }
}

impl<O: Clone, F: Chain<Output = O>> Deferred<O, F> {
    /// A deferred that can be cloned: one run, and its outcome for every clone.
    ///
    /// Nothing runs before a clone is polled. Whichever clone is polled polls the work; a
    /// clone that is made when the outcome is there has it at once. Where values are large,
    /// share an `Arc` of them: each clone that is awaited clones the outcome, under a lock
    /// of this deferred's. Three allocations, and one more for the list of those who wait.
    /// Clones may go to other threads if the work and its outcome are `Send`.
    ///
    /// Cancelling a clone leaves the others alone, and dropping it, too; see
    /// [`share`](self) for the last one. Each clone of a [`Failure`](crate::Failure) goes on
    /// with a trail of its own.
    ///
    /// # Panics
    ///
    /// A panic of the work unwinds through the clone that is polled, and every other clone
    /// panics when it is polled next. Work that polls a clone of itself panics (with the
    /// feature `std`), instead of waiting for ever.
    ///
    /// A Twisted deferred is shared by anybody who holds it, and each callback replaces its
    /// result for all of them. This is what Terry Jones asks of promises.
    ///
    /// ```
    /// use defer_core::defer;
    /// # futures::executor::block_on(async {
    /// let mut runs = 0;
    /// let shared = defer(async { runs += 1; runs }).shared();
    /// let both = (shared.clone().await, shared.await);
    /// assert_eq!(both, (1, 1));
    /// # });
    /// ```
    pub fn shared(self) -> Deferred<O, Shared<F>> {
        let hub = Arc::new(Hub::new(self.into_chain()));
        Deferred::from_chain(Shared::of(Some(hub)))
    }

    /// Followers of this deferred, as many as the array has, each with errbacks of its own.
    ///
    /// What one of them does with the outcome, and whether it is cancelled or dropped, is
    /// nothing to the others. They are clones of [`shared`](Deferred::shared).
    ///
    /// ```
    /// use defer_core::{AddCallback, Failure, fail};
    /// # futures::executor::block_on(async {
    /// let [one, other] = fail::<u32, _>(Failure::msg("no such page")).split();
    /// assert_eq!(one.add_errback(|_| 404).await, 404);
    /// assert!(other.await.is_err(), "the failure of its own");
    /// # });
    /// ```
    pub fn split<const N: usize>(self) -> [Deferred<O, Shared<F>>; N] {
        let shared = self.shared();
        core::array::from_fn(|_| shared.clone())
    }

    /// As [`split`](Deferred::split), for a number that is known when it runs. Twisted's
    /// list has asked for a `tee`.
    ///
    /// ```
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// for follower in succeed(3).tee(4) {
    ///     assert_eq!(follower.await, 3);
    /// }
    /// # });
    /// ```
    pub fn tee(self, followers: usize) -> Vec<Deferred<O, Shared<F>>> {
        let shared = self.shared();
        (0..followers).map(|_| shared.clone()).collect()
    }
}
