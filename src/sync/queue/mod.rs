//! A queue of values, which may be wanted before they are there.

mod errors;
mod get;
mod items;
mod state;

use core::fmt;
use std::sync::Arc;
use std::vec::Vec;

use defer_core::{Deferred, Failure};

pub use self::errors::{GetError, PutError, QueueClosed, QueueOverflow, QueueUnderflow};
pub use self::get::Get;
pub use self::items::QueueItems;
use self::state::Shared;

/// A queue whose `get` is a deferred: values wait for those who want them, or the other way
/// round, first in, first out.
///
/// A clone is the same queue. Any number of tasks may put, and any number may get.
///
/// | bound | without it | with it |
/// | --- | --- | --- |
/// | `size`: values that nobody has wanted yet | as many as memory holds | one more is refused: [`QueueOverflow`] gives it back. With 0 a value needs somebody who waits |
/// | `backlog`: deferreds that wait for a value | as many as memory holds | one more fails with [`QueueUnderflow`]. With 0 nobody waits |
///
/// A value belongs to the deferred that has waited longest as soon as it is put. If that is
/// dropped before it has yielded it, the value goes to the next that waits, or back to the front
/// of the queue, beyond its size if need be: no value is lost. A waiter that is cancelled leaves;
/// if its value was there, it yields it.
///
/// When it is [closed](DeferredQueue::close), or its last clone is dropped, those who wait fail
/// with [`QueueClosed`]; the values that are in it come out still.
///
/// One who waits takes about 50 bytes in the queue; nothing recurses, however many there are.
///
/// Twisted: `DeferredQueue`.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredQueue;
///
/// #[callback]
/// fn greet(name: String) -> Result<String, Failure> { Ok(format!("hello {name}")) }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let names = DeferredQueue::new();
/// let greeting = greet(names.get()).start(); // waits for a name
/// names.put("terry".to_string()).unwrap();
/// assert_eq!(greeting.await.unwrap(), "hello terry");
/// # }
/// ```
pub struct DeferredQueue<T> {
    handle: Arc<Handle<T>>,
}

/// What all clones have: when it is dropped, nobody can put any more.
struct Handle<T> {
    shared: Arc<Shared<T>>,
}

impl<T> DeferredQueue<T> {
    /// A queue without bounds.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    ///
    /// let queue = DeferredQueue::new();
    /// queue.put(1).unwrap();
    /// assert_eq!(queue.len(), 1);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DeferredQueue::with_bounds(None, None)
    }

    /// A queue with a bound for the values, for those who wait, or for both. Twisted:
    /// `DeferredQueue(size, backlog)`.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    ///
    /// let queue = DeferredQueue::with_bounds(1, None);
    /// queue.put("a").unwrap();
    /// assert_eq!(queue.put("b").unwrap_err().into_item(), "b");
    /// ```
    #[must_use]
    pub fn with_bounds(size: impl Into<Option<usize>>, backlog: impl Into<Option<usize>>) -> Self {
        let shared = Arc::new(Shared::new(size.into(), backlog.into()));
        DeferredQueue {
            handle: Arc::new(Handle { shared }),
        }
    }

    /// Give a value to who has waited longest, or keep it for who comes first.
    ///
    /// # Errors
    ///
    /// [`PutError::Overflow`] if nobody waits and the queue is full, [`PutError::Closed`] if it
    /// is closed. Both give the value back.
    ///
    /// Twisted: `DeferredQueue.put`, which raises.
    ///
    /// ```
    /// use defer::sync::{DeferredQueue, PutError};
    ///
    /// let queue = DeferredQueue::with_bounds(0, None);
    /// let Err(PutError::Overflow(why)) = queue.put(7) else { panic!() };
    /// assert_eq!(why.to_string(), "the queue is full: it holds 0");
    /// assert_eq!(why.into_item(), 7);
    /// ```
    pub fn put(&self, item: T) -> Result<(), PutError<T>> {
        self.handle.shared.put(item)
    }

    /// A deferred of the next value.
    ///
    /// It begins to wait with its first poll.
    ///
    /// # Errors
    ///
    /// A [`GetError`]: `Underflow` if nothing is there and as many wait as may, `Closed` if
    /// nothing is there and the queue is closed, or is while it waits.
    ///
    /// Twisted: `DeferredQueue.get`, which raises at once what this fails with.
    ///
    /// ```
    /// use defer::sync::{DeferredQueue, GetError};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = DeferredQueue::with_bounds(None, 0);
    /// queue.put('a').unwrap();
    /// assert_eq!(queue.get().await.unwrap(), 'a');
    /// let failure = queue.get().await.unwrap_err();
    /// assert!(matches!(failure.check(), Some(GetError::Underflow(_))));
    /// # }
    /// ```
    pub fn get(&self) -> Deferred<Result<T, Failure>, Get<T>> {
        Deferred::from_chain(Get::new(self.handle.shared.clone()))
    }

    /// The next value, if one is there.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    ///
    /// let queue = DeferredQueue::new();
    /// queue.put(1).unwrap();
    /// assert_eq!(queue.try_get(), Some(1));
    /// assert_eq!(queue.try_get(), None);
    /// ```
    #[must_use]
    pub fn try_get(&self) -> Option<T> {
        self.handle.shared.lock().items.pop_front()
    }

    /// The values as a stream, which ends when the queue is closed and empty.
    ///
    /// It waits in turn with the deferreds of [`get`](DeferredQueue::get), and is counted among
    /// them, but never refused. Several streams share the values. It does not keep the queue
    /// open. Dropping it loses nothing.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// use futures::StreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = DeferredQueue::new();
    /// let items = queue.items();
    /// queue.put(1).unwrap();
    /// queue.put(2).unwrap();
    /// queue.close();
    /// assert_eq!(items.collect::<Vec<_>>().await, [1, 2]);
    /// # }
    /// ```
    pub fn items(&self) -> QueueItems<T> {
        QueueItems::new(self.handle.shared.clone())
    }

    /// Take nothing more: what is put is given back, and those who wait fail with
    /// [`QueueClosed`]. What is in it comes out still. Closing again does nothing.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = DeferredQueue::new();
    /// queue.put(1).unwrap();
    /// queue.close();
    /// assert!(queue.put(2).is_err());
    /// assert_eq!(queue.get().await.unwrap(), 1);
    /// assert_eq!(queue.get().await.unwrap_err().to_string(), "the queue is closed");
    /// # }
    /// ```
    pub fn close(&self) {
        self.handle.shared.close();
    }

    /// Whether it was [closed](DeferredQueue::close).
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// assert!(!DeferredQueue::<u8>::new().is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.handle.shared.lock().closed
    }

    /// Take out all values that are in it, in order.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    ///
    /// let queue = DeferredQueue::new();
    /// queue.put(1).unwrap();
    /// queue.put(2).unwrap();
    /// assert_eq!(queue.drain(), [1, 2]);
    /// assert!(queue.is_empty());
    /// ```
    #[must_use]
    pub fn drain(&self) -> Vec<T> {
        core::mem::take(&mut self.handle.shared.lock().items).into()
    }

    /// How many values are in it that belong to nobody yet. Twisted: the length of
    /// `DeferredQueue.pending`.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// assert_eq!(DeferredQueue::<u8>::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.handle.shared.lock().items.len()
    }

    /// Whether no value is in it.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// assert!(DeferredQueue::<u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many wait for a value, those not counted whose value is there. Twisted: the length
    /// of `DeferredQueue.waiting`.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// use futures::FutureExt;
    ///
    /// let queue = DeferredQueue::<u8>::new();
    /// let mut waiter = queue.get();
    /// assert!((&mut waiter).now_or_never().is_none());
    /// assert_eq!(queue.waiting(), 1);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.handle.shared.lock().waiting.len()
    }

    /// The bound for the values, if there is one.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// assert_eq!(DeferredQueue::<u8>::with_bounds(3, None).size(), Some(3));
    /// ```
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.handle.shared.size
    }

    /// The bound for those who wait, if there is one.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// assert_eq!(DeferredQueue::<u8>::with_bounds(None, 3).backlog(), Some(3));
    /// ```
    #[must_use]
    pub fn backlog(&self) -> Option<usize> {
        self.handle.shared.backlog
    }
}

impl<T> Default for DeferredQueue<T> {
    fn default() -> Self {
        DeferredQueue::new()
    }
}

impl<T> Clone for DeferredQueue<T> {
    fn clone(&self) -> Self {
        DeferredQueue {
            handle: self.handle.clone(),
        }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl<T> fmt::Debug for DeferredQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredQueue")
            .field("len", &self.len())
            .field("waiting", &self.waiting())
            .field("closed", &self.is_closed())
            .finish()
    }
}
