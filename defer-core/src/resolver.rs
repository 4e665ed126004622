//! Hand-made deferreds: whoever makes one fires it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::chain::{Chain, Unwind, sealed};
use crate::channel::{Fired, Receiver, Sender, channel};
use crate::plan::{Draw, leaf_of};
use crate::{Abandoned, Cancelled, Deferred, Failure};

/// The firing side of a hand-made deferred.
///
/// Made by [`Deferred::new`]. Firing consumes it, so that firing twice does not compile.
/// Dropping it without firing fails the deferred with [`Abandoned`].
///
/// Twisted: `Deferred.callback` and `Deferred.errback`, of which a second call raises
/// `AlreadyCalledError`.
#[must_use = "a resolver that is dropped fails its deferred with `Abandoned`"]
pub struct Resolver<T, E = Failure> {
    sender: Sender<Result<T, E>>,
}

impl<T, E> Resolver<T, E> {
    /// Fire the deferred with a value.
    ///
    /// # Errors
    ///
    /// The value comes back if the deferred has been dropped: nobody waits for it.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// resolver.callback(7).unwrap();
    /// assert_eq!(deferred.await.unwrap(), 7);
    /// # });
    /// ```
    pub fn callback(self, value: T) -> Result<(), T> {
        match self.sender.send(Fired::Outcome(Ok(value))) {
            Err(Fired::Outcome(Ok(value))) => Err(value),
            _ => Ok(()),
        }
    }

    /// Fire the deferred with an error.
    ///
    /// # Errors
    ///
    /// The error comes back if the deferred has been dropped: nobody waits for it.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// resolver.errback(Failure::msg("no such page")).unwrap();
    /// assert_eq!(deferred.await.unwrap_err().to_string(), "no such page");
    /// # });
    /// ```
    pub fn errback(self, error: E) -> Result<(), E> {
        match self.sender.send(Fired::Outcome(Err(error))) {
            Err(Fired::Outcome(Err(error))) => Err(error),
            _ => Ok(()),
        }
    }
}

impl<T, E> Resolver<T, E> {
    /// Fire the deferred with an outcome.
    ///
    /// # Errors
    ///
    /// The outcome comes back if the deferred has been dropped or cancelled.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// resolver.resolve("7".parse().map_err(Failure::from)).unwrap();
    /// assert_eq!(deferred.await.unwrap(), 7);
    /// # });
    /// ```
    pub fn resolve(self, outcome: Result<T, E>) -> Result<(), Result<T, E>> {
        match self.sender.send(Fired::Outcome(outcome)) {
            Err(Fired::Outcome(outcome)) => Err(outcome),
            _ => Ok(()),
        }
    }

    /// Cancel the deferred from the firing side: its canceller runs, if it has one, and
    /// without an outcome from there it fails with [`Cancelled`].
    ///
    /// The canceller runs when the deferred is polled next. If the deferred has been dropped,
    /// nothing happens.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// resolver.cancel();
    /// assert!(deferred.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn cancel(self)
    where
        E: From<Cancelled>,
    {
        // Nobody waits for it: what comes back is what was made here.
        let _ = self.sender.send(Fired::Cancel(Err(Cancelled.into())));
    }

    /// Whether nobody waits any more: the deferred has been cancelled or dropped.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// assert!(!resolver.is_cancelled());
    /// drop(deferred);
    /// assert!(resolver.is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.sender.is_closed()
    }

    /// Wait until nobody waits any more, to stop the work that would have fired.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (mut resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// drop(deferred);
    /// resolver.cancelled().await;
    /// # });
    /// ```
    pub async fn cancelled(&mut self) {
        core::future::poll_fn(|cx| self.sender.poll_closed(cx)).await;
    }
}

impl<T, E> fmt::Debug for Resolver<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

/// The chain of a hand-made deferred: made by [`Deferred::new`].
#[must_use = "a chain does nothing until it is polled"]
pub struct HandMade<T, E = Failure, C = NoCanceller> {
    receiver: Receiver<Result<T, E>>,
    canceller: Option<C>,
}

/// What a hand-made deferred does when it is cancelled before it was fired.
pub trait OnCancel<T, E> {
    /// The outcome, if it has one.
    fn cancel(self) -> Option<Result<T, E>>;
}

/// Nothing: the cancellation leaves the deferred.
#[derive(Clone, Copy, Debug)]
pub struct NoCanceller;

impl<T, E> OnCancel<T, E> for NoCanceller {
    fn cancel(self) -> Option<Result<T, E>> {
        None
    }
}

/// The closure of [`Deferred::with_canceller`].
pub struct Hook<C>(C);

impl<T, E: From<Cancelled>, C: FnOnce() -> Option<Result<T, E>>> OnCancel<T, E> for Hook<C> {
    fn cancel(self) -> Option<Result<T, E>> {
        #[cfg(feature = "std")]
        // The panic hook has reported a panic; the deferred fails all the same. What the
        // closure captured is dropped by then.
        let given = std::panic::catch_unwind(core::panic::AssertUnwindSafe(self.0)).ok();
        #[cfg(not(feature = "std"))]
        let given = Some((self.0)());
        Some(given.flatten().unwrap_or_else(|| Err(Cancelled.into())))
    }
}

crate::chain::opaque_debug!(Hook<C>);

impl<T, E, C> Unpin for HandMade<T, E, C> {}

impl<T, E> Deferred<Result<T, E>, HandMade<T, E>> {
    /// A deferred that is fired by hand, with the [`Resolver`] that fires it.
    ///
    /// One allocation. The resolver may be sent to another thread, and may fire before,
    /// while or after the deferred is polled. An error type that has no
    /// `From<Abandoned>` cannot be used: a dropped resolver could not tell. Twisted:
    /// `defer.Deferred()`.
    ///
    /// ```
    /// use defer_core::{Abandoned, Deferred, Failure, Resolver};
    /// # futures::executor::block_on(async {
    /// let (resolver, deferred) = Deferred::new();
    /// std::thread::spawn(move || resolver.callback("done"));
    /// let told: Result<&str, Failure> = deferred.await;
    /// assert_eq!(told.unwrap(), "done");
    ///
    /// let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    /// drop(resolver);
    /// assert!(deferred.await.unwrap_err().check::<Abandoned>().is_some());
    /// # });
    /// ```
    #[allow(
        clippy::new_ret_no_self,
        reason = "Twisted's name; a deferred comes with its resolver"
    )]
    pub fn new() -> (Resolver<T, E>, Self)
    where
        E: From<Abandoned>,
    {
        HandMade::pair(None)
    }
}

impl<T, E, C> Deferred<Result<T, E>, HandMade<T, E, Hook<C>>> {
    /// As [`new`](Deferred::new), with what stops the work when the deferred is cancelled.
    ///
    /// `canceller` runs once, in the poll in which the cancellation is raised, if the
    /// deferred has not been fired. What it returns is the outcome; with `None` the
    /// deferred fails with [`Cancelled`]. So it does when the canceller panics (with the
    /// feature `std`; the panic is reported by the panic hook). If the canceller makes the
    /// owner of the resolver fire, that outcome stands. Afterwards nothing can be fired:
    /// the resolver gets its value back. Twisted: `defer.Deferred(canceller)`.
    ///
    /// Dropping the deferred drops the canceller without running it.
    ///
    /// ```
    /// use defer_core::{Cancelled, Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let (resolver, answer) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| {
    ///     // … stop what would have fired …
    ///     None
    /// });
    /// let (answer, canceller) = answer.cancellable();
    /// canceller.cancel();
    /// assert!(answer.await.unwrap_err().is_cancelled());
    /// assert!(resolver.is_cancelled());
    /// # });
    /// ```
    pub fn with_canceller(canceller: C) -> (Resolver<T, E>, Self)
    where
        C: FnOnce() -> Option<Result<T, E>>,
        E: From<Abandoned> + From<Cancelled>,
    {
        HandMade::pair(Some(Hook(canceller)))
    }
}

impl<T, E, C> HandMade<T, E, C> {
    fn pair(canceller: Option<C>) -> (Resolver<T, E>, Deferred<Result<T, E>, Self>) {
        let (sender, receiver) = channel();
        let chain = HandMade {
            receiver,
            canceller,
        };
        (Resolver { sender }, Deferred::from_chain(chain))
    }
}

impl<T, E: From<Abandoned>, C: OnCancel<T, E>> Future for HandMade<T, E, C> {
    type Output = Result<T, E>;
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.receiver.poll(cx).map(|fired| match fired {
            Fired::Outcome(outcome) => outcome,
            Fired::Cancel(outcome) => self.canceller_outcome().unwrap_or(outcome),
            Fired::Gone | Fired::Taken => Err(Abandoned.into()),
        })
    }
}

impl<T, E, C: OnCancel<T, E>> HandMade<T, E, C> {
    fn canceller_outcome(&mut self) -> Option<Result<T, E>> {
        self.canceller.take().and_then(OnCancel::cancel)
    }
}

impl<T, E, C> sealed::Sealed for HandMade<T, E, C> {}

impl<T, E: From<Abandoned>, C: OnCancel<T, E>> Chain for HandMade<T, E, C> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        // What was fired before the cancellation stands, and so does a resolver's going.
        if self.receiver.is_fired() {
            return Unwind::Idle;
        }
        let told = self.canceller_outcome();
        // The resolver may have fired, on another thread or in the canceller.
        match (self.receiver.close(), told) {
            (Some(Fired::Outcome(outcome)), _) | (_, Some(outcome)) => Unwind::Is(outcome),
            (Some(Fired::Cancel(outcome)), None) => Unwind::Is(outcome),
            (_, None) => Unwind::Out,
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "hand-made");
    }
}

impl<T, E, C> fmt::Debug for HandMade<T, E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandMade").finish_non_exhaustive()
    }
}
