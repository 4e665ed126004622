//! The atomics of a node: loom's where loom looks at it.

#[cfg(not(all(test, loom)))]
pub(super) use {
    core::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence},
    futures::task::AtomicWaker,
};

#[cfg(all(test, loom))]
pub(super) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

#[cfg(all(test, loom))]
pub(super) use self::with_loom::AtomicWaker;

#[cfg(all(test, loom))]
mod with_loom {
    use core::task::Waker;

    /// Loom's, with the method that it names otherwise.
    pub(crate) struct AtomicWaker(loom::future::AtomicWaker);

    impl AtomicWaker {
        pub(crate) fn new() -> Self {
            AtomicWaker(loom::future::AtomicWaker::new())
        }
        pub(crate) fn register(&self, waker: &Waker) {
            self.0.register_by_ref(waker);
        }
        pub(crate) fn take(&self) -> Option<Waker> {
            self.0.take_waker()
        }
    }
}
