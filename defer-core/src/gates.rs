//! What the tests of loom wait for, and who waits.

use alloc::sync::Arc;
use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::sync::Mutex;
use std::task::Wake;
use std::vec::Vec;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::{Chain, Deferred, defer};

/// A task: how often it was woken since it was last asked.
pub(crate) struct Task(AtomicUsize);

impl Task {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let task = Arc::new(Task(AtomicUsize::new(0)));
        (task.clone(), task.into())
    }
    pub(crate) fn woken(&self) -> bool {
        self.times() > 0
    }
    /// The same as a number.
    pub(crate) fn times(&self) -> usize {
        self.0.swap(0, Ordering::AcqRel)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A flag to wait for. The waker is handed over in the first poll.
pub(crate) struct Gate {
    open: AtomicBool,
    // Not loom's: it is filled before the other thread begins.
    wakers: Mutex<Vec<Waker>>,
    dropped: AtomicBool,
}

impl Gate {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Gate {
            open: AtomicBool::new(false),
            wakers: Mutex::new(Vec::new()),
            dropped: AtomicBool::new(false),
        })
    }
    pub(crate) fn wait(self: &Arc<Self>) -> Deferred<(), impl Chain<Output = ()> + use<>> {
        let held = Held(self.clone());
        defer(poll_fn(move |cx| {
            if held.0.open.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            let mut wakers = held.0.wakers.lock().unwrap();
            if wakers.is_empty() {
                wakers.push(cx.waker().clone());
            }
            Poll::Pending
        }))
    }
    /// The waker of its first poll.
    pub(crate) fn waker(&self) -> Waker {
        self.wakers.lock().unwrap()[0].clone()
    }
    pub(crate) fn is_polled(&self) -> bool {
        !self.wakers.lock().unwrap().is_empty()
    }
    pub(crate) fn forget(&self) {
        self.wakers.lock().unwrap().clear();
    }
    /// Whoever waits has to be woken as well.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }
    /// Whether the deferred is gone.
    pub(crate) fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Relaxed)
    }
}

struct Held(Arc<Gate>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dropped.store(true, Ordering::Relaxed);
    }
}
