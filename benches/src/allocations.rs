//! The allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static COUNT: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to `System` as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Load and store: nothing here allocates on two threads while it is counted.
        COUNT.store(COUNT.load(Relaxed) + 1, Relaxed);
        BYTES.store(BYTES.load(Relaxed) + layout.size(), Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.store(COUNT.load(Relaxed) + 1, Relaxed);
        // As if it were a new one: what is asked for here does not grow.
        BYTES.store(BYTES.load(Relaxed) + size, Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often `work` allocates.
pub fn of<T>(work: impl FnOnce() -> T) -> usize {
    let before = COUNT.load(Relaxed);
    let _ = std::hint::black_box(work());
    COUNT.load(Relaxed) - before
}

/// How many bytes `work` asks for.
pub fn bytes<T>(work: impl FnOnce() -> T) -> usize {
    let before = BYTES.load(Relaxed);
    let _ = std::hint::black_box(work());
    BYTES.load(Relaxed) - before
}
