//! What happens in a queue, for all who look on.

use core::fmt;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::Vec;

use futures_core::Stream;

use super::store::{JobId, Priority, StoreError};

/// Something that has happened in a queue.
///
/// ```
/// use defer::dispatch::{Event, ResizableDispatchQueue};
/// use defer::prelude::*;
/// use futures::StreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::new(|n: u32| n + 1, 1);
/// let events = queue.events();
/// let id = queue.put(1).await?.await?.id;
/// queue.stop().await;
/// let told: Vec<Event> = events.collect().await;
/// assert!(matches!(told[0], Event::Queued { priority: 0, .. }));
/// assert!(matches!(told[1], Event::Started { id: of } if of == id));
/// assert!(matches!(told[2], Event::Finished { id: of } if of == id));
/// assert!(matches!(told.last(), Some(Event::Stopped)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A job has come.
    Queued {
        /// Which one.
        id: JobId,
        /// How urgent it is.
        priority: Priority,
    },
    /// A job was begun.
    Started {
        /// Which one.
        id: JobId,
    },
    /// A job has its result.
    Finished {
        /// Which one.
        id: JobId,
    },
    /// A job has failed.
    Failed {
        /// Which one.
        id: JobId,
    },
    /// A job was cancelled, or cleared away.
    Cancelled {
        /// Which one.
        id: JobId,
    },
    /// A job has another priority.
    Reprioritised {
        /// Which one.
        id: JobId,
        /// How urgent it is now.
        priority: Priority,
    },
    /// The width was set.
    Width(usize),
    /// No job begins until the queue is resumed.
    Paused,
    /// The queue goes on.
    Resumed,
    /// The queue was stopped, and nothing is underway any more: the last event of all.
    Stopped,
    /// The store could not do what it was asked for; the queue goes on.
    ///
    /// When a job could not be removed it is done again after the next start.
    StoreFailed {
        /// Of which job.
        id: JobId,
        /// What it was asked for: `"remove"`, `"lease"`, …
        asked: &'static str,
        /// What it said.
        error: StoreError,
    },
    /// So many events came since the one before and were let go: who listens is too slow.
    Missed(u64),
}

struct Buffer {
    // Those that somebody may not have seen; the number of the first.
    events: VecDeque<Event>,
    first: u64,
    closed: bool,
    listeners: Vec<Listener>,
    next: u64,
}

struct Listener {
    id: u64,
    waker: Option<Waker>,
}

/// The events of a queue; the oldest go when there are too many.
pub(super) struct Hub {
    // So that nothing is written where nobody listens.
    listening: AtomicUsize,
    room: usize,
    buffer: Mutex<Buffer>,
}

impl Hub {
    pub(super) fn new(room: usize) -> Self {
        Hub {
            listening: AtomicUsize::new(0),
            room,
            buffer: Mutex::new(Buffer {
                events: VecDeque::new(),
                first: 0,
                closed: false,
                listeners: Vec::new(),
                next: 0,
            }),
        }
    }

    /// Nothing runs or is woken while the lock is held, and no other lock is taken.
    fn with<R>(&self, change: impl FnOnce(&mut Buffer) -> R) -> R {
        change(&mut self.buffer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[inline]
    fn nobody(&self) -> bool {
        self.listening.load(Relaxed) == 0
    }

    /// Something has happened. Whoever listens is told by [`wake`](Hub::wake), after the lock of
    /// the queue was let go.
    #[inline]
    pub(super) fn add(&self, event: Event) {
        if !self.nobody() {
            self.keep(event);
        }
    }

    fn keep(&self, event: Event) {
        let _old = self.with(|buffer| {
            if buffer.closed {
                return Some(Some(event));
            }
            buffer.events.push_back(event);
            let full = buffer.events.len() > self.room;
            buffer.first += u64::from(full);
            full.then(|| buffer.events.pop_front())
        });
    }

    #[inline]
    pub(super) fn wake(&self) {
        if !self.nobody() {
            self.wake_all();
        }
    }

    fn wake_all(&self) {
        let wakers = self.with(|buffer| {
            let listeners = buffer.listeners.iter_mut();
            let wakers: Vec<Waker> = listeners.filter_map(|one| one.waker.take()).collect();
            wakers
        });
        for waker in wakers {
            waker.wake();
        }
    }

    /// There is nothing to tell any more.
    pub(super) fn close(&self) {
        self.with(|buffer| buffer.closed = true);
    }
}

/// What happens in a queue from now on, as a stream: made by
/// [`events`](super::ResizableDispatchQueue::events).
///
/// Events are kept for those who are slow, as many as the
/// [builder](super::Builder::event_buffer) says; older ones are let go, and
/// [`Missed`](Event::Missed) tells how many. Nothing in the queue ever waits for a listener. The
/// stream ends when the queue has [stopped](Event::Stopped); dropping it changes nothing.
///
/// ```
/// use defer::dispatch::{Event, ResizableDispatchQueue};
/// use defer::prelude::*;
/// use futures::StreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::builder(|n: u32| n).event_buffer(4).build();
/// let mut events = queue.events();
/// for n in 0..10 {
///     queue.put(n).await?;
/// }
/// assert!(matches!(events.next().await, Some(Event::Missed(6))));
/// assert!(matches!(events.next().await, Some(Event::Queued { .. })));
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Events {
    hub: Arc<Hub>,
    id: u64,
    // The number of the next one to be told.
    next: u64,
}

impl Events {
    pub(super) fn of(hub: &Arc<Hub>) -> Self {
        hub.listening.fetch_add(1, Relaxed);
        let (id, next) = hub.with(|buffer| {
            buffer.next += 1;
            let id = buffer.next;
            buffer.listeners.push(Listener { id, waker: None });
            (id, buffer.first + buffer.events.len() as u64)
        });
        Events {
            hub: hub.clone(),
            id,
            next,
        }
    }
}

impl Stream for Events {
    type Item = Event;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let (id, next) = (self.id, self.next);
        let (polled, _old) = self.hub.with(|buffer| {
            let missed = buffer.first.saturating_sub(next);
            if missed > 0 {
                return (Poll::Ready(Some((missed, Event::Missed(missed)))), None);
            }
            let place = usize::try_from(next - buffer.first).unwrap_or(usize::MAX);
            if let Some(event) = buffer.events.get(place) {
                return (Poll::Ready(Some((1, event.clone()))), None);
            }
            if buffer.closed {
                return (Poll::Ready(None), None);
            }
            let listener = buffer.listeners.iter_mut().find(|one| one.id == id);
            let old = listener.and_then(|one| one.waker.replace(cx.waker().clone()));
            (Poll::Pending, old)
        });
        polled.map(|told| {
            let (seen, event) = told?;
            self.next += seen;
            Some(event)
        })
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _old = self.hub.with(|buffer| {
            let place = buffer.listeners.iter().position(|one| one.id == self.id)?;
            let old = buffer.listeners.swap_remove(place);
            if buffer.listeners.is_empty() {
                buffer.first += buffer.events.len() as u64;
                return Some((Some(old), core::mem::take(&mut buffer.events)));
            }
            Some((Some(old), VecDeque::new()))
        });
        self.hub.listening.fetch_sub(1, Relaxed);
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
