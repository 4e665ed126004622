//! Cancelling from outside: a deferred and the handle that cancels it.

#[cfg(not(loom))]
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};
#[cfg(loom)]
use loom::sync::Arc;

use pin_project_lite::pin_project;

use crate::arg::AlwaysOk;
use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::course::Course;
use crate::error::Cancelled;
use crate::lock::{Lock, register, wake};
use crate::plan::Draw;
use crate::{Deferred, call::finished};

struct Signal {
    asked: bool,
    waker: Option<Waker>,
}

/// Cancels a deferred: made by [`Deferred::cancellable`].
///
/// Clones cancel the same deferred. May be sent to another thread. Dropping it cancels
/// nothing.
#[derive(Clone)]
pub struct Canceller {
    signal: Arc<Lock<Signal>>,
}

impl Canceller {
    /// Raise [`Cancelled`] where the deferred waits now.
    ///
    /// The deferred takes notice when it is polled next, to which its task is woken. A
    /// deferred that has its outcome already, or is gone, is not changed. Cancelling again
    /// cancels what cleans up after the first time. Twisted: `Deferred.cancel`.
    ///
    /// ```
    /// use defer_core::{Cancelled, CancelExt, defer};
    /// # futures::executor::block_on(async {
    /// let (waiting, canceller) = defer(std::future::pending::<u8>()).cancellable();
    /// canceller.cancel();
    /// assert_eq!(waiting.await, Err(Cancelled));
    /// # });
    /// ```
    pub fn cancel(&self) {
        let waiting = self.signal.with(|signal| {
            signal.asked = true;
            signal.waker.take()
        });
        wake(waiting);
    }
}

/// The side of a [`Canceller`] that is asked, for what is cancelled from elsewhere.
pub struct Asked {
    signal: Arc<Lock<Signal>>,
}

impl Asked {
    /// With its canceller.
    #[must_use]
    pub fn pair() -> (Canceller, Asked) {
        let signal = Arc::new(Lock::new(Signal {
            asked: false,
            waker: None,
        }));
        let asked = Asked {
            signal: signal.clone(),
        };
        (Canceller { signal }, asked)
    }

    /// Whether a cancellation has come since the last time; the next one wakes this task.
    pub fn poll(&self, cx: &Context<'_>) -> bool {
        let (asked, _old) = self.signal.with(|signal| {
            let old = register(&mut signal.waker, cx);
            (core::mem::take(&mut signal.asked), old)
        });
        asked
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}

pin_project! {
    /// A chain that can be cancelled from outside: made by [`Deferred::cancellable`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Cancellable<F> {
        // `None` when the outcome was yielded.
        #[pin]
        chain: Option<F>,
        asked: Asked,
        course: Course,
    }
}
opaque_debug!(Cancellable<F>);

impl<F> Cancellable<F> {
    fn new(chain: F) -> (Self, Canceller) {
        let (canceller, asked) = Asked::pair();
        let cancellable = Cancellable {
            chain: Some(chain),
            asked,
            course: Course::default(),
        };
        (cancellable, canceller)
    }
}

impl<T, E: From<Cancelled>, F: Chain<Output = Result<T, E>>> Future for Cancellable<F> {
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            finished()
        };
        let asked = this.asked.poll(cx);
        let outcome = ready!(this.course.poll(chain, asked, cx));
        this.chain.set(None);
        Poll::Ready(outcome.unwrap_or_else(|| Err(Cancelled.into())))
    }
}

impl<F> sealed::Sealed for Cancellable<F> {}

impl<T, E: From<Cancelled>, F: Chain<Output = Result<T, E>>> Chain for Cancellable<F> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut this = self.project();
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            return Unwind::Idle;
        };
        let outcome = match this.course.cancel(chain) {
            Unwind::Idle => return Unwind::Idle,
            Unwind::Stays => return Unwind::Stays,
            Unwind::Is(outcome) => outcome,
            Unwind::Out => Err(Cancelled.into()),
        };
        this.chain.set(None);
        Unwind::Is(outcome)
    }
    // Its own `poll` knows whether the chain settles.
    fn describe(&self, to: &mut dyn Draw) {
        if let Some(chain) = &self.chain {
            chain.describe(to);
        }
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        if let Some(chain) = self.project().chain.as_pin_mut() {
            chain.boxes(to);
        }
    }
}

impl<T, E, F: Chain<Output = Result<T, E>>> Deferred<Result<T, E>, F> {
    /// The deferred, and a handle that cancels it.
    ///
    /// A cancellation is raised where the deferred waits, and goes outward as a failure
    /// does: every errback on the way whose error type has `From<Cancelled>` runs, to clean
    /// up or to recover; asynchronous clean-up is waited for. What a plain future was doing
    /// is dropped. One allocation.
    ///
    /// ```
    /// use defer_core::{Cancelled, Failure, defer};
    /// # futures::executor::block_on(async {
    /// let waiting = defer(std::future::pending::<Result<u8, Failure>>());
    /// let (deferred, canceller) = waiting.add_errback(|why: Failure| Err(why)).cancellable();
    /// canceller.cancel();
    /// assert!(deferred.await.unwrap_err().check::<Cancelled>().is_some());
    /// # });
    /// ```
    pub fn cancellable(self) -> (Deferred<Result<T, E>, Cancellable<F>>, Canceller)
    where
        E: From<Cancelled>,
    {
        let (chain, canceller) = Cancellable::new(self.into_chain());
        (Deferred::from_chain(chain), canceller)
    }
}

/// `cancellable` for a deferred that cannot fail: it can, then, with [`Cancelled`].
///
/// A trait, for the reason that [`AddCallback`](crate::AddCallback) gives.
pub trait CancelExt: Sized {
    /// What the deferred yields.
    type Value;
    /// What is inside it.
    type Chain: Chain<Output = Self::Value>;
    /// The deferred, and a handle that cancels it.
    ///
    /// ```
    /// use defer_core::{CancelExt, succeed};
    /// # futures::executor::block_on(async {
    /// let (three, _canceller) = succeed(3).cancellable();
    /// assert_eq!(three.await, Ok(3));
    /// # });
    /// ```
    #[allow(clippy::type_complexity)]
    fn cancellable(
        self,
    ) -> (
        Deferred<Result<Self::Value, Cancelled>, Cancellable<AlwaysOk<Self::Chain, Cancelled>>>,
        Canceller,
    );
}

impl<T, F: Chain<Output = T>> CancelExt for Deferred<T, F> {
    type Value = T;
    type Chain = F;
    fn cancellable(
        self,
    ) -> (
        Deferred<Result<T, Cancelled>, Cancellable<AlwaysOk<F, Cancelled>>>,
        Canceller,
    ) {
        let (chain, canceller) = Cancellable::new(AlwaysOk::new(self.into_chain()));
        (Deferred::from_chain(chain), canceller)
    }
}
