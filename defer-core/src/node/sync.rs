//! The atomics of a node: loom's where loom looks at it.

#[cfg(not(all(test, loom)))]
pub(super) use core::sync::atomic::{AtomicUsize, Ordering, fence};

#[cfg(all(test, loom))]
pub(super) use loom::{
    cell::UnsafeCell as Slot,
    sync::atomic::{AtomicUsize, Ordering, fence},
};

/// A place that the caller knows to be his own for a while.
#[cfg(not(all(test, loom)))]
pub(super) struct Slot<T>(core::cell::UnsafeCell<T>);

#[cfg(not(all(test, loom)))]
impl<T> Slot<T> {
    #[inline]
    pub(super) fn new(value: T) -> Self {
        Slot(core::cell::UnsafeCell::new(value))
    }
    #[inline]
    pub(super) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }
    #[inline]
    pub(super) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}
