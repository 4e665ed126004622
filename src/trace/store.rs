//! Where events are kept: one ring for each thread, nothing formatted, nothing looked up.

use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread_local;
use std::time::Instant;

use defer_core::Site;
use defer_core::trace::{Left, Tracer};

/// One poll of a call. Times are nanoseconds of the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) site: &'static Site,
    pub(super) from: u64,
    /// When the body began, if it was in this poll.
    pub(super) ran: Option<u64>,
    pub(super) to: u64,
    pub(super) call: u32,
    /// The call that was polled around it: 0 is none.
    pub(super) within: u32,
    pub(super) left: Left,
}

/// The last events of the threads that share it.
struct Ring {
    events: Vec<Event>,
    /// Where the oldest is, once it is full.
    next: usize,
    /// How many have been overwritten.
    lost: u64,
    most: usize,
}

impl Ring {
    const fn keeping(most: usize) -> Self {
        Ring {
            events: Vec::new(),
            next: 0,
            lost: 0,
            most,
        }
    }

    #[inline]
    fn push(&mut self, event: Event) {
        if self.events.len() < self.most {
            self.events.push(event);
            return;
        }
        self.lost += 1;
        if let Some(oldest) = self.events.get_mut(self.next) {
            *oldest = event;
            self.next += 1;
            if self.next == self.most {
                self.next = 0;
            }
        }
    }
}

/// More threads than this share rings.
const RINGS: usize = 64;

/// All of it: there is one for the process, as there is one [`Tracer`].
pub(super) struct Store {
    rings: [Mutex<Ring>; RINGS],
    /// The number of the next call.
    next: AtomicU32,
    /// The next thread's ring.
    thread: AtomicUsize,
}

pub(super) static STORE: Store = Store {
    rings: [const { Mutex::new(Ring::keeping(0)) }; RINGS],
    next: AtomicU32::new(1),
    thread: AtomicUsize::new(0),
};

/// A poll that has not ended.
struct Open {
    site: &'static Site,
    from: u64,
    ran: Option<u64>,
    /// When the last call in it ended its poll.
    inner: Option<u64>,
    call: u32,
}

/// What a thread knows.
struct Here {
    /// The calls that are polled, one inside the other.
    open: RefCell<Vec<Open>>,
    /// Which ring is its own.
    ring: Cell<Option<usize>>,
}

thread_local! {
    static HERE: Here = const {
        Here {
            open: RefCell::new(Vec::new()),
            ring: Cell::new(None),
        }
    };
}

/// Nanoseconds since this was asked first: an `Instant` takes twice the room.
pub(super) fn now() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let since = FIRST.get_or_init(Instant::now).elapsed();
    since.as_secs() * 1_000_000_000 + u64::from(since.subsec_nanos())
}

impl Store {
    /// Forget everything, and keep so many events of each thread from now on.
    pub(super) fn clear(&self, most: usize) {
        for ring in &self.rings {
            *lock(ring) = Ring::keeping(most);
        }
    }

    /// What is kept, with the number of the ring, and how many events were overwritten.
    pub(super) fn events(&self) -> (Vec<(Event, usize)>, u64) {
        let mut events = Vec::new();
        let mut lost = 0;
        for (number, ring) in self.rings.iter().enumerate() {
            let ring = lock(ring);
            events.extend(ring.events.iter().map(|event| (*event, number)));
            lost += ring.lost;
        }
        (events, lost)
    }

    #[inline]
    fn push(&self, here: &Here, event: Event) {
        let ring = here.ring.get().unwrap_or_else(|| {
            let ring = self.thread.fetch_add(1, Ordering::Relaxed) % RINGS;
            here.ring.set(Some(ring));
            ring
        });
        lock(&self.rings[ring]).push(event);
    }
}

fn lock(ring: &Mutex<Ring>) -> MutexGuard<'_, Ring> {
    // Nothing in there panics half-way.
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

// Where a thread ends, its own state may be gone: its last calls go unseen, then.
impl Tracer for Store {
    fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed).max(1)
    }

    fn enter(&self, site: &'static Site, call: u32, first: bool) {
        let _ = HERE.try_with(|here| {
            let from = now();
            // Without arguments there is nothing to wait for: a look at the clock is saved.
            let ran = (first && site.params.is_empty()).then_some(from);
            here.open.borrow_mut().push(Open {
                site,
                from,
                ran,
                inner: None,
                call,
            });
        });
    }

    fn run(&self, call: u32) {
        let _ = HERE.try_with(|here| {
            let mut open = here.open.borrow_mut();
            let open = open.last_mut().filter(|open| open.call == call);
            if let Some(open) = open.filter(|open| open.ran.is_none()) {
                // After the last argument nothing happens but this: a look at the clock is saved.
                open.ran = open.inner.or_else(|| Some(now()));
            }
        });
    }

    fn leave(&self, call: u32, left: Left) {
        let _ = HERE.try_with(|here| {
            let mut open = here.open.borrow_mut();
            if open.last().is_none_or(|open| open.call != call) {
                return;
            }
            let Some(poll) = open.pop() else { return };
            let to = now();
            let within = open.last_mut().map_or(0, |around| {
                around.inner = Some(to);
                around.call
            });
            drop(open);
            self.push(
                here,
                Event {
                    site: poll.site,
                    from: poll.from,
                    ran: poll.ran,
                    to,
                    call,
                    within,
                    left,
                },
            );
        });
    }

    fn unwound(&self, site: &'static Site, call: u32, left: Left) {
        let _ = HERE.try_with(|here| {
            let at = now();
            let event = Event {
                site,
                from: at,
                ran: None,
                to: at,
                call,
                within: 0,
                left,
            };
            self.push(here, event);
        });
    }
}
