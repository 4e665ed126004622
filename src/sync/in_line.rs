//! Those who wait in line, and what is given to them.

use core::task::{Context, Poll, Waker};

use std::vec::Vec;

use super::ordered::{Key, Ordered};

/// Who waits, the longest first; each of them may be given a `G`, and takes it when polled.
pub(crate) struct InLine<G> {
    /// Those who have been given something stand behind those who wait.
    places: Ordered<Stage, Place<G>>,
    given: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Waits,
    Given,
}

enum Place<G> {
    Waits(Waker),
    Given(G),
}

impl<G> InLine<G> {
    pub(crate) const fn new() -> Self {
        InLine {
            places: Ordered::new(),
            given: 0,
        }
    }

    /// How many wait. Those who have been given something do not.
    pub(crate) fn waiting(&self) -> usize {
        self.places.len() - self.given
    }

    /// Somebody comes.
    pub(crate) fn join(&mut self, cx: &Context<'_>) -> Key {
        let place = Place::Waits(cx.waker().clone());
        self.places.insert(Stage::Waits, place)
    }

    /// Take what was given. What comes back besides is to be dropped outside of the lock.
    pub(crate) fn poll(&mut self, place: Key, cx: &Context<'_>) -> (Poll<G>, Option<Waker>) {
        match self.places.get_mut(place) {
            Some(Place::Waits(waker)) if waker.will_wake(cx.waker()) => (Poll::Pending, None),
            Some(Place::Waits(waker)) => {
                let old = core::mem::replace(waker, cx.waker().clone());
                (Poll::Pending, Some(old))
            }
            _ => match self.leave(place) {
                (Some(given), old) => (Poll::Ready(given), old),
                (None, old) => (Poll::Pending, old),
            },
        }
    }

    /// Whether something was given to this one.
    pub(crate) fn is_given(&self, place: Key) -> bool {
        matches!(self.places.get(place), Some((Stage::Given, _)))
    }

    /// Give to the one who has waited longest, who is to be woken outside of the lock. It comes
    /// back if nobody waits.
    pub(crate) fn give(&mut self, given: G) -> Result<Waker, G> {
        let Some((first, Stage::Waits, _)) = self.places.first() else {
            return Err(given);
        };
        self.places.reprioritise(first, Stage::Given);
        self.given += 1;
        let given = Place::Given(given);
        match self
            .places
            .get_mut(first)
            .map(|place| core::mem::replace(place, given))
        {
            Some(Place::Waits(waker)) => Ok(waker),
            _ => unreachable!("who waits has a waker"),
        }
    }

    /// Somebody goes, with what was given, if anything was. The waker is to be dropped outside of
    /// the lock.
    pub(crate) fn leave(&mut self, place: Key) -> (Option<G>, Option<Waker>) {
        match self.places.remove(place) {
            Some((_, Place::Given(given))) => {
                self.given -= 1;
                (Some(given), None)
            }
            Some((_, Place::Waits(waker))) => (None, Some(waker)),
            None => (None, None),
        }
    }

    /// The wakers of all who wait, who go.
    pub(crate) fn leave_all(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::with_capacity(self.waiting());
        while let Some((first, Stage::Waits, _)) = self.places.first() {
            wakers.extend(self.leave(first).1);
        }
        wakers
    }
}

/// Wake all of them, in order. It is not done under any lock.
pub(crate) fn wake_all(wakers: impl Iterator<Item = Waker>) {
    /// A waker that panics takes nobody's wake-up with it.
    struct Rest<I: Iterator<Item = Waker>>(I);
    impl<I: Iterator<Item = Waker>> Drop for Rest<I> {
        fn drop(&mut self) {
            self.0.by_ref().for_each(Waker::wake);
        }
    }
    let mut rest = Rest(wakers);
    rest.0.by_ref().for_each(Waker::wake);
}
