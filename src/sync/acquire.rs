//! Waiting for one's turn at a lock or a semaphore.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Chain, Draw, Unwind};

/// What hands out guards, so many at a time: a [`DeferredLock`](super::DeferredLock) or a
/// [`DeferredSemaphore`](super::DeferredSemaphore).
///
/// Sealed: it stands in the types of what waits for one.
pub trait Acquirable: Sealed + Clone {
    /// What holds it until it is dropped.
    type Guard;
    /// A guard, if there is one for who comes now.
    #[doc(hidden)]
    fn now(&self) -> Option<Self::Guard>;
    /// A guard in its turn.
    #[doc(hidden)]
    fn later(&self) -> Later<Self::Guard>;
    /// Where those are counted that wait.
    #[doc(hidden)]
    fn queue(&self) -> Queue;
    /// How waiting is drawn.
    #[doc(hidden)]
    const NAME: &'static str;
}

/// tokio's futures of a guard that is owned have no name.
pub(super) type Later<G> = Pin<Box<dyn Future<Output = G> + Send>>;

/// A chain that waits for a guard: made by `acquire`.
///
/// It stands in the queue from its first poll on. Dropped or cancelled there, it leaves the
/// queue, and a guard that was on its way goes to the next. One that has to wait allocates once.
#[must_use = "a chain does nothing until it is polled"]
pub struct Acquire<L: Acquirable> {
    state: State<L>,
}

enum State<L: Acquirable> {
    Fresh(L),
    Waits(Later<L::Guard>, Place),
    /// A cancellation has found that the guard was there.
    Granted(L::Guard),
    Done,
}

impl<L: Acquirable> Acquire<L> {
    pub(super) fn new(from: L) -> Self {
        Acquire {
            state: State::Fresh(from),
        }
    }

    /// Whether it was polled, and has no outcome yet.
    pub(super) fn has_begun(&self) -> bool {
        matches!(self.state, State::Waits(..) | State::Granted(_))
    }
}

// Nothing in it is pinned where it is: the future has a box of its own.
impl<L: Acquirable> Unpin for Acquire<L> {}

impl<L: Acquirable> Future for Acquire<L> {
    type Output = L::Guard;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Guard> {
        match core::mem::replace(&mut self.state, State::Done) {
            State::Fresh(from) => {
                // Only what nobody waits for is free, so nobody is overtaken.
                if let Some(guard) = from.now() {
                    return Poll::Ready(guard);
                }
                let place = from.queue().join();
                self.state = State::Waits(from.later(), place);
                self.poll(cx)
            }
            State::Waits(mut later, place) => {
                let polled = later.as_mut().poll(cx);
                if polled.is_pending() {
                    self.state = State::Waits(later, place);
                }
                polled
            }
            State::Granted(guard) => Poll::Ready(guard),
            State::Done => finished(),
        }
    }
}

impl<L: Acquirable> Sealed for Acquire<L> {}

impl<L: Acquirable> Chain for Acquire<L> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<L::Guard> {
        let State::Waits(later, _) = &mut self.state else {
            return Unwind::Idle;
        };
        // What was granted before the cancellation stands, even if the task is to give way.
        let mut unconstrained = core::pin::pin!(tokio::task::unconstrained(later));
        let polled = unconstrained
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(guard) => {
                self.state = State::Granted(guard);
                Unwind::Idle
            }
            Poll::Pending => {
                self.state = State::Done;
                Unwind::Out
            }
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, L::NAME);
    }
}

impl<L: Acquirable> fmt::Debug for Acquire<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").finish_non_exhaustive()
    }
}

/// Counts those that wait. A clone is the same one.
#[derive(Clone, Default)]
#[allow(unreachable_pub, reason = "a trait that is sealed names it")]
pub struct Queue {
    waiting: Arc<AtomicUsize>,
}

impl Queue {
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn join(self) -> Place {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Place { queue: self }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// One of those that wait.
struct Place {
    queue: Queue,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
