//! A pool of deferreds that are underway.

mod kind;
mod member;
mod seats;
mod shutdown;
mod when_empty;

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use defer_core::__private::Asked;
use defer_core::{Deferred, Returned};

pub use self::kind::MemberKind;
pub use self::member::Pooled;
use self::seats::Seats;
pub use self::shutdown::Shutdown;
pub use self::when_empty::WhenEmpty;

/// Knows which deferreds are underway, and tells when none is left: for a service that is to
/// stop without breaking off what it does.
///
/// The pool holds nothing and runs nothing: a deferred that is added is given back, and awaited
/// or [started](crate::StartExt::start) as any other. It counts from the moment when it is added
/// until it has its outcome, or is dropped. A clone is the same pool.
///
/// | to | use |
/// | --- | --- |
/// | wait until nothing is underway | [`when_empty`](DeferredPool::when_empty) |
/// | wait until that happens the next time | [`when_next_empty`](DeferredPool::when_next_empty) |
/// | let nothing new begin | [`close`](DeferredPool::close) |
/// | stop what is underway | [`cancel_all`](DeferredPool::cancel_all) |
/// | close, wait, and stop what takes too long | [`shutdown`](DeferredPool::shutdown) |
///
/// Terry Jones: `DeferredPool`.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredPool;
/// use std::time::Duration;
///
/// #[callback]
/// async fn answer(request: u64) -> Result<u64, Failure> {
///     tokio::time::sleep(Duration::from_secs(request)).await;
///     Ok(request * 2)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let underway = DeferredPool::new();
/// let quick = underway.add(answer(1)).start();
/// let slow = underway.add(answer(3600)).start();
///
/// let cancelled = underway.shutdown(Duration::from_secs(30)).await;
/// assert_eq!(cancelled, 1);
/// assert_eq!(quick.await.unwrap(), 2);
/// assert!(slow.await.unwrap_err().is_cancelled());
/// # }
/// ```
#[derive(Clone, Default)]
pub struct DeferredPool {
    seats: Arc<Seats>,
}

/// How many deferreds a [`DeferredPool`] has to do with: what
/// [`status`](DeferredPool::status) tells.
///
/// ```
/// use defer::sync::{DeferredPool, PoolStatus};
/// assert_eq!(DeferredPool::new().status(), PoolStatus { underway: 0, waiting: 0 });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PoolStatus {
    /// Those that were added and have no outcome.
    pub underway: usize,
    /// Those that wait for the pool to become empty.
    pub waiting: usize,
}

/// The deferred of a member, by what was added.
type PooledOf<R, M> = Deferred<
    Result<<R as Returned<M>>::Value, <<R as Returned<M>>::Kind as MemberKind>::Failure>,
    Pooled<<R as Returned<M>>::Chain, R, M>,
>;

impl DeferredPool {
    /// An empty one.
    ///
    /// ```
    /// use defer::sync::DeferredPool;
    /// assert!(DeferredPool::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DeferredPool::default()
    }

    /// Count a deferred as underway from now on, and give it back.
    ///
    /// Values and failures pass through. One that can fail keeps its error, which needs
    /// `From<Cancelled>`, as [`Failure`](crate::Failure) has; one that cannot fail can, then, with
    /// a `Failure`: see [`MemberKind`]. What that yields is a [`Plain`](crate::Plain) value.
    ///
    /// Cancelled by the pool, it is cancelled as by a [`Canceller`](crate::Canceller): its
    /// errbacks run, and it counts until they have cleaned up. One that is added to a pool that
    /// is closed never begins: it fails with [`Cancelled`](crate::Cancelled), and is not counted.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = DeferredPool::new();
    /// let four = pool.add(succeed(4));
    /// assert_eq!(pool.len(), 1);
    /// assert_eq!(four.await.unwrap(), 4);
    /// assert!(pool.is_empty());
    ///
    /// pool.close();
    /// assert!(pool.add(succeed(5)).await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn add<R, M>(&self, deferred: R) -> PooledOf<R, M>
    where
        R: Returned<M>,
        R::Kind: MemberKind,
    {
        let (canceller, asked) = Asked::pair();
        let seat = Seats::take(&self.seats, canceller);
        Deferred::from_chain(Pooled::new(deferred.into_chain(), asked, seat))
    }

    /// As [`add`](DeferredPool::add), unless the pool is closed.
    ///
    /// # Errors
    ///
    /// [`PoolClosed`], which gives the deferred back.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = DeferredPool::new();
    /// assert_eq!(pool.try_add(succeed(4)).unwrap().await.unwrap(), 4);
    /// pool.close();
    /// let refused = pool.try_add(succeed(5)).unwrap_err();
    /// assert_eq!(refused.to_string(), "the pool is closed");
    /// assert_eq!(refused.into_inner().await, 5);
    /// # }
    /// ```
    pub fn try_add<R, M>(&self, deferred: R) -> Result<PooledOf<R, M>, PoolClosed<R>>
    where
        R: Returned<M>,
        R::Kind: MemberKind,
    {
        let (canceller, asked) = Asked::pair();
        let Some(seat) = Seats::take(&self.seats, canceller) else {
            return Err(PoolClosed { deferred });
        };
        let chain = Pooled::new(deferred.into_chain(), asked, Some(seat));
        Ok(Deferred::from_chain(chain))
    }

    /// A deferred that has its outcome at once if the pool is empty now, or else when it next
    /// is. It cannot fail.
    ///
    /// Members that are added later count, too, as long as the pool has not been empty in
    /// between. Dropping it or cancelling it changes nothing for the others.
    ///
    /// Terry Jones: `notifyWhenEmpty`.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = DeferredPool::new();
    /// pool.when_empty().await;
    /// let member = pool.add(succeed(1)).start();
    /// pool.when_empty().await;
    /// assert!(member.is_finished());
    /// # }
    /// ```
    pub fn when_empty(&self) -> Deferred<(), WhenEmpty> {
        let place = self.seats.wait(true);
        Deferred::from_chain(WhenEmpty::new(self.seats.clone(), place))
    }

    /// A deferred that has its outcome when the last member next goes, even if the pool is
    /// empty now.
    ///
    /// Terry Jones: `notifyWhenEmpty(testImmediately=False)`.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = DeferredPool::new();
    /// let emptied = pool.when_next_empty().start();
    /// pool.add(succeed(1)).await.unwrap();
    /// emptied.await.unwrap();
    /// # }
    /// ```
    pub fn when_next_empty(&self) -> Deferred<(), WhenEmpty> {
        let place = self.seats.wait(false);
        Deferred::from_chain(WhenEmpty::new(self.seats.clone(), place))
    }

    /// Let nothing new begin: see [`add`](DeferredPool::add). What is underway goes on.
    ///
    /// ```
    /// use defer::sync::DeferredPool;
    ///
    /// let pool = DeferredPool::new();
    /// pool.close();
    /// assert!(pool.is_closed());
    /// ```
    pub fn close(&self) {
        self.seats.close();
    }

    /// Whether it was [closed](DeferredPool::close).
    ///
    /// ```
    /// use defer::sync::DeferredPool;
    /// assert!(!DeferredPool::new().is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.seats.is_closed()
    }

    /// Cancel all that is underway, and say how many that are.
    ///
    /// They take notice when they are polled next, to which their tasks are woken. Whoever
    /// cleans up stays a member until that is done; cancelling again cancels the clean-up.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = DeferredPool::new();
    /// let never = pool.add(defer(std::future::pending::<u8>())).start();
    /// assert_eq!(pool.cancel_all(), 1);
    /// assert!(never.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn cancel_all(&self) -> usize {
        self.seats.cancel_all()
    }

    /// Close the pool, wait until it is empty, and after `limit` cancel what is left; a
    /// deferred of how many that were. It cannot fail.
    ///
    /// The pool is closed, and the time counts, from the first poll on. A member that cleans up
    /// is waited for however long that takes: put a [`timeout`](crate::TimeExt::timeout) around
    /// this to wait no longer. Cancelled or dropped, it stops waiting: the pool stays closed, and
    /// what is underway goes on. `Duration::MAX` is no limit.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime that has its time enabled.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = DeferredPool::new();
    /// let member = pool.add(succeed(1)).start();
    /// assert_eq!(pool.shutdown(Duration::MAX).await, 0); // none had to be cancelled
    /// assert!(member.is_finished());
    /// # }
    /// ```
    pub fn shutdown(&self, limit: Duration) -> Deferred<usize, Shutdown> {
        Deferred::from_chain(Shutdown::new(self.clone(), limit))
    }

    /// How many are underway.
    ///
    /// ```
    /// use defer::sync::DeferredPool;
    /// assert_eq!(DeferredPool::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.status().underway
    }

    /// Whether nothing is underway.
    ///
    /// ```
    /// use defer::sync::DeferredPool;
    /// assert!(DeferredPool::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many are underway, and how many wait for that to end. Terry Jones: `status`.
    ///
    /// ```
    /// use defer::sync::DeferredPool;
    ///
    /// let pool = DeferredPool::new();
    /// let _waits = pool.when_next_empty();
    /// assert_eq!(pool.status().waiting, 1);
    /// ```
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        self.seats.status()
    }
}

impl fmt::Debug for DeferredPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status();
        f.debug_struct("DeferredPool")
            .field("underway", &status.underway)
            .field("waiting", &status.waiting)
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// The error of a [`DeferredPool`] that is closed, with the deferred that it did not take.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredPool;
///
/// let pool = DeferredPool::new();
/// pool.close();
/// assert_eq!(pool.try_add(succeed(5)).unwrap_err().to_string(), "the pool is closed");
/// ```
pub struct PoolClosed<D> {
    deferred: D,
}

impl<D> PoolClosed<D> {
    /// What was not taken.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredPool;
    /// # futures::executor::block_on(async {
    /// let pool = DeferredPool::new();
    /// pool.close();
    /// assert_eq!(pool.try_add(succeed(5)).unwrap_err().into_inner().await, 5);
    /// # });
    /// ```
    pub fn into_inner(self) -> D {
        self.deferred
    }
}

impl<D> fmt::Display for PoolClosed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pool is closed")
    }
}

impl<D> fmt::Debug for PoolClosed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolClosed").finish_non_exhaustive()
    }
}

impl<D> core::error::Error for PoolClosed<D> {}
