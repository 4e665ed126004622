//! Which members were woken: a head for each, in one allocation, and the wakers of all.
//!
//! A waker points to the head of its member. Waking puts the head on a stack and, if the
//! list sleeps, tells the task of the list; whoever polls the list takes all of the stack at
//! once and turns it round, so that members are polled in the order in which they woke.
//! Heads are named by their index. They know nothing of the chains, which are dropped with
//! the list, on its thread: a waker may stay behind, on any thread, and keeps the heads only.
//!
//! # Why this is not safe Rust
//!
//! A safe waker is an `Arc` of its own for every member. What that costs is in
//! `benches/README.md`.
//!
//! # Who may touch what
//!
//! - `Head::state`: everybody. Who sets `QUEUED` puts the head in the queue, nobody else
//!   does until the list has cleared it again.
//! - `Head::next`: who has set `QUEUED`, until the head is on the stack; then the list.
//! - `Shared::woken`: wakers put on top; the list takes all. The head that is below comes
//!   from the stack as it is when the new one is put on it, so that it does not matter what
//!   was there in between.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::{self, ManuallyDrop};
use core::ptr::NonNull;
use core::task::{Context, RawWaker, RawWakerVTable, Waker};

#[cfg(not(all(test, loom)))]
use alloc::sync::Arc;
#[cfg(not(all(test, loom)))]
use core::sync::atomic::{AtomicU32, Ordering};
#[cfg(all(test, loom))]
use loom::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::lock::{Lock, register, wake};

/// The head is in the queue, or on its way there. The other bits of the word are the index.
const QUEUED: u32 = 1;

/// No head comes after this one, or none is on the stack.
const NONE: u32 = u32::MAX;
/// None is on the stack, and the list sleeps until its task is told.
const SLEEPS: u32 = u32::MAX - 1;
/// There is no list any more.
const CLOSED: u32 = u32::MAX - 2;
/// So many heads there can be.
const MOST: usize = (u32::MAX >> 1) as usize;

/// What the wakers see of one member.
struct Head {
    /// All heads are freed with it, and every waker counts for it.
    shared: *const Shared,
    state: AtomicU32,
    /// What comes next in the queue.
    next: AtomicU32,
}

impl Head {
    fn index(&self) -> u32 {
        self.state.load(Ordering::Relaxed) >> 1
    }

    /// Claim it for the queue; whether it was not there. Written even if it was: the poll
    /// that follows is to see what came before.
    #[inline]
    fn claim(&self) -> bool {
        self.state.fetch_or(QUEUED, Ordering::AcqRel) & QUEUED == 0
    }
}

/// Heads in one allocation. It does not free them: [`Shared`] does.
#[derive(Clone, Copy)]
struct Heads(NonNull<[Head]>);

// SAFETY: heads are atomics, but for the pointer, which is used by who has a reference to
// `Shared`, as any of its references may be: on every thread.
unsafe impl Send for Heads {}
// SAFETY: as above.
unsafe impl Sync for Heads {}

impl Heads {
    const EMPTY: Heads = Heads(NonNull::slice_from_raw_parts(NonNull::dangling(), 0));
}

/// What all wakers of a list have in common. The list counts for one reference.
struct Shared {
    /// The head on top of the stack, or what there is instead.
    woken: AtomicU32,
    /// The task of the list.
    parent: Lock<Option<Waker>>,
    heads: Lock<Owned>,
}

/// Every head there is. Most lists have one allocation of them.
struct Owned {
    first: Heads,
    more: Vec<Heads>,
}

impl Shared {
    /// `head` is one of its own.
    fn wake(&self, head: &Head) {
        if !head.claim() {
            return;
        }
        let index = head.index();
        let mut below = self.woken.load(Ordering::Relaxed);
        loop {
            if below == CLOSED {
                return;
            }
            let next = if below == SLEEPS { NONE } else { below };
            head.next.store(next, Ordering::Relaxed);
            match self.woken.compare_exchange_weak(
                below,
                index,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(other) => below = other,
            }
        }
        if below == SLEEPS {
            self.tell();
        }
    }

    fn tell(&self) {
        wake(self.parent.with(Option::take));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let (first, more) = self
            .heads
            .with(|owned| (owned.first, mem::take(&mut owned.more)));
        for heads in core::iter::once(first).chain(more) {
            // SAFETY: it came from a box in `Wakes::grow`, or is as empty as one. It is reached
            // through references to `self` only.
            drop(unsafe { Box::from_raw(heads.0.as_ptr()) });
        }
    }
}

/// The heads of a list, and the queue of those that are to be polled.
pub(super) struct Wakes {
    shared: Option<Arc<Shared>>,
    first: Heads,
    /// Each with the index of its first one.
    more: Vec<(usize, Heads)>,
    /// How many there are.
    heads: usize,
    /// The queue as far as the list has taken it over: its ends. Without a first one there
    /// is no last one.
    queue: (u32, u32),
}

impl Wakes {
    pub(super) const fn new() -> Self {
        Wakes {
            shared: None,
            first: Heads::EMPTY,
            more: Vec::new(),
            heads: 0,
            queue: (NONE, NONE),
        }
    }

    /// So many heads, all of them in the queue, in order.
    pub(super) fn queued(many: usize) -> Self {
        let mut wakes = Wakes::new();
        if many > 0 {
            wakes.grow(many, QUEUED);
            wakes.queue = (0, (many - 1) as u32);
        }
        wakes
    }

    /// How many heads there are.
    pub(super) fn len(&self) -> usize {
        self.heads
    }

    /// Add so many heads.
    pub(super) fn add(&mut self, many: usize) {
        self.grow(many, 0);
    }

    fn grow(&mut self, many: usize, state: u32) {
        let start = self.heads;
        let end = start.saturating_add(many);
        assert!(end <= MOST, "a list has too many members");
        let shared = self.shared.get_or_insert_with(|| {
            Arc::new(Shared {
                woken: AtomicU32::new(NONE),
                parent: Lock::new(None),
                heads: Lock::new(Owned {
                    first: Heads::EMPTY,
                    more: Vec::new(),
                }),
            })
        });
        let at = Arc::as_ptr(shared);
        let heads: Box<[Head]> = (start as u32..end as u32)
            .map(|index| Head {
                shared: at,
                state: AtomicU32::new(index << 1 | state),
                next: AtomicU32::new(if index + 1 == end as u32 {
                    NONE
                } else {
                    index + 1
                }),
            })
            .collect();
        let heads = Heads(NonNull::from(Box::leak(heads)));
        if start == 0 {
            shared.heads.with(|owned| owned.first = heads);
            self.first = heads;
        } else {
            shared.heads.with(|owned| owned.more.push(heads));
            self.more.push((start, heads));
        }
        self.heads = end;
    }

    #[inline]
    fn head(&self, index: u32) -> &Head {
        let index = index as usize;
        // SAFETY: heads are there as long as `shared`, and are shared by all.
        match unsafe { self.first.0.as_ref() }.get(index) {
            Some(head) => head,
            None => self.further(index),
        }
    }

    fn further(&self, index: usize) -> &Head {
        let at = self.more.partition_point(|&(start, _)| start <= index) - 1;
        let (start, heads) = self.more[at];
        // SAFETY: as above.
        let heads = unsafe { heads.0.as_ref() };
        &heads[index - start]
    }

    /// Put it at the end of the queue, unless it is there.
    pub(super) fn queue(&mut self, index: u32) {
        if self.head(index).claim() {
            // Those that woke before come before.
            self.take_over();
            self.head(index).next.store(NONE, Ordering::Relaxed);
            self.append(index, index);
        }
    }

    /// Take the stack over, turned round.
    fn take_over(&mut self) {
        let Some(shared) = &self.shared else { return };
        // Nobody else takes anything away.
        if matches!(shared.woken.load(Ordering::Relaxed), NONE | SLEEPS) {
            return;
        }
        let last = shared.woken.swap(NONE, Ordering::AcqRel);
        let (mut first, mut after) = (last, NONE);
        loop {
            let below = self.head(first).next.load(Ordering::Relaxed);
            self.head(first).next.store(after, Ordering::Relaxed);
            if below == NONE {
                break;
            }
            (after, first) = (first, below);
        }
        self.append(first, last);
    }

    fn append(&mut self, first: u32, last: u32) {
        if self.queue.0 == NONE {
            self.queue.0 = first;
        } else {
            self.head(self.queue.1).next.store(first, Ordering::Relaxed);
        }
        self.queue.1 = last;
    }

    /// The next one in the queue. It counts as there until [`begin`](Wakes::begin).
    #[inline]
    pub(super) fn next(&mut self) -> Option<u32> {
        if self.queue.0 == NONE {
            self.take_over();
            if self.queue.0 == NONE {
                return None;
            }
        }
        let index = self.queue.0;
        self.queue.0 = self.head(index).next.load(Ordering::Relaxed);
        Some(index)
    }

    /// It is polled now: from here on a wake-up asks for one more poll. `first`: it never was, so
    /// that there is no waker of it.
    #[inline]
    pub(super) fn begin(&self, index: u32, first: bool) {
        let state = &self.head(index).state;
        if first {
            state.store(index << 1, Ordering::Relaxed);
        } else {
            state.fetch_and(!QUEUED, Ordering::AcqRel);
        }
    }

    /// Whether it has been woken since it began.
    #[inline]
    pub(super) fn is_queued(&self, index: u32) -> bool {
        self.head(index).state.load(Ordering::Relaxed) & QUEUED != 0
    }

    /// Its waker, borrowed from `self`: it counts for nothing, and is not to be dropped.
    #[inline]
    pub(super) fn waker(&self, index: u32) -> Borrowed<'_> {
        let head: *const Head = self.head(index);
        // SAFETY: the functions of `WAKER` keep the contract of wakers: they may be called on
        // any thread, and what they use is counted, but by this one, which borrows `self`
        // and is never dropped.
        let waker = ManuallyDrop::new(unsafe { Waker::new(head.cast(), &WAKER) });
        Borrowed {
            waker,
            _from: core::marker::PhantomData,
        }
    }

    /// Whether nothing is in the queue now.
    pub(super) fn is_empty(&self) -> bool {
        let none =
            |shared: &Arc<Shared>| matches!(shared.woken.load(Ordering::Relaxed), NONE | SLEEPS);
        self.queue.0 == NONE && self.shared.as_ref().is_none_or(none)
    }

    /// Sleep until a member wakes; the queue that was taken over is empty. Not if one has
    /// woken.
    pub(super) fn sleep(&self, cx: &Context<'_>) -> bool {
        let Some(shared) = &self.shared else {
            return true;
        };
        drop(shared.parent.with(|parent| register(parent, cx)));
        // Who wakes after that finds the task. Who finds another one there instead has put
        // its head on the stack before.
        let sleeps =
            shared
                .woken
                .compare_exchange(NONE, SLEEPS, Ordering::AcqRel, Ordering::Acquire);
        matches!(sleeps, Ok(_) | Err(SLEEPS))
    }

    /// Tell the task of the list, if the list sleeps.
    pub(super) fn rouse(&self) {
        let Some(shared) = &self.shared else { return };
        let sleeps =
            shared
                .woken
                .compare_exchange(SLEEPS, NONE, Ordering::AcqRel, Ordering::Relaxed);
        if sleeps.is_ok() {
            shared.tell();
        }
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.woken.swap(CLOSED, Ordering::AcqRel);
            // A waker that stays behind keeps nobody's task.
            drop(shared.parent.with(Option::take));
        }
    }
}

/// A waker that counts for nothing.
pub(super) struct Borrowed<'w> {
    waker: ManuallyDrop<Waker>,
    _from: core::marker::PhantomData<&'w Wakes>,
}

impl core::ops::Deref for Borrowed<'_> {
    type Target = Waker;
    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

static WAKER: RawWakerVTable = RawWakerVTable::new(clone, wake_and_drop, wake_by_ref, release);

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned keeps the head and what it points to, which came
    // from an `Arc`.
    unsafe { Arc::increment_strong_count((*data.cast::<Head>()).shared) };
    RawWaker::new(data, &WAKER)
}

unsafe fn wake_and_drop(data: *const ()) {
    let head = data.cast::<Head>();
    // SAFETY: the waker is consumed: its reference becomes this one, which keeps the head
    // until it is dropped, even if the task of the list panics when it is told.
    unsafe {
        let shared = Arc::from_raw((*head).shared);
        shared.wake(&*head);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    let head = data.cast::<Head>();
    // SAFETY: this waker keeps the head and what it points to.
    unsafe { (*(*head).shared).wake(&*head) }
}

unsafe fn release(data: *const ()) {
    // SAFETY: the waker gives up the reference it has, and uses the head no more.
    unsafe { drop(Arc::from_raw((*data.cast::<Head>()).shared)) }
}
