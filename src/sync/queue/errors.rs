//! What a queue refuses.

use core::error::Error;
use core::fmt;

/// Why a queue did not take a value, which comes back.
///
/// ```
/// use defer::sync::{DeferredQueue, PutError};
///
/// let queue = DeferredQueue::new();
/// queue.close();
/// let why = queue.put(3).unwrap_err();
/// assert!(matches!(why, PutError::Closed(_)));
/// assert_eq!(why.into_item(), 3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum PutError<T> {
    /// It is full, and nobody waits.
    Overflow(QueueOverflow<T>),
    /// It is closed.
    Closed(QueueClosed<T>),
}

impl<T> PutError<T> {
    /// The value that was not taken.
    ///
    /// ```
    /// use defer::sync::DeferredQueue;
    /// assert_eq!(DeferredQueue::with_bounds(0, None).put(3).unwrap_err().into_item(), 3);
    /// ```
    pub fn into_item(self) -> T {
        match self {
            PutError::Overflow(overflow) => overflow.item,
            PutError::Closed(closed) => closed.item,
        }
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PutError::Overflow(overflow) => overflow.fmt(f),
            PutError::Closed(closed) => closed.fmt(f),
        }
    }
}

// Values need no `Debug` for their queue's errors to have it.
impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PutError::Overflow(overflow) => overflow.fmt(f),
            PutError::Closed(closed) => closed.fmt(f),
        }
    }
}

impl<T> Error for PutError<T> {}

/// The error of a queue that is full, with the value that it did not take.
///
/// Twisted: `QueueOverflow`.
///
/// ```
/// use defer::sync::{DeferredQueue, PutError};
///
/// let queue = DeferredQueue::with_bounds(1, None);
/// queue.put('a').unwrap();
/// let Err(PutError::Overflow(why)) = queue.put('b') else { panic!() };
/// assert_eq!((why.size(), why.into_item()), (1, 'b'));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueueOverflow<T> {
    item: T,
    size: usize,
}

impl<T> QueueOverflow<T> {
    pub(in crate::sync) fn new(item: T, size: usize) -> Self {
        QueueOverflow { item, size }
    }

    /// The value that was not taken.
    ///
    /// ```
    /// use defer::sync::{DeferredQueue, PutError};
    ///
    /// let Err(PutError::Overflow(why)) = DeferredQueue::with_bounds(0, None).put(3) else { panic!() };
    /// assert_eq!(why.into_item(), 3);
    /// ```
    pub fn into_item(self) -> T {
        self.item
    }

    /// How many values the queue holds.
    ///
    /// ```
    /// use defer::sync::{DeferredQueue, PutError};
    ///
    /// let Err(PutError::Overflow(why)) = DeferredQueue::with_bounds(0, None).put(3) else { panic!() };
    /// assert_eq!(why.size(), 0);
    /// ```
    pub const fn size(&self) -> usize {
        self.size
    }
}

impl<T> fmt::Display for QueueOverflow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the queue is full: it holds {}", self.size)
    }
}

impl<T> fmt::Debug for QueueOverflow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueOverflow")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl<T> Error for QueueOverflow<T> {}

/// The error of a queue that is closed, with the value that it did not take, if there is one.
///
/// ```
/// use defer::sync::{DeferredQueue, PutError, QueueClosed};
///
/// let queue = DeferredQueue::new();
/// queue.close();
/// let Err(PutError::Closed(why)) = queue.put(3) else { panic!() };
/// assert_eq!(why.to_string(), "the queue is closed");
/// assert_eq!(why.into_item(), 3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueueClosed<T = ()> {
    item: T,
}

impl QueueClosed {
    pub(in crate::sync) const fn new() -> Self {
        QueueClosed { item: () }
    }
}

impl<T> QueueClosed<T> {
    pub(in crate::sync) fn with(item: T) -> Self {
        QueueClosed { item }
    }

    /// The value that was not taken.
    ///
    /// ```
    /// use defer::sync::{DeferredQueue, PutError};
    ///
    /// let queue = DeferredQueue::new();
    /// queue.close();
    /// let Err(PutError::Closed(why)) = queue.put(3) else { panic!() };
    /// assert_eq!(why.into_item(), 3);
    /// ```
    pub fn into_item(self) -> T {
        self.item
    }
}

impl<T> fmt::Display for QueueClosed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is closed")
    }
}

impl<T> fmt::Debug for QueueClosed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueClosed").finish_non_exhaustive()
    }
}

impl<T> Error for QueueClosed<T> {}

/// Why a queue gave no value.
///
/// ```
/// use defer::sync::{DeferredQueue, GetError};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = DeferredQueue::<u8>::with_bounds(None, 0);
/// let failure = queue.get().await.unwrap_err();
/// assert!(matches!(failure.check(), Some(GetError::Underflow(_))));
/// queue.close();
/// let failure = queue.get().await.unwrap_err();
/// assert!(matches!(failure.check(), Some(GetError::Closed(_))));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GetError {
    /// It is empty, and as many wait as may.
    Underflow(QueueUnderflow),
    /// It is empty and closed.
    Closed(QueueClosed),
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GetError::Underflow(underflow) => underflow.fmt(f),
            GetError::Closed(closed) => closed.fmt(f),
        }
    }
}

impl Error for GetError {}

/// The error of a queue for whose next value as many wait as may. Twisted: `QueueUnderflow`.
///
/// ```
/// use defer::sync::{DeferredQueue, GetError};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let failure = DeferredQueue::<u8>::with_bounds(None, 0).get().await.unwrap_err();
/// let Some(GetError::Underflow(why)) = failure.check() else { panic!() };
/// assert_eq!(why.to_string(), "the queue is empty, and no more than 0 may wait");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueueUnderflow {
    backlog: usize,
}

impl QueueUnderflow {
    pub(in crate::sync) const fn new(backlog: usize) -> Self {
        QueueUnderflow { backlog }
    }

    /// How many may wait.
    ///
    /// ```
    /// use defer::sync::{DeferredQueue, GetError};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let failure = DeferredQueue::<u8>::with_bounds(None, 0).get().await.unwrap_err();
    /// let Some(GetError::Underflow(why)) = failure.check() else { panic!() };
    /// assert_eq!(why.backlog(), 0);
    /// # }
    /// ```
    #[must_use]
    pub const fn backlog(&self) -> usize {
        self.backlog
    }
}

impl fmt::Display for QueueUnderflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backlog = self.backlog;
        write!(f, "the queue is empty, and no more than {backlog} may wait")
    }
}

impl Error for QueueUnderflow {}
