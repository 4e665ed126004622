//! The jobs that are alive: places that are used again, each with a waker of its own.

use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::vec::Vec;

use defer_core::__private::{Course, caught};
use defer_core::{Chain, Panicked};

/// So many chains as are alive at once, however many there are in all.
///
/// A place and its waker are allocated once and used again by the next chain. A waker that a
/// chain has left behind wakes whatever is in its place then, for nothing.
pub(super) struct Slots<C> {
    slots: Vec<Slot<C>>,
    free: Vec<usize>,
    woken: Arc<Woken>,
    /// Those that are polled in this round.
    round: Vec<usize>,
}

struct Slot<C> {
    chain: Pin<Box<Option<C>>>,
    course: Course,
    asked: bool,
    /// Which of all jobs it is.
    place: usize,
    signal: Arc<Signal>,
    waker: Waker,
}

/// What came out of a chain; `None`: it was cancelled.
pub(super) type Came<O> = Result<Option<O>, Panicked>;

impl<C> Slots<C> {
    pub(super) fn new() -> Self {
        Slots {
            slots: Vec::new(),
            free: Vec::new(),
            woken: Arc::default(),
            round: Vec::new(),
        }
    }

    /// How many are alive.
    pub(super) fn alive(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Put one in; it is to be polled then.
    pub(super) fn add(&mut self, chain: C, place: usize) -> usize {
        let index = match self.free.pop() {
            Some(index) => index,
            None => self.grow(),
        };
        let slot = &mut self.slots[index];
        slot.chain.set(Some(chain));
        slot.course = Course::default();
        slot.asked = false;
        slot.place = place;
        index
    }

    fn grow(&mut self) -> usize {
        let index = self.slots.len();
        let signal = Arc::new(Signal {
            index,
            woken: AtomicBool::new(false),
            all: self.woken.clone(),
        });
        self.slots.push(Slot {
            chain: Box::pin(None),
            course: Course::default(),
            asked: false,
            place: 0,
            waker: signal.clone().into(),
            signal,
        });
        index
    }

    /// Begin a round: from now on whoever is woken wakes this task.
    pub(super) fn begin(&mut self, cx: &Context<'_>) {
        let mut state = self.woken.state();
        // A round may have been left before its end.
        core::mem::swap(&mut self.round, &mut state.slots);
        self.round.append(&mut state.slots);
        let known = state.driver.as_ref();
        if known.is_none_or(|driver| !driver.will_wake(cx.waker())) {
            let old = state.driver.replace(cx.waker().clone());
            drop(state);
            drop(old);
        }
        // They are taken from the end.
        self.round.reverse();
    }

    /// The next one of this round.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.round.pop()
    }

    /// Whether there are more in this round.
    pub(super) fn in_round(&self) -> bool {
        !self.round.is_empty()
    }

    /// Poll the one in this place; it is dropped before what came out of it is given.
    pub(super) fn poll(&mut self, index: usize) -> Poll<Option<(usize, Came<C::Output>)>>
    where
        C: Chain,
    {
        let slot = &mut self.slots[index];
        slot.signal.woken.store(false, Ordering::SeqCst);
        let Some(chain) = slot.chain.as_mut().as_pin_mut() else {
            // Woken for one that is gone.
            return Poll::Ready(None);
        };
        let asked = core::mem::take(&mut slot.asked);
        let (course, waker) = (&mut slot.course, &slot.waker);
        let came = match caught(|| course.poll(chain, asked, &mut Context::from_waker(waker))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(out)) => Ok(out),
            Err(panicked) => Err(panicked),
        };
        let place = slot.place;
        self.free.push(index);
        slot.chain.set(None);
        Poll::Ready(Some((place, came)))
    }

    /// Cancel all, in the order in which they began, when they are polled next.
    pub(super) fn ask(&mut self) {
        let mut alive: Vec<_> = self.occupied().collect();
        alive.sort_by_key(|&index| self.slots[index].place);
        for index in alive {
            let slot = &mut self.slots[index];
            slot.asked = true;
            slot.signal.wake_by_ref();
        }
    }

    /// Drop all.
    pub(super) fn clear(&mut self) {
        self.free.clear();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            slot.chain.set(None);
            self.free.push(index);
        }
    }

    fn occupied(&self) -> impl Iterator<Item = usize> {
        (0..self.slots.len()).filter(|&index| self.slots[index].chain.is_some())
    }

    /// Those that are alive, in the order in which they began.
    pub(super) fn chains(&self) -> Vec<&C> {
        let mut alive: Vec<_> = self.occupied().collect();
        alive.sort_by_key(|&index| self.slots[index].place);
        alive
            .into_iter()
            .filter_map(|index| self.slots[index].chain.as_ref().get_ref().as_ref())
            .collect()
    }
}

impl<C> Drop for Slots<C> {
    fn drop(&mut self) {
        // Wakers may outlive the jobs, and this task should not live with them.
        let driver = self.woken.state().driver.take();
        drop(driver);
    }
}

/// Who was woken, and whom that concerns.
#[derive(Default)]
struct Woken(Mutex<State>);

#[derive(Default)]
struct State {
    slots: Vec<usize>,
    driver: Option<Waker>,
}

impl Woken {
    // Nothing panics while the lock is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The waker of a place.
struct Signal {
    index: usize,
    /// In the list already.
    woken: AtomicBool,
    all: Arc<Woken>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        if self.woken.swap(true, Ordering::SeqCst) {
            return;
        }
        let driver = {
            let mut state = self.all.state();
            state.slots.push(self.index);
            // Woken once, it looks at the whole list.
            state.driver.take()
        };
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}
