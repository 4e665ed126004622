//! A queue out of which the most important item comes first.

mod get;
mod state;

use core::fmt;
use std::sync::Arc;
use std::vec::Vec;

use defer_core::{Deferred, Failure};

pub use self::get::PriorityGet;
use self::state::Shared;
use super::in_line::wake_all;
use super::ordered::Key;
use super::queue::PutError;

/// A queue out of which the most important item comes first, as a deferred.
///
/// Lower priorities come first, and among equals what was put first. A clone is the same queue.
/// Unlike in the original an item may be anything, and may be there twice: a [`Ticket`] finds it
/// again. An item keeps its age when its priority changes: it stands among its new equals as if
/// it had always been one of them.
///
/// | what | costs, with `p` different priorities and `m` items that were moved |
/// | --- | --- |
/// | `put`, `get`, `delete`, `reprioritise` | O(log p + log m) |
/// | `len` | O(1) |
/// | memory of an item | about 24 bytes besides itself and its priority, in a list that grows by doubling |
///
/// An item that is put while somebody waits goes to the one who has waited longest, at once: it
/// is in the queue no more, and counts for nothing. If that get is dropped before it is polled
/// again, the item goes to the next one who waits, or back to its place, even if the queue is
/// full by then. Then it has a new ticket, which [`tickets`](DeferredPriorityQueue::tickets)
/// tells.
///
/// `Ord` and `Clone` of a priority are called under the lock of the queue; no waker is. Twisted:
/// `DeferredQueue`; Terry Jones: `DeferredPriorityQueue` of `txrdq`, whose `reprioritize` loses
/// items.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredPriorityQueue;
///
/// #[callback]
/// fn shout(word: String) -> String { word.to_uppercase() }
///
/// # futures::executor::block_on(async {
/// let queue = DeferredPriorityQueue::new();
/// queue.put("later".to_string(), 9).unwrap();
/// let ticket = queue.put("never".to_string(), 9).unwrap();
/// queue.put("now".to_string(), 1).unwrap();
///
/// assert_eq!(queue.delete(ticket).unwrap(), "never");
/// assert_eq!(shout(queue.get()).await.unwrap(), "NOW");
/// assert_eq!(shout(queue.get()).await.unwrap(), "LATER");
/// # });
/// ```
pub struct DeferredPriorityQueue<T, P = i32> {
    handle: Arc<Handle<T, P>>,
}

/// What all clones have: when it is dropped, nobody can put any more.
struct Handle<T, P> {
    shared: Arc<Shared<T, P>>,
}

impl<T, P> Handle<T, P> {
    fn close(&self) {
        let waited = self.shared.with(|state| state.close());
        wake_all(waited.into_iter());
    }
}

impl<T, P> Drop for Handle<T, P> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Finds an item of a [`DeferredPriorityQueue`] again: what [`put`](DeferredPriorityQueue::put)
/// gives.
///
/// No two items of a queue ever have the same one, and once its item has left the queue it finds
/// nothing. In another queue it finds anything or nothing. Tickets are ordered as their items
/// were put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(Key);

impl<T, P> DeferredPriorityQueue<T, P> {
    /// An empty queue, without bounds.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// queue.put("a job", 3).unwrap();
    /// assert_eq!(queue.len(), 1);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DeferredPriorityQueue::with_bounds(None, None)
    }

    /// An empty queue with a bound for the items, for those who wait, or for both.
    ///
    /// With a size of 0 items are taken only while somebody waits; with a backlog of 0 nobody
    /// waits. Terry Jones: `DeferredPriorityQueue(size, backlog)`.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::with_bounds(1, None);
    /// queue.put("a", 0).unwrap();
    /// assert_eq!(queue.put("b", 0).unwrap_err().into_item(), "b");
    /// assert_eq!((queue.size(), queue.backlog()), (Some(1), None));
    /// ```
    #[must_use]
    pub fn with_bounds(size: impl Into<Option<usize>>, backlog: impl Into<Option<usize>>) -> Self {
        let shared = Arc::new(Shared::new(size.into(), backlog.into()));
        DeferredPriorityQueue {
            handle: Arc::new(Handle { shared }),
        }
    }

    /// The bound for the items, if there is one.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    /// assert_eq!(DeferredPriorityQueue::<u8>::with_bounds(3, None).size(), Some(3));
    /// ```
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.handle.shared.with(|state| state.size)
    }

    /// The bound for those who wait, if there is one.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    /// assert_eq!(DeferredPriorityQueue::<u8>::with_bounds(None, 3).backlog(), Some(3));
    /// ```
    #[must_use]
    pub fn backlog(&self) -> Option<usize> {
        self.handle.shared.with(|state| state.backlog)
    }

    /// How many items are in the queue.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// let ticket = queue.put('a', 1).unwrap();
    /// queue.put('b', 2).unwrap();
    /// queue.reprioritise(ticket, 5);
    /// assert_eq!(queue.len(), 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.handle.shared.with(|state| state.items.len())
    }

    /// Whether there is no item in the queue.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// assert!(DeferredPriorityQueue::<u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many gets wait.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPriorityQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = DeferredPriorityQueue::new();
    /// let waits = queue.get().start();
    /// tokio::task::yield_now().await;
    /// assert_eq!(queue.waiting(), 1);
    /// queue.put("an item", 0).unwrap();
    /// assert_eq!((queue.waiting(), queue.len()), (0, 0), "it is on its way");
    /// assert_eq!(waits.await.unwrap(), "an item");
    /// # }
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.handle.shared.with(|state| state.gets.waiting())
    }

    /// The tickets and priorities of all items, in the order in which they would come out.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// queue.put("a", 2).unwrap();
    /// let b = queue.put("b", 1).unwrap();
    /// assert_eq!(queue.tickets()[0], (b, 1));
    /// ```
    #[must_use]
    pub fn tickets(&self) -> Vec<(Ticket, P)>
    where
        P: Clone,
    {
        self.handle.shared.with(|state| {
            let all = state.items.iter();
            all.map(|(key, priority, _)| (Ticket(key), priority.clone()))
                .collect()
        })
    }

    /// Look at all items, in the order in which they would come out.
    ///
    /// `look` is called under the lock of the queue: whatever else is done with the queue waits
    /// for it, so it must not use the queue itself, and be quick. The original's `asGenerator`
    /// has the order of its heap.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// queue.put("a", 2).unwrap();
    /// queue.put("b", 1).unwrap();
    /// let mut seen = Vec::new();
    /// queue.for_each(|_, priority, item| seen.push((*priority, *item)));
    /// assert_eq!(seen, [(1, "b"), (2, "a")]);
    /// ```
    pub fn for_each(&self, mut look: impl FnMut(Ticket, &P, &T)) {
        self.handle.shared.with(|state| {
            for (key, priority, item) in state.items.iter() {
                look(Ticket(key), priority, item);
            }
        });
    }

    /// All items, in order. None stays. Who waits goes on.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// queue.put("a", 2).unwrap();
    /// queue.put("b", 1).unwrap();
    /// assert_eq!(queue.clear(), ["b", "a"]);
    /// assert!(queue.is_empty());
    /// ```
    pub fn clear(&self) -> Vec<T>
    where
        P: Ord + Clone,
    {
        let all = self.handle.shared.with(|state| state.items.take());
        all.into_values().collect()
    }

    /// Take nothing more. Gets that wait fail with [`GetError::Closed`](super::GetError::Closed), and later ones once the
    /// items that are there have been got. So it is when the last clone of the queue is dropped.
    ///
    /// ```
    /// use defer::sync::{DeferredPriorityQueue, GetError};
    /// # futures::executor::block_on(async {
    /// let queue = DeferredPriorityQueue::new();
    /// queue.put("last", 0).unwrap();
    /// queue.close();
    /// assert_eq!(queue.put("late", 0).unwrap_err().into_item(), "late");
    /// assert_eq!(queue.get().await.unwrap(), "last");
    /// let failure = queue.get().await.unwrap_err();
    /// assert!(matches!(failure.check(), Some(GetError::Closed(_))));
    /// # });
    /// ```
    pub fn close(&self) {
        self.handle.close();
    }

    /// Whether it has been closed.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::<u8>::new();
    /// queue.close();
    /// assert!(queue.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.handle.shared.with(|state| state.closed)
    }
}

impl<T, P: Ord + Clone> DeferredPriorityQueue<T, P> {
    /// Put an item into the queue, or give it to the one who has waited longest.
    ///
    /// # Errors
    ///
    /// If the queue is full and nobody waits, or has been closed. The item comes back.
    ///
    /// # Panics
    ///
    /// If 4,294,967,295 items are in the queue.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// let ticket = queue.put("an item", 1).unwrap();
    /// assert_eq!(queue.delete(ticket), Some("an item"));
    /// ```
    pub fn put(&self, item: T, priority: P) -> Result<Ticket, PutError<T>> {
        let (key, first) = self.handle.shared.with(|state| state.put(item, priority))?;
        if let Some(first) = first {
            first.wake();
        }
        Ok(Ticket(key))
    }

    /// The most important item, once there is one.
    ///
    /// It joins those who wait when it is first polled; they are served in that order. Cancelled
    /// or dropped it leaves them, and takes nothing with it.
    ///
    /// # Errors
    ///
    /// A [`GetError`](super::GetError): as many wait already as may, or the queue has been closed and is empty.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPriorityQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = DeferredPriorityQueue::new();
    /// let item = queue.get().start();
    /// queue.put("an item", 0).unwrap();
    /// assert_eq!(item.await.unwrap(), "an item");
    /// # }
    /// ```
    pub fn get(&self) -> Deferred<Result<T, Failure>, PriorityGet<T, P>> {
        Deferred::from_chain(PriorityGet::new(self.handle.shared.clone()))
    }

    /// The most important item, if there is one now.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// queue.put("an item", 0).unwrap();
    /// assert_eq!(queue.try_get(), Some("an item"));
    /// assert_eq!(queue.try_get(), None);
    /// ```
    pub fn try_get(&self) -> Option<T> {
        let (_, _, item) = self.handle.shared.with(|state| state.items.pop())?;
        Some(item)
    }

    /// Take an item out of the queue, whatever its place, if it is in there.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// let ticket = queue.put("an item", 0).unwrap();
    /// assert_eq!(queue.delete(ticket), Some("an item"));
    /// assert_eq!(queue.delete(ticket), None);
    /// ```
    pub fn delete(&self, ticket: Ticket) -> Option<T> {
        let (_, item) = self
            .handle
            .shared
            .with(|state| state.items.remove(ticket.0))?;
        Some(item)
    }

    /// Change the priority of an item, if it is in the queue. The one it had comes back.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// let a = queue.put("a", 1).unwrap();
    /// queue.put("b", 2).unwrap();
    /// assert_eq!(queue.reprioritise(a, 3), Some(1));
    /// assert_eq!(queue.clear(), ["b", "a"]);
    /// assert_eq!(queue.reprioritise(a, 4), None);
    /// ```
    pub fn reprioritise(&self, ticket: Ticket, priority: P) -> Option<P> {
        let items = |state: &mut state::State<T, P>| state.items.reprioritise(ticket.0, priority);
        self.handle.shared.with(items)
    }
}

impl<T, P> Default for DeferredPriorityQueue<T, P> {
    fn default() -> Self {
        DeferredPriorityQueue::new()
    }
}

impl<T, P> Clone for DeferredPriorityQueue<T, P> {
    fn clone(&self) -> Self {
        DeferredPriorityQueue {
            handle: self.handle.clone(),
        }
    }
}

impl<T, P> fmt::Debug for DeferredPriorityQueue<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredPriorityQueue")
            .field("len", &self.len())
            .field("waiting", &self.waiting())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
