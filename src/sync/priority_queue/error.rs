//! Why an item was not put into a priority queue, or not got out of it.

use core::error::Error;
use core::fmt;

/// The item was not put into the queue. It comes back.
///
/// ```
/// use defer::sync::{DeferredPriorityQueue, PutError};
///
/// let queue = DeferredPriorityQueue::new().with_size(1);
/// queue.put("first", 0).unwrap();
/// let error = queue.put("second", 0).unwrap_err();
/// assert_eq!(error, PutError::Overflow("second"));
/// assert_eq!(error.to_string(), "the queue is full");
/// assert_eq!(error.into_inner(), "second");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PutError<T> {
    /// As many items as may be are in the queue, and nobody waits for one. Twisted:
    /// `QueueOverflow`.
    Overflow(T),
    /// The queue has been closed.
    Closed(T),
}

impl<T> PutError<T> {
    /// The item.
    ///
    /// ```
    /// use defer::sync::DeferredPriorityQueue;
    ///
    /// let queue = DeferredPriorityQueue::new();
    /// queue.close();
    /// assert_eq!(queue.put(7, 0).unwrap_err().into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            PutError::Overflow(item) | PutError::Closed(item) => item,
        }
    }
}

// Without the item: what is put into a queue need not have `Debug`.
impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::Overflow(_) => "Overflow(..)",
            PutError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::Overflow(_) => "the queue is full",
            PutError::Closed(_) => "the queue is closed",
        })
    }
}

impl<T> Error for PutError<T> {}

/// Why no item came: what is in the [`Failure`](crate::Failure) of a get.
///
/// ```
/// use defer::sync::{DeferredPriorityQueue, GetError};
/// # futures::executor::block_on(async {
/// let queue = DeferredPriorityQueue::<u8>::new().with_backlog(0);
/// let failure = queue.get().await.unwrap_err();
/// assert_eq!(failure.check(), Some(&GetError::Underflow));
/// assert_eq!(failure.to_string(), "too many wait for the queue already");
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GetError {
    /// As many gets as may be wait already. Twisted: `QueueUnderflow`.
    Underflow,
    /// The queue has been closed, and is empty.
    Closed,
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GetError::Underflow => "too many wait for the queue already",
            GetError::Closed => "the queue is closed",
        })
    }
}

impl Error for GetError {}
