//! Panics as failures.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::any::Any;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError};

use pin_project_lite::pin_project;

use crate::Deferred;
use crate::arg::AlwaysOk;
use crate::call::finished;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::plan::{Draw, Node, node};

/// The failure of a deferred that panicked.
///
/// Made by [`catch_panics`](Deferred::catch_panics), and by what runs a deferred for
/// somebody else. It becomes any error type with `From<Panicked>`, as
/// [`Failure`](crate::Failure) has. Clones share the payload. Twisted makes a failure of
/// every exception; a panic is the nearest thing to one that no errback expects.
///
/// ```
/// use defer_core::{CatchPanicsExt, defer};
/// # std::panic::set_hook(Box::new(|_| {}));
/// # futures::executor::block_on(async {
/// # fn broken() -> u8 { panic!("no bread") }
/// let breakfast = defer(async { broken() }).catch_panics();
/// assert_eq!(breakfast.await.unwrap_err().to_string(), "panicked: no bread");
/// # });
/// ```
#[derive(Clone)]
pub struct Panicked {
    shared: Arc<Shared>,
}

struct Shared {
    message: Option<String>,
    // A payload is `Send` and not `Sync`: the lock makes an error of it that is both.
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panicked {
    /// Of what `catch_unwind` or a joined thread gave.
    ///
    /// ```
    /// use defer_core::Panicked;
    /// assert_eq!(Panicked::new(Box::new("boom")).message(), Some("boom"));
    /// assert_eq!(Panicked::new(Box::new(7)).message(), None);
    /// ```
    #[must_use]
    pub fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = match payload.downcast_ref::<&'static str>() {
            Some(text) => Some((*text).to_owned()),
            None => payload.downcast_ref::<String>().cloned(),
        };
        Panicked {
            shared: Arc::new(Shared {
                message,
                payload: Mutex::new(Some(payload)),
            }),
        }
    }

    /// What the panic said; `None` if its payload is no text.
    ///
    /// ```
    /// use defer_core::Panicked;
    /// let panicked = Panicked::new(Box::new(String::from("boom")));
    /// assert_eq!(panicked.message(), Some("boom"));
    /// ```
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.shared.message.as_deref()
    }

    /// Take the payload out; `None` if it, or a clone's, was taken before.
    ///
    /// It takes `&self`, so that it can be had from a panic inside a
    /// [`Failure`](crate::Failure).
    ///
    /// ```
    /// use defer_core::{Failure, Panicked};
    /// let failure = Failure::from(Panicked::new(Box::new(7_u8)));
    /// let panicked = failure.check::<Panicked>().unwrap();
    /// assert_eq!(*panicked.take_payload().unwrap().downcast::<u8>().unwrap(), 7);
    /// assert!(panicked.take_payload().is_none());
    /// ```
    #[must_use]
    pub fn take_payload(&self) -> Option<Box<dyn Any + Send>> {
        // Nothing panics while the lock is held.
        let lock = self.shared.payload.lock();
        lock.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Let the panic go on, without calling the panic hook again.
    ///
    /// # Panics
    ///
    /// Always: with the payload, or with the message if the payload was taken.
    ///
    /// ```
    /// use defer_core::Panicked;
    /// let panicked = Panicked::new(Box::new("boom"));
    /// let caught = std::panic::catch_unwind(|| panicked.resume()).unwrap_err();
    /// assert_eq!(*caught.downcast::<&str>().unwrap(), "boom");
    /// ```
    pub fn resume(&self) -> ! {
        resume_unwind(match self.take_payload() {
            Some(payload) => payload,
            None => Box::new(self.message().unwrap_or("panicked").to_owned()),
        })
    }
}

impl fmt::Debug for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panicked").field(&self.message()).finish()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => write!(f, "panicked: {message}"),
            None => f.write_str("panicked"),
        }
    }
}

impl Error for Panicked {}

/// What `run` returns, or its panic. What it was at work on is not to be used afterwards.
pub fn caught<R>(run: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(Panicked::new)
}

pin_project! {
    /// A chain whose panics are failures: made by [`Deferred::catch_panics`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct CatchPanics<F> {
        // `None` when the outcome was yielded, so that polling again is no caught panic.
        #[pin]
        chain: Option<F>,
    }
}
opaque_debug!(CatchPanics<F>);

impl<F> CatchPanics<F> {
    fn new(chain: F) -> Self {
        CatchPanics { chain: Some(chain) }
    }

    /// Do something with the chain; after a panic it is dropped.
    fn guarded<R>(self: Pin<&mut Self>, run: impl FnOnce(Pin<&mut F>) -> R) -> Result<R, Panicked> {
        let mut chain = self.project().chain;
        let Some(inner) = chain.as_mut().as_pin_mut() else {
            finished()
        };
        let result = caught(|| run(inner));
        if result.is_err() {
            // A second panic, of what is dropped, tells nothing more.
            let _ = caught(|| chain.set(None));
        }
        result
    }
}

impl<T, E: From<Panicked>, F: Chain<Output = Result<T, E>>> Future for CatchPanics<F> {
    type Output = Result<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self
            .as_mut()
            .guarded(|chain| chain.poll(cx))
            .unwrap_or_else(|panicked| Poll::Ready(Err(panicked.into())));
        if polled.is_ready() {
            self.project().chain.set(None);
        }
        polled
    }
}

impl<F> sealed::Sealed for CatchPanics<F> {}

impl<T, E: From<Panicked>, F: Chain<Output = Result<T, E>>> Chain for CatchPanics<F> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.chain.is_none() {
            return Unwind::Idle;
        }
        let unwind = self
            .as_mut()
            .guarded(F::cancel)
            .unwrap_or_else(|panicked| Unwind::Is(Err(panicked.into())));
        if matches!(unwind, Unwind::Is(_)) {
            self.project().chain.set(None);
        }
        unwind
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let settled = self
            .as_mut()
            .guarded(|chain| chain.poll_settle(cx))
            .unwrap_or_else(|panicked| Poll::Ready(Some(Err(panicked.into()))));
        if settled.is_ready() {
            self.project().chain.set(None);
        }
        settled
    }
    fn describe(&self, to: &mut dyn Draw) {
        if let Some(chain) = &self.chain {
            node(to, Node::Named("catch_panics"), |to| chain.describe(to));
        }
    }
}

impl<T, E, F: Chain<Output = Result<T, E>>> Deferred<Result<T, E>, F> {
    /// Make a failure of a panic inside: from here on it is an `E`, made of [`Panicked`].
    ///
    /// The panic hook has reported it by then. What panicked is dropped, and so is all that
    /// it waited for. What is put around this deferred is not covered. A cancellation
    /// passes through, and a panic while it is raised, or while something cleans up, is
    /// caught too. Dropping the deferred drops what is inside; a panic of *that* is not
    /// caught. In a program built with `panic = "abort"` nothing is.
    ///
    /// For a deferred that cannot fail see [`CatchPanicsExt`].
    ///
    /// ```
    /// use defer_core::{Failure, Panicked, defer};
    /// # std::panic::set_hook(Box::new(|_| {}));
    /// # futures::executor::block_on(async {
    /// let broken = defer(async { Ok::<u8, Failure>([1, 2][std::hint::black_box(2)]) });
    /// let size = broken.catch_panics().add_errback(|why| {
    ///     assert!(why.check::<Panicked>().is_some());
    ///     0
    /// });
    /// assert_eq!(size.await, 0);
    /// # });
    /// ```
    pub fn catch_panics(self) -> Deferred<Result<T, E>, CatchPanics<F>>
    where
        E: From<Panicked>,
    {
        Deferred::from_chain(CatchPanics::new(self.into_chain()))
    }
}

/// `catch_panics` for a deferred that cannot fail: it can, then, with [`Panicked`].
///
/// A trait, for the reason that [`AddCallback`](crate::AddCallback) gives.
pub trait CatchPanicsExt: Sized {
    /// What the deferred yields.
    type Value;
    /// What is inside it.
    type Chain: Chain<Output = Self::Value>;
    /// Make a failure of a panic inside; see [`Deferred::catch_panics`].
    ///
    /// ```
    /// use defer_core::{CatchPanicsExt, succeed};
    /// # futures::executor::block_on(async {
    /// assert_eq!(succeed(3).catch_panics().await.unwrap(), 3);
    /// # });
    /// ```
    fn catch_panics(
        self,
    ) -> Deferred<Result<Self::Value, Panicked>, CatchPanics<AlwaysOk<Self::Chain, Panicked>>>;
}

impl<T, F: Chain<Output = T>> CatchPanicsExt for Deferred<T, F> {
    type Value = T;
    type Chain = F;
    fn catch_panics(self) -> Deferred<Result<T, Panicked>, CatchPanics<AlwaysOk<F, Panicked>>> {
        Deferred::from_chain(CatchPanics::new(AlwaysOk::new(self.into_chain())))
    }
}
