//! A lock: one at a time.

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering};
use std::boxed::Box;
use std::sync::Arc;

use defer_core::__private::Sealed;
use defer_core::{Deferred, Plain, Returned};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::acquire::{Acquirable, Acquire, Later, Queue};
use super::run::{Run, RunOf, Shown};

/// A lock whose waiters are deferreds, first come, first served.
///
/// It holds a value that can be reached under the lock only; `DeferredLock::new(())` locks
/// something that is elsewhere. A clone is the same lock. tokio's `Mutex` is inside.
///
/// | what happens | what becomes of the lock |
/// | --- | --- |
/// | a guard is dropped | the first that waits has it, and its task is woken; nothing recurses, however many wait |
/// | a waiter is dropped or cancelled | it leaves the queue; if the lock was on its way to it, the next one has it |
/// | a waiter is cancelled that was granted the lock, but has not looked yet | it has it: what was granted stands |
/// | a holder panics | its guard is dropped: nothing is poisoned |
///
/// To lock twice in one task is to wait for ever. Each waiter costs one allocation, 160 bytes at
/// most. Where nothing is awaited under the lock, a lock of `std` is cheaper.
///
/// Twisted: `DeferredLock`, which loses waiters when there are more than 199.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::{DeferredLock, LockGuard};
///
/// #[callback]
/// async fn deposit(mut account: LockGuard<u32>, #[value] amount: u32) -> u32 {
///     let before = *account;
///     tokio::task::yield_now().await; // nobody else comes in between
///     *account = before + amount;
///     *account
/// }
///
/// #[callback]
/// fn greater(a: u32, b: u32) -> u32 { a.max(b) }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let account = DeferredLock::new(10);
/// let both = greater(deposit(account.acquire(), 5), deposit(account.acquire(), 7));
/// assert_eq!(both.await, 22);
/// assert!(!account.locked());
/// # }
/// ```
pub struct DeferredLock<T = ()> {
    mutex: Arc<Mutex<T>>,
    held: Arc<AtomicBool>,
    queue: Queue,
}

impl<T> DeferredLock<T> {
    /// A lock that nobody holds, and what it protects.
    ///
    /// ```
    /// use defer::sync::DeferredLock;
    /// assert!(!DeferredLock::new(()).locked());
    /// ```
    #[must_use]
    pub fn new(value: T) -> Self {
        DeferredLock {
            mutex: Arc::new(Mutex::new(value)),
            held: Arc::default(),
            queue: Queue::default(),
        }
    }

    /// Lock it, if nobody has it.
    ///
    /// ```
    /// use defer::sync::DeferredLock;
    ///
    /// let lock = DeferredLock::new(3);
    /// let guard = lock.try_acquire().unwrap();
    /// assert_eq!(*guard, 3);
    /// assert!(lock.try_acquire().is_none());
    /// ```
    #[must_use]
    pub fn try_acquire(&self) -> Option<LockGuard<T>> {
        let guard = self.mutex.clone().try_lock_owned().ok()?;
        Some(LockGuard::new(guard, self.held.clone()))
    }

    /// Whether somebody has it, or is about to. Twisted: `DeferredLock.locked`.
    ///
    /// ```
    /// use defer::sync::DeferredLock;
    ///
    /// let lock = DeferredLock::new(());
    /// let guard = lock.try_acquire();
    /// assert!(lock.locked());
    /// drop(guard);
    /// assert!(!lock.locked());
    /// ```
    #[must_use]
    pub fn locked(&self) -> bool {
        // One that waits is there as long as it is held, or about to be.
        self.held.load(Ordering::Acquire) || self.waiting() > 0
    }

    /// How many wait for it, with the one that was granted it and has not run since.
    /// Twisted: the length of `DeferredLock.waiting`.
    ///
    /// ```
    /// use defer::sync::DeferredLock;
    /// use futures::FutureExt;
    ///
    /// let lock = DeferredLock::new(());
    /// let _guard = lock.try_acquire();
    /// let mut waiter = lock.acquire();
    /// assert_eq!(lock.waiting(), 0); // it does not stand in the queue before it is polled
    /// assert!((&mut waiter).now_or_never().is_none());
    /// assert_eq!(lock.waiting(), 1);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }
}

impl<T: Send + 'static> DeferredLock<T> {
    /// A deferred of the guard. It cannot fail.
    ///
    /// It stands in the queue from its first poll on. Dropping or cancelling it leaves the
    /// queue. To be heard of a cancellation while waiting, make it
    /// [`cancellable`](defer_core::CancelExt::cancellable); to wait for a while only, use
    /// [`timeout`](crate::TimeExt::timeout).
    ///
    /// Twisted: `DeferredLock.acquire`.
    ///
    /// ```
    /// use defer::sync::DeferredLock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let lock = DeferredLock::new(vec![1]);
    /// lock.acquire().await.push(2);
    /// assert_eq!(*lock.acquire().await, [1, 2]);
    /// # }
    /// ```
    pub fn acquire(&self) -> Deferred<LockGuard<T>, Acquire<Self>> {
        Deferred::from_chain(Acquire::new(self.clone()))
    }

    /// Acquire, call `work`, and release when what it gave has its outcome, whatever that is.
    ///
    /// `work` sees what is locked, and returns a [`Plain`] value, a `Result`, or a deferred,
    /// which is waited for under the lock. Work that needs the value for longer takes a guard
    /// from [`acquire`](DeferredLock::acquire).
    ///
    /// Cancelled while it waits, it leaves the queue, and `work` never runs. Cancelled
    /// afterwards, what `work` gave is cancelled: its errbacks run, and when they have cleaned up
    /// the next waiter goes on. Dropped, it drops what there is, then releases. A panic of `work`
    /// releases, too.
    ///
    /// Twisted: `DeferredLock.run`.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredLock;
    ///
    /// #[callback]
    /// async fn store(line: String) -> Result<usize, Failure> { Ok(line.len()) }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let count = DeferredLock::new(0);
    /// let stored = count.run(|count| {
    ///     *count += 1;
    ///     store(format!("line {count}"))
    /// });
    /// assert_eq!(stored.await.unwrap(), 6);
    /// assert!(!count.locked());
    /// # }
    /// ```
    pub fn run<C, R, M>(&self, work: C) -> RunOf<Self, Shown<C, M>, R, M>
    where
        C: FnOnce(&mut T) -> R,
        R: Returned<M>,
    {
        let call = Shown(work, PhantomData);
        Deferred::from_chain(Run::new(self.clone(), call))
    }
}

impl<T> Sealed for DeferredLock<T> {}

impl<T: Send + 'static> Acquirable for DeferredLock<T> {
    type Guard = LockGuard<T>;
    fn now(&self) -> Option<LockGuard<T>> {
        self.try_acquire()
    }
    fn later(&self) -> Later<LockGuard<T>> {
        let (mutex, held) = (self.mutex.clone(), self.held.clone());
        Box::pin(async move { LockGuard::new(mutex.lock_owned().await, held) })
    }
    fn queue(&self) -> Queue {
        self.queue.clone()
    }
    const NAME: &'static str = "lock";
}

impl<T> Clone for DeferredLock<T> {
    fn clone(&self) -> Self {
        DeferredLock {
            mutex: self.mutex.clone(),
            held: self.held.clone(),
            queue: self.queue.clone(),
        }
    }
}

impl<T: Default> Default for DeferredLock<T> {
    fn default() -> Self {
        DeferredLock::new(T::default())
    }
}

impl<T> fmt::Debug for DeferredLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredLock")
            .field("locked", &self.locked())
            .field("waiting", &self.waiting())
            .finish()
    }
}

/// Holds a [`DeferredLock`] until it is dropped, and is the way to what is locked.
///
/// It is owned: it may go where it likes, into a task, a field, a list. Twisted has none: there
/// whoever calls `release` releases.
///
/// ```
/// use defer::sync::{DeferredLock, LockGuard};
///
/// let lock = DeferredLock::new(String::from("a"));
/// let mut guard: LockGuard<String> = lock.try_acquire().unwrap();
/// guard.push('b');
/// assert_eq!(*guard, "ab");
/// ```
#[must_use = "the lock is released when this is dropped"]
pub struct LockGuard<T = ()> {
    guard: OwnedMutexGuard<T>,
    held: Arc<AtomicBool>,
}

impl<T> LockGuard<T> {
    fn new(guard: OwnedMutexGuard<T>, held: Arc<AtomicBool>) -> Self {
        held.store(true, Ordering::Release);
        LockGuard { guard, held }
    }

    /// Release the lock: the same as dropping the guard. Twisted: `DeferredLock.release`.
    ///
    /// ```
    /// use defer::sync::DeferredLock;
    ///
    /// let lock = DeferredLock::new(());
    /// lock.try_acquire().unwrap().release();
    /// assert!(!lock.locked());
    /// ```
    pub fn release(self) {}
}

impl<T> Drop for LockGuard<T> {
    fn drop(&mut self) {
        // Before it is released: the next holder says it anew.
        self.held.store(false, Ordering::Release);
    }
}

impl<T> Deref for LockGuard<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for LockGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

// A closure of the fluent form may return it, or a deferred of it.
impl<T> Plain for LockGuard<T> {}

impl<T: fmt::Debug> fmt::Debug for LockGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LockGuard").field(&**self).finish()
    }
}
