//! What the clones of a shared deferred have in common: the work, then its outcome.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::Future;
use core::mem;
use core::pin::Pin;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, Ordering};

use super::fan::{Entry, Fan};
use super::waiting::Place;
use crate::chain::{Chain, Unwind};
use crate::lock::Lock;
use crate::plan::{Draw, Node, node};

/// The work and its waker.
///
/// Two locks, because a waker may be on any thread and live for ever, and the work need not.
/// The work is taken out of its lock while it is polled: nobody waits for a lock, and nothing
/// of the user's runs under one but the `clone` of the outcome.
pub(super) struct Hub<F: Future> {
    fan: Arc<Fan>,
    /// The fan, as what the work is polled with.
    waker: Waker,
    work: Lock<Work<F>>,
    /// The work is not polled any more: the fan knows it too, this is quicker to ask.
    over: AtomicBool,
}

enum Work<F: Future> {
    Waits(Waits<F>),
    /// By whoever has the turn.
    Taken,
    Is(F::Output),
    /// A cancellation has left it.
    Left,
    Panicked,
}

struct Waits<F> {
    chain: Pin<Box<F>>,
    begun: bool,
    /// It was cancelled.
    settles: bool,
}

/// What became of the work.
pub(super) enum Ended<O> {
    Is(O),
    Left,
    Panicked,
}

/// What became of a cancellation of work that nobody else has.
pub(super) enum Alone<F: Future> {
    /// The work is there still.
    Back(Hub<F>, Unwind<F::Output>),
    Gone(Unwind<F::Output>),
}

impl<F: Chain> Hub<F> {
    pub(super) fn new(chain: F) -> Self {
        let fan = Fan::new();
        Hub {
            waker: Waker::from(fan.clone()),
            fan,
            work: Lock::new(Work::Waits(Waits {
                chain: Box::pin(chain),
                begun: false,
                settles: false,
            })),
            over: AtomicBool::new(false),
        }
    }

    /// Whether there is something to cancel.
    pub(super) fn runs(&self) -> bool {
        self.work.with(|work| match work {
            Work::Waits(waits) => waits.begun,
            Work::Taken => true,
            Work::Is(_) | Work::Left | Work::Panicked => false,
        })
    }

    /// A clone is polled.
    #[inline]
    pub(super) fn poll(&self, place: &mut Option<Place>, cx: &Context<'_>) -> Poll<Ended<F::Output>>
    where
        F::Output: Clone,
    {
        if self.over.load(Ordering::Acquire) {
            return Poll::Ready(self.ended());
        }
        match self.fan.enter(place, cx) {
            Entry::Turn => self.turn(place, cx),
            Entry::Wait => Poll::Pending,
            Entry::Over => Poll::Ready(self.ended()),
            Entry::Inside => awaits_itself(),
        }
    }

    fn turn(&self, place: &mut Option<Place>, cx: &Context<'_>) -> Poll<Ended<F::Output>>
    where
        F::Output: Clone,
    {
        let mut turn = TurnToPoll {
            hub: self,
            waits: self.take(),
            outcome: false,
        };
        let Some(waits) = &mut turn.waits else {
            unreachable!("whoever has the turn has the work")
        };
        waits.begun = true;
        let mut inside = Context::from_waker(&self.waker);
        let polled = if waits.settles {
            waits.chain.as_mut().poll_settle(&mut inside)
        } else {
            waits.chain.as_mut().poll(&mut inside).map(Some)
        };
        let Poll::Ready(outcome) = polled else {
            let waits = turn.waits.take();
            mem::forget(turn);
            self.put_back(waits);
            self.fan.wait(place, cx);
            return Poll::Pending;
        };
        let stored = &mut turn.outcome;
        let ended = self.work.with(|work| {
            *work = outcome.map_or(Work::Left, Work::Is);
            *stored = true;
            work.ended()
        });
        Poll::Ready(ended)
    }

    fn ended(&self) -> Ended<F::Output>
    where
        F::Output: Clone,
    {
        self.work.with(|work| work.ended())
    }

    /// The work, for whoever has the turn.
    #[inline]
    fn take(&self) -> Option<Waits<F>> {
        let waits = |work: &mut Work<F>| match mem::replace(work, Work::Taken) {
            Work::Waits(waits) => Some(waits),
            // An outcome stays where it is.
            other => {
                *work = other;
                None
            }
        };
        self.work.with(waits)
    }

    #[inline]
    fn put_back(&self, waits: Option<Waits<F>>) {
        if let Some(waits) = waits {
            self.work.with(|work| *work = Work::Waits(waits));
        }
    }

    pub(super) fn leave(&self, place: Place) {
        self.fan.leave(place);
    }

    /// Cancel the work: there is no other clone.
    pub(super) fn cancel(self) -> Alone<F> {
        let Some(mut waits) = self.take() else {
            return Alone::Back(self, Unwind::Idle);
        };
        let unwind = waits.chain.as_mut().cancel();
        match unwind {
            Unwind::Idle | Unwind::Stays => {
                waits.settles |= matches!(unwind, Unwind::Stays);
                self.put_back(Some(waits));
                self.fan.rouse();
                Alone::Back(self, unwind)
            }
            Unwind::Is(_) | Unwind::Out => Alone::Gone(unwind),
        }
    }

    /// Draw it, unless somebody polls it or draws it now.
    pub(super) fn describe(&self, identity: usize, to: &mut dyn Draw) {
        node(to, Node::Shared { identity }, |to| {
            if !to.enters_shared(identity) || !self.fan.enter_to_look() {
                return;
            }
            let turn = TurnToLook {
                hub: self,
                waits: self.take(),
            };
            if let Some(waits) = &turn.waits {
                waits.chain.describe(to);
            }
        });
    }
}

impl<F: Future> Work<F> {
    fn ended(&self) -> Ended<F::Output>
    where
        F::Output: Clone,
    {
        match self {
            Work::Is(outcome) => Ended::Is(outcome.clone()),
            Work::Left => Ended::Left,
            // Nobody looks while it is polled.
            Work::Panicked | Work::Waits(_) | Work::Taken => Ended::Panicked,
        }
    }
}

/// Ends the turn of a poll after which there is no other: the outcome is there, or it has
/// panicked.
struct TurnToPoll<'h, F: Chain> {
    hub: &'h Hub<F>,
    waits: Option<Waits<F>>,
    outcome: bool,
}

impl<F: Chain> Drop for TurnToPoll<'_, F> {
    #[inline]
    fn drop(&mut self) {
        /// Also if dropping the work panics.
        struct Over<'h>(&'h Fan);
        impl Drop for Over<'_> {
            fn drop(&mut self) {
                self.0.over();
            }
        }
        if !self.outcome {
            self.hub.work.with(|work| *work = Work::Panicked);
        }
        self.hub.over.store(true, Ordering::Release);
        let _over = Over(&self.hub.fan);
        self.waits = None;
    }
}

/// Ends a turn that has changed nothing.
struct TurnToLook<'h, F: Chain> {
    hub: &'h Hub<F>,
    waits: Option<Waits<F>>,
}

impl<F: Chain> Drop for TurnToLook<'_, F> {
    fn drop(&mut self) {
        self.hub.put_back(self.waits.take());
        self.hub.fan.looked();
    }
}

#[cold]
#[inline(never)]
fn awaits_itself() -> ! {
    panic!(
        "a shared deferred awaits itself: its work holds a clone of it, and each would wait \
         for the other"
    )
}
