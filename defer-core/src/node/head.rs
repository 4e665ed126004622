//! The part of a node that its wakers see: a count, flags, whom to tell.
//!
//! One word holds the count and the flags, so that a wake-up and the poll that follows it
//! are two atomic steps each. Who may use the slot:
//!
//! - the box, to write, while neither `REGISTERED` nor `TELLING` is set;
//! - one waker, to read, from setting `TELLING` (which clears `REGISTERED`) to clearing it;
//!   it counts as a reference meanwhile;
//! - the box, to read, any time;
//! - once `CLOSED` is set: the waker that is telling, or the box, if none is.

use alloc::alloc::{Layout, dealloc};
use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::sync::{AtomicUsize, Ordering, Slot, fence};

/// Something inside has to be polled. Set means: whoever polls the box was told, or finds
/// the flag before it waits.
const WOKEN: usize = 1;
/// Whom to tell stands in the slot.
const REGISTERED: usize = 2;
/// A waker reads the slot.
const TELLING: usize = 4;
/// The box is gone.
const CLOSED: usize = 8;
/// One reference: the box, each waker that was cloned, one that tells.
const REF: usize = 16;

/// What a node begins with. It outlives the chain behind it as long as a waker lives.
pub(super) struct Head {
    state: AtomicUsize,
    /// The waker of the box's last poll that was pending.
    slot: Slot<Option<Waker>>,
    /// Of the whole node: the last one to go may not know its type.
    layout: Layout,
}

impl Head {
    /// With one reference, the box's. A first poll always polls.
    #[inline]
    pub(super) fn new(layout: Layout) -> Self {
        Head {
            state: AtomicUsize::new(REF | WOKEN),
            slot: Slot::new(None),
            layout,
        }
    }

    #[inline]
    pub(super) fn is_woken(&self) -> bool {
        self.state.load(Ordering::Acquire) & WOKEN != 0
    }

    /// See what the wakers have written: a poll follows.
    #[inline]
    pub(super) fn clear_woken(&self) {
        self.state.fetch_and(!WOKEN, Ordering::AcqRel);
    }

    /// As `clear_woken` where no waker has been given away yet.
    #[inline]
    pub(super) fn clear_first(&self) {
        self.state.store(REF, Ordering::Relaxed);
    }

    /// The next poll polls inside; whoever asks for it polls by itself.
    pub(super) fn set_woken(&self) {
        self.state.fetch_or(WOKEN, Ordering::Release);
    }

    /// Say whom to tell; whether the box may wait for that.
    ///
    /// # Safety
    ///
    /// The caller is the box.
    #[inline]
    pub(super) unsafe fn register(&self, parent: &Waker) -> bool {
        let mut state = self.state.load(Ordering::Acquire);
        // SAFETY: nobody but the box writes, as long as there is a box.
        let same = self.slot.with(|slot| {
            unsafe { &*slot }
                .as_ref()
                .is_some_and(|old| old.will_wake(parent))
        });
        if state & REGISTERED != 0 {
            if same {
                return state & WOKEN == 0;
            }
            state = self.state.fetch_and(!REGISTERED, Ordering::AcqRel);
        }
        if state & (WOKEN | TELLING) != 0 {
            // The old one is being told, and has been read already.
            return false;
        }
        if !same {
            let new = parent.clone();
            // SAFETY: it is neither registered nor read, and only the box registers.
            drop(
                self.slot
                    .with_mut(|slot| unsafe { slot.replace(Some(new)) }),
            );
        }
        self.state.fetch_or(REGISTERED, Ordering::AcqRel) & WOKEN == 0
    }

    /// Forget whom to tell: the box goes.
    ///
    /// # Safety
    ///
    /// The caller is the box, and registers no more.
    pub(super) unsafe fn close(&self) {
        let closed = |state| Some((state & !REGISTERED) | CLOSED);
        let state = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, closed);
        if state.is_ok_and(|state| state & TELLING == 0) {
            // SAFETY: nobody reads it, nor will.
            drop(self.slot.with_mut(|slot| unsafe { slot.replace(None) }));
        }
    }

    /// Set the flag; whether there is somebody to tell, who has not been told yet. Then the
    /// node is kept, and the slot as it is, until `told`.
    fn tell(&self) -> bool {
        let mut tells = false;
        let telling = |state| {
            tells = state & (WOKEN | REGISTERED) == REGISTERED;
            Some(if tells {
                ((state | WOKEN | TELLING) & !REGISTERED) + REF
            } else {
                // Written even if it was set: the poll is to see what came before.
                state | WOKEN
            })
        };
        let _ = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, telling);
        tells
    }

    /// Whether there is no waker besides the box.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        self.state.load(Ordering::Acquire) / REF == 1
    }
}

/// A head whose slot is being read.
struct Telling(NonNull<Head>);

impl Telling {
    /// The next one to tell, if it is a node; others have been told.
    fn pass_on(&self) -> Option<Telling> {
        // SAFETY: kept until `self` is dropped.
        let head = unsafe { self.0.as_ref() };
        head.slot.with(|slot| {
            // SAFETY: `TELLING` is set.
            let waker = unsafe { &*slot }.as_ref()?;
            let Some(next) = node_of(waker) else {
                waker.wake_by_ref();
                return None;
            };
            // SAFETY: the waker keeps it, and the slot keeps the waker.
            unsafe { next.as_ref() }.tell().then(|| Telling(next))
        })
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        // SAFETY: there is the reference that `tell` has taken.
        let head = unsafe { self.0.as_ref() };
        let mut state = head.state.load(Ordering::Acquire);
        loop {
            if state & CLOSED != 0 {
                // SAFETY: the box has gone and left it to whoever is telling.
                drop(head.slot.with_mut(|slot| unsafe { slot.replace(None) }));
            }
            let told = state - TELLING - REF;
            let exchanged =
                head.state
                    .compare_exchange(state, told, Ordering::AcqRel, Ordering::Acquire);
            match exchanged {
                // SAFETY: that was the last reference, or else nothing is touched any more.
                Ok(_) if told / REF == 0 => return unsafe { free(self.0) },
                Ok(_) => return,
                Err(other) => state = other,
            }
        }
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
    let state = head.state.fetch_add(REF, Ordering::Relaxed);
    // Forgotten wakers must not make the count begin anew.
    assert!(state <= isize::MAX as usize, "too many wakers");
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
    let Some(head) = NonNull::new(data.cast_mut().cast::<Head>()) else {
        return;
    };
    // SAFETY: this waker keeps it alive.
    let mut telling = unsafe { head.as_ref() }.tell().then(|| Telling(head));
    // From node to node in a loop: there may be more of them than the stack has room for.
    while let Some(told) = telling {
        telling = told.pass_on();
    }
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
    if unsafe { &head.as_ref().state }.fetch_sub(REF, Ordering::Release) / REF == 1 {
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
