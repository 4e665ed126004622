//! What an observer of a list, the deferreds it observes and its handles share.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::fmt;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicBool, Ordering};
#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, Ordering};

use super::event::{Counts, Event, Recorded};
use super::memory::{History, Memory};
use crate::lock::Lock;
#[cfg(feature = "std")]
use crate::panics::{Panicked, caught};

/// What observers are called by.
type Call<T, E> = dyn Fn(&Event<'_, T, E>) + Send + Sync;
/// What is told of the panic of an observer.
#[cfg(feature = "std")]
pub(super) type OnPanic = dyn Fn(usize, Panicked) + Send + Sync;

/// Nothing of the program's runs under the lock: what is called is taken out of it, and so
/// is what is dropped.
pub(super) struct Shared<T, E, H> {
    state: Lock<State<T, E, H>>,
}

struct State<T, E, H> {
    counts: Counts,
    // An event takes the list as it is; who comes or goes meanwhile makes a new one.
    observers: Arc<Vec<Arc<Entry<T, E>>>>,
    memory: H,
    #[cfg(feature = "std")]
    on_panic: Option<Arc<OnPanic>>,
}

/// An observer.
pub(super) struct Entry<T, E> {
    call: Box<Call<T, E>>,
    // An event that has the list already does not call it any more.
    removed: AtomicBool,
}

impl<T, E> Entry<T, E> {
    pub(super) fn new(call: impl Fn(&Event<'_, T, E>) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Entry {
            call: Box::new(call),
            removed: AtomicBool::new(false),
        })
    }
}

impl<T, E, H> Shared<T, E, H> {
    pub(super) fn new(memory: H) -> Arc<Self> {
        Arc::new(Shared {
            state: Lock::new(State {
                counts: Counts::default(),
                observers: Arc::default(),
                memory,
                #[cfg(feature = "std")]
                on_panic: None,
            }),
        })
    }

    pub(super) fn counts(&self) -> Counts {
        self.state.with(|state| state.counts)
    }

    /// One more is pending: its index.
    pub(super) fn begins(&self) -> usize {
        self.state.with(|state| {
            let index = state.counts.total();
            state.counts.pending += 1;
            index
        })
    }

    pub(super) fn add(&self, entry: Arc<Entry<T, E>>) {
        self.state
            .with(|state| Arc::make_mut(&mut state.observers).push(entry));
    }

    fn remove(&self, entry: &Arc<Entry<T, E>>) {
        let _out = self.state.with(|state| {
            let mut all = state.observers.iter();
            let place = all.position(|other| Arc::ptr_eq(other, entry))?;
            Some(Arc::make_mut(&mut state.observers).remove(place))
        });
    }

    #[cfg(feature = "std")]
    pub(super) fn set_on_panic(&self, hook: Arc<OnPanic>) {
        let _old = self.state.with(|state| state.on_panic.replace(hook));
    }

    /// Call one observer, whose panic ends here.
    #[cfg(feature = "std")]
    fn tell(&self, entry: &Entry<T, E>, event: &Event<'_, T, E>) {
        if entry.removed.load(Ordering::Acquire) {
            return;
        }
        let Err(panicked) = caught(|| (entry.call)(event)) else {
            return;
        };
        if let Some(hook) = self.state.with(|state| state.on_panic.clone()) {
            // A panic of the hook has been reported as that of the observer was.
            let _ = caught(|| hook(event.index, panicked));
        }
    }

    /// Call one observer. Without `std` no panic can be caught.
    #[cfg(not(feature = "std"))]
    fn tell(&self, entry: &Entry<T, E>, event: &Event<'_, T, E>) {
        if !entry.removed.load(Ordering::Acquire) {
            (entry.call)(event);
        }
    }
}

impl<T, E, H: Memory<T, E>> Shared<T, E, H> {
    /// One that was pending has settled.
    fn settled(&self, index: usize, outcome: Option<&Result<T, E>>, copy: Option<H::Copy>) {
        let (counts, observers) = self.state.with(|state| {
            let counts = &mut state.counts;
            counts.pending -= 1;
            match outcome {
                Some(Ok(_)) => counts.success += 1,
                Some(Err(_)) => counts.failure += 1,
                None => counts.gone += 1,
            }
            let counts = *counts;
            state.memory.keep(index, copy, counts);
            (counts, state.observers.clone())
        });
        let event = Event {
            index,
            outcome,
            counts,
        };
        for entry in observers.iter() {
            self.tell(entry, &event);
        }
    }
}

impl<T, E> Shared<T, E, History<T, E>> {
    pub(super) fn history(&self) -> Vec<Recorded<T, E>> {
        self.state.with(|state| state.memory.0.clone())
    }

    /// Tell an observer what has happened so far, and add it: what happens meanwhile comes
    /// after that, and nothing comes twice.
    pub(super) fn catch_up(&self, entry: &Arc<Entry<T, E>>) {
        let mut told = 0;
        loop {
            let missed = self.state.with(|state| {
                let missed = &state.memory.0[told..];
                if missed.is_empty() {
                    Arc::make_mut(&mut state.observers).push(entry.clone());
                }
                missed.to_vec()
            });
            if missed.is_empty() {
                return;
            }
            told += missed.len();
            for recorded in missed {
                self.tell(entry, &recorded.event());
            }
        }
    }
}

/// The place of an observed deferred: told once, however the deferred ends.
pub(super) struct Ticket<T, E, H: Memory<T, E>> {
    // `None`: it has been told.
    shared: Option<Arc<Shared<T, E, H>>>,
    index: usize,
}

impl<T, E, H: Memory<T, E>> Ticket<T, E, H> {
    pub(super) fn new(shared: Arc<Shared<T, E, H>>) -> Self {
        let index = shared.begins();
        Ticket {
            shared: Some(shared),
            index,
        }
    }

    pub(super) fn settle(&mut self, outcome: Option<&Result<T, E>>) {
        // First: if it panics, the ticket is dropped untold, and tells that it is gone.
        let copy = outcome.map(H::copy);
        if let Some(shared) = self.shared.take() {
            shared.settled(self.index, outcome, copy);
        }
    }
}

impl<T, E, H: Memory<T, E>> Drop for Ticket<T, E, H> {
    fn drop(&mut self) {
        self.settle(None);
    }
}

/// Takes an observer away again: made by
/// [`observe`](super::DeferredListObserver::observe).
///
/// Dropping it changes nothing. It keeps neither the observer nor what is observed alive, so
/// that the observing function may hold it, to remove itself.
pub struct Observation<T, E, H> {
    shared: Weak<Shared<T, E, H>>,
    entry: Weak<Entry<T, E>>,
}

impl<T, E, H> Observation<T, E, H> {
    pub(super) fn of(shared: &Arc<Shared<T, E, H>>, entry: &Arc<Entry<T, E>>) -> Self {
        Observation {
            shared: Arc::downgrade(shared),
            entry: Arc::downgrade(entry),
        }
    }

    /// Do not call the observer any more, and drop it.
    ///
    /// From inside an observer too: then an observer whose turn has not come is not called
    /// for the event that is being told. A call that has begun on another thread goes on.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::fail;
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let watching = observer.observe(|_| panic!("it was removed"));
    /// let lost = observer.append(fail::<u8, _>("no such page"));
    /// watching.remove();
    /// assert_eq!(lost.await, Err("no such page"));
    /// # });
    /// ```
    pub fn remove(&self) {
        if let (Some(shared), Some(entry)) = (self.shared.upgrade(), self.entry.upgrade()) {
            entry.removed.store(true, Ordering::Release);
            shared.remove(&entry);
        }
    }
}

impl<T, E, H> Clone for Observation<T, E, H> {
    fn clone(&self) -> Self {
        Observation {
            shared: self.shared.clone(),
            entry: self.entry.clone(),
        }
    }
}

impl<T, E, H> fmt::Debug for Observation<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation").finish_non_exhaustive()
    }
}
