//! Hand-made deferreds: whoever makes one fires it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures::channel::oneshot;

use crate::chain::{Chain, Unwind, sealed};
use crate::plan::{Draw, leaf};
use crate::{Abandoned, Deferred, Failure};

/// The firing side of a hand-made deferred.
///
/// Made by [`Deferred::new`]. Firing consumes it, so that firing twice does not compile.
/// Dropping it without firing fails the deferred with [`Abandoned`].
///
/// Twisted: `Deferred.callback` and `Deferred.errback`, of which a second call raises
/// `AlreadyCalledError`.
#[must_use = "a resolver that is dropped fails its deferred with `Abandoned`"]
pub struct Resolver<T, E = Failure> {
    sender: oneshot::Sender<Result<T, E>>,
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
        match self.sender.send(Ok(value)) {
            Err(Ok(value)) => Err(value),
            Ok(()) | Err(Err(_)) => Ok(()),
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
        match self.sender.send(Err(error)) {
            Err(Err(error)) => Err(error),
            Ok(()) | Err(Ok(_)) => Ok(()),
        }
    }
}

impl<T, E> fmt::Debug for Resolver<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

/// The chain of a hand-made deferred: made by [`Deferred::new`].
#[must_use = "a chain does nothing until it is polled"]
pub struct HandMade<T, E = Failure> {
    receiver: oneshot::Receiver<Result<T, E>>,
    state: State<Result<T, E>>,
}

enum State<O> {
    /// For the resolver.
    Waiting,
    /// The resolver had fired, or gone, when a cancellation looked.
    Fired(O),
    Done,
}

impl<T, E> Unpin for HandMade<T, E> {}

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
        let (sender, receiver) = oneshot::channel();
        (
            Resolver { sender },
            Deferred::from_chain(HandMade {
                receiver,
                state: State::Waiting,
            }),
        )
    }
}

impl<T, E: From<Abandoned>> Future for HandMade<T, E> {
    type Output = Result<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match core::mem::replace(&mut self.state, State::Done) {
            State::Waiting => {}
            State::Fired(outcome) => return Poll::Ready(outcome),
            State::Done => crate::call::finished(),
        }
        let Poll::Ready(received) = Pin::new(&mut self.receiver).poll(cx) else {
            self.state = State::Waiting;
            return Poll::Pending;
        };
        Poll::Ready(received.unwrap_or_else(|oneshot::Canceled| Err(Abandoned.into())))
    }
}

impl<T, E> sealed::Sealed for HandMade<T, E> {}

impl<T, E: From<Abandoned>> Chain for HandMade<T, E> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind {
        // What was fired before the cancellation stands, and so does a resolver's going.
        if let State::Waiting = self.state {
            let mut received = self.receiver.try_recv();
            if let Ok(None) = received {
                self.receiver.close();
                // It may have fired in between.
                received = self.receiver.try_recv();
                if received.is_err() {
                    return Unwind::Out;
                }
            }
            self.state = match received {
                Ok(Some(outcome)) => State::Fired(outcome),
                Ok(None) | Err(oneshot::Canceled) => State::Fired(Err(Abandoned.into())),
            };
        }
        Unwind::Idle
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "hand-made");
    }
}

impl<T, E> fmt::Debug for HandMade<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandMade").finish_non_exhaustive()
    }
}
