//! The order in which calls begin.

use core::mem;
use core::task::{Context, Waker};
use std::sync::{Arc, Mutex, PoisonError};

use crate::sync::ordered::{Key, Ordered};

/// Calls that have come and not begun, the oldest first.
pub(super) struct Turns(Mutex<Ordered<(), Waker>>);

impl Turns {
    pub(super) const fn new() -> Self {
        Turns(Mutex::new(Ordered::new()))
    }

    /// No waker is called in here, and none dropped.
    fn with<R>(&self, change: impl FnOnce(&mut Ordered<(), Waker>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The turn of a call. Dropping it makes it that of the next one.
pub(super) struct Turn {
    of: Arc<Turns>,
    place: Key,
}

impl Turn {
    /// That of who comes now.
    pub(super) fn new(of: Arc<Turns>, cx: &Context<'_>) -> Self {
        let waker = cx.waker().clone();
        let place = of.with(|turns| turns.insert((), waker));
        Turn { of, place }
    }

    /// Whether it has come. If not, this task is woken when it does.
    pub(super) fn has_come(&self, cx: &Context<'_>) -> bool {
        let (has_come, _old) = self.of.with(|turns| {
            let has_come = turns.first().is_some_and(|(first, ..)| first == self.place);
            let waker = turns.get_mut(self.place);
            let old = waker
                .filter(|waker| !waker.will_wake(cx.waker()))
                .map(|waker| mem::replace(waker, cx.waker().clone()));
            (has_come, old)
        });
        has_come
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (next, _old) = self.of.with(|turns| {
            let was_first = turns.first().is_some_and(|(first, ..)| first == self.place);
            let old = turns.remove(self.place);
            let next = turns.first().filter(|_| was_first);
            (next.map(|(_, (), waker)| waker.clone()), old)
        });
        if let Some(next) = next {
            next.wake();
        }
    }
}
