//! The wakers of those who wait for one thing, and the place that each of them has there.

use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Waker};

/// Wakers, until all of them are called at once.
#[derive(Default)]
pub(super) struct Waiting {
    slots: Vec<Slot>,
    /// The first of the slots that are free; each of them knows the next one.
    free: Option<usize>,
    /// So often all of them were called: a place of another round has been given up.
    round: usize,
}

/// A slot of the list.
pub(super) enum Slot {
    Taken(Waker),
    Free(Option<usize>),
}

/// Where one of those who wait has left its waker.
pub(super) struct Place {
    round: usize,
    index: usize,
}

impl Waiting {
    /// Keep the waker of who waits. What is given back is to be dropped outside the lock.
    #[inline]
    pub(super) fn register(
        &mut self,
        place: &mut Option<Place>,
        cx: &Context<'_>,
    ) -> Option<Waker> {
        if let Some(Slot::Taken(kept)) = self.slot(place.as_ref()) {
            if kept.will_wake(cx.waker()) {
                return None;
            }
            return Some(mem::replace(kept, cx.waker().clone()));
        }
        // It may panic: nothing has changed yet.
        let taken = Slot::Taken(cx.waker().clone());
        let index = match self.free {
            Some(index) => {
                if let Slot::Free(next) = mem::replace(&mut self.slots[index], taken) {
                    self.free = next;
                }
                index
            }
            None => {
                self.slots.push(taken);
                self.slots.len() - 1
            }
        };
        *place = Some(Place {
            round: self.round,
            index,
        });
        None
    }

    /// Give the place up. The waker is to be dropped outside the lock.
    pub(super) fn leave(&mut self, place: Place) -> Option<Waker> {
        let next = self.free;
        let slot = self.slot(Some(&place))?;
        let Slot::Taken(waker) = mem::replace(slot, Slot::Free(next)) else {
            return None;
        };
        self.free = Some(place.index);
        Some(waker)
    }

    fn slot(&mut self, place: Option<&Place>) -> Option<&mut Slot> {
        let place = place.filter(|place| place.round == self.round)?;
        self.slots.get_mut(place.index)
    }

    /// All of them, to be called outside the lock. Every place is given up.
    #[inline]
    pub(super) fn call(&mut self) -> Called {
        if self.slots.is_empty() {
            return Called(Vec::new());
        }
        self.round = self.round.wrapping_add(1);
        self.free = None;
        Called(mem::take(&mut self.slots))
    }

    /// Use the memory of a list again.
    pub(super) fn reuse(&mut self, mut called: Called) {
        if self.slots.capacity() == 0 {
            self.slots = mem::take(&mut called.0);
        }
    }
}

/// Wakers that are to be called.
#[must_use = "who waits is to be woken"]
pub(super) struct Called(Vec<Slot>);

impl Called {
    /// Wake them, in the order in which they came. The list is empty afterwards.
    #[inline]
    pub(super) fn wake(&mut self) {
        /// A waker that panics takes nobody's wake-up with it.
        struct Rest<'c>(alloc::vec::Drain<'c, Slot>);
        impl Drop for Rest<'_> {
            #[inline]
            fn drop(&mut self) {
                for slot in self.0.by_ref() {
                    slot.wake();
                }
            }
        }
        if self.0.is_empty() {
            return;
        }
        let mut rest = Rest(self.0.drain(..));
        for slot in rest.0.by_ref() {
            slot.wake();
        }
    }

    /// Whether there was anybody.
    pub(super) fn had_any(&self) -> bool {
        self.0.capacity() > 0
    }
}

impl Slot {
    #[inline]
    fn wake(self) {
        if let Slot::Taken(waker) = self {
            waker.wake();
        }
    }
}
