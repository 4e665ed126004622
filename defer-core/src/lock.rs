//! A lock that is held for a few instructions.

use core::task::{Context, Waker};

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(any(feature = "std", loom)))]
use spin::Mutex;
#[cfg(all(feature = "std", not(loom)))]
use std::sync::Mutex;

/// A value that threads share. What is done under the lock takes no other lock and wakes
/// nobody.
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Lock(Mutex::new(value))
    }

    #[inline]
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let locked = self.0.lock();
        // The waker of a foreign executor may panic when it is cloned; what it was to be
        // stored in is as it was.
        #[cfg(any(feature = "std", loom))]
        let locked = locked.unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut locked = locked;
        change(&mut locked)
    }
}

/// Keep the waker of who waits. The one it replaces is to be dropped outside the lock.
pub(crate) fn register(place: &mut Option<Waker>, cx: &Context<'_>) -> Option<Waker> {
    match place {
        Some(waker) if waker.will_wake(cx.waker()) => None,
        _ => place.replace(cx.waker().clone()),
    }
}

/// Wake who waits, outside of the lock.
pub(crate) fn wake(waiting: Option<Waker>) {
    if let Some(waiting) = waiting {
        waiting.wake();
    }
}
