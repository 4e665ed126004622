//! The part of a node that its wakers see: a count, a flag, whom to tell.

use alloc::alloc::{Layout, dealloc};
use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::sync::{AtomicBool, AtomicUsize, AtomicWaker, Ordering, fence};

/// What a node begins with. It outlives the chain behind it as long as a waker lives.
pub(super) struct Head {
    /// The box, and every waker that was cloned.
    refs: AtomicUsize,
    /// Something inside has to be polled. Set means: whoever polls the box was told, or
    /// finds the flag before it waits.
    woken: AtomicBool,
    /// Whom to tell: the waker of the box's last poll that was pending.
    parent: AtomicWaker,
    /// Of the whole node: the last one to go may not know its type.
    layout: Layout,
}

impl Head {
    /// With one reference, the box's. A first poll always polls.
    #[inline]
    pub(super) fn new(layout: Layout) -> Self {
        Head {
            refs: AtomicUsize::new(1),
            woken: AtomicBool::new(true),
            parent: AtomicWaker::new(),
            layout,
        }
    }

    #[inline]
    pub(super) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }

    /// See what the wakers have written: a poll follows.
    #[inline]
    pub(super) fn clear_woken(&self) {
        self.woken.swap(false, Ordering::AcqRel);
    }

    /// As `clear_woken` where no waker has been given away yet.
    #[inline]
    pub(super) fn clear_first(&self) {
        self.woken.store(false, Ordering::Relaxed);
    }

    /// The next poll polls inside; whoever asks for it polls by itself.
    #[inline]
    pub(super) fn set_woken(&self) {
        self.woken.store(true, Ordering::Release);
    }

    /// To be followed by a look at the flag: a waker that came before found the old one.
    #[inline]
    pub(super) fn register(&self, parent: &Waker) {
        self.parent.register(parent);
    }

    /// Forget whom to tell.
    pub(super) fn unregister(&self) {
        drop(self.parent.take());
    }

    /// Set the flag; whom to tell, if nobody has been told yet.
    #[inline]
    fn tell(&self) -> Option<Waker> {
        if self.woken.swap(true, Ordering::AcqRel) {
            return None;
        }
        self.parent.take()
    }

    /// Whether there is no waker besides the box.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        self.refs.load(Ordering::Acquire) == 1
    }
}

/// By its address a waker is known to be a node's.
static WAKER: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release_waker);

/// The waker of a node, borrowed: it counts for nothing.
///
/// # Safety
///
/// `head` begins a node that is not freed as long as the waker is used.
#[inline]
pub(super) unsafe fn waker(head: NonNull<Head>) -> ManuallyDrop<Waker> {
    let data = head.as_ptr().cast_const().cast();
    // SAFETY: the functions of `WAKER` keep the contract of wakers: they may be called on
    // any thread, and the node is counted. The one that is made here is never dropped.
    ManuallyDrop::new(unsafe { Waker::new(data, &WAKER) })
}

/// The node that the waker is of, if it is a node's.
#[inline]
pub(super) fn node_of(waker: &Waker) -> Option<NonNull<Head>> {
    if !core::ptr::eq(waker.vtable(), &WAKER) {
        return None;
    }
    NonNull::new(waker.data().cast_mut().cast())
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: `data` is a head that this waker keeps alive.
    let head = unsafe { &*data.cast::<Head>() };
    let refs = head.refs.fetch_add(1, Ordering::Relaxed);
    // Forgotten wakers must not make the count begin anew.
    assert!(refs <= isize::MAX as usize, "too many wakers");
    RawWaker::new(data, &WAKER)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is consumed: its reference is used, then given up.
    unsafe {
        wake_by_ref(data);
        release_waker(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: `data` is a head that this waker keeps alive.
    let head = unsafe { &*data.cast::<Head>() };
    let Some(mut told) = head.tell() else { return };
    // From node to node in a loop: there may be more of them than the stack has room for.
    while let Some(next) = node_of(&told) {
        // SAFETY: `told` keeps the node alive.
        match unsafe { next.as_ref() }.tell() {
            Some(waker) => told = waker,
            None => return,
        }
    }
    told.wake();
}

unsafe fn release_waker(data: *const ()) {
    if let Some(head) = NonNull::new(data.cast_mut().cast()) {
        // SAFETY: the waker gives up the reference it has.
        unsafe { release(head) }
    }
}

/// Give up one reference.
///
/// # Safety
///
/// `head` begins a node from the global allocator, and the caller has a reference that it
/// uses no more. The last one comes after the chain was dropped.
pub(super) unsafe fn release(head: NonNull<Head>) {
    // SAFETY: it is alive until the count is given up.
    if unsafe { &head.as_ref().refs }.fetch_sub(1, Ordering::Release) == 1 {
        fence(Ordering::Acquire);
        // SAFETY: it was the last one.
        unsafe { free(head) }
    }
}

/// Free a node whose only reference is the caller's.
///
/// # Safety
///
/// As [`release`], and nobody else has a reference.
#[inline]
pub(super) unsafe fn free(head: NonNull<Head>) {
    // SAFETY: nobody else sees the head. What lies behind it needs no drop any more, and
    // the layout is the one that it was allocated with.
    unsafe {
        let layout = head.as_ref().layout;
        head.drop_in_place();
        dealloc(head.as_ptr().cast(), layout);
    }
}
