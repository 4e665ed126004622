//! Pausing: a deferred that is held back, and the handle that holds it.

#[cfg(not(loom))]
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
#[cfg(loom)]
use loom::sync::Arc;

use pin_project_lite::pin_project;

use crate::Deferred;
use crate::boxed::Boxes;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::lock::{Lock, register, wake};
use crate::plan::{Draw, Node, node};

struct Hold {
    pauses: usize,
    pausers: usize,
    waker: Option<Waker>,
}

/// Holds a deferred back: made by [`Deferred::pausable`].
///
/// Clones hold the same deferred, and may be sent to other threads. When the last of them
/// is dropped the deferred goes on, however often it was paused: nobody could unpause it.
pub struct Pauser {
    hold: Arc<Lock<Hold>>,
}

impl Pauser {
    /// Hold the deferred back once more.
    ///
    /// From its next poll on nothing inside it is polled, and its outcome does not pass,
    /// until it has been unpaused as often as it was paused. Twisted: `Deferred.pause`.
    ///
    /// ```
    /// use defer_core::succeed;
    /// # use std::{future::Future, pin::pin, task::{Context, Waker}};
    /// let (three, pauser) = succeed(3).pausable();
    /// pauser.pause();
    /// # let mut three = pin!(three);
    /// # let mut cx = Context::from_waker(Waker::noop());
    /// # assert!(three.as_mut().poll(&mut cx).is_pending());
    /// pauser.unpause()?;
    /// # assert!(three.poll(&mut cx).is_ready());
    /// # Ok::<(), defer_core::NotPaused>(())
    /// ```
    pub fn pause(&self) {
        self.hold.with(|hold| hold.pauses += 1);
    }

    /// Take one pause back. After the last one the deferred goes on: its task is woken.
    ///
    /// # Errors
    ///
    /// If it is not paused, which changes nothing. Twisted's `unpause` would count below
    /// zero, so that a later pause held nothing back.
    ///
    /// ```
    /// use defer_core::{NotPaused, succeed};
    /// let (_three, pauser) = succeed(3).pausable();
    /// assert_eq!(pauser.unpause(), Err(NotPaused));
    /// ```
    pub fn unpause(&self) -> Result<(), NotPaused> {
        let waiting = self.hold.with(|hold| {
            hold.pauses = hold.pauses.checked_sub(1).ok_or(NotPaused)?;
            Ok(if hold.pauses == 0 {
                hold.waker.take()
            } else {
                None
            })
        })?;
        wake(waiting);
        Ok(())
    }

    /// Whether it is paused.
    ///
    /// ```
    /// use defer_core::succeed;
    /// let (_three, pauser) = succeed(3).pausable();
    /// assert!(!pauser.is_paused());
    /// ```
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.hold.with(|hold| hold.pauses > 0)
    }
}

impl Clone for Pauser {
    fn clone(&self) -> Self {
        self.hold.with(|hold| hold.pausers += 1);
        Pauser {
            hold: self.hold.clone(),
        }
    }
}

impl Drop for Pauser {
    fn drop(&mut self) {
        let waiting = self.hold.with(|hold| {
            hold.pausers -= 1;
            if hold.pausers > 0 {
                return None;
            }
            hold.pauses = 0;
            hold.waker.take()
        });
        wake(waiting);
    }
}

impl fmt::Debug for Pauser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pauser")
            .field("paused", &self.is_paused())
            .finish_non_exhaustive()
    }
}

/// The error of [`Pauser::unpause`] for a deferred that is not paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotPaused;

impl fmt::Display for NotPaused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the deferred is not paused")
    }
}

impl Error for NotPaused {}

pin_project! {
    /// A chain that can be held back: made by [`Deferred::pausable`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Pausable<F: Future> {
        // `None` when it is done, or a cancellation has left it.
        #[pin]
        chain: Option<F>,
        hold: Arc<Lock<Hold>>,
        begun: bool,
        // What a cancellation led to while it was paused; without an outcome it goes on
        // outward when it is unpaused.
        kept: Option<Option<F::Output>>,
    }
}

impl<F: Future> fmt::Debug for Pausable<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pausable").finish_non_exhaustive()
    }
}

impl<F: Chain> Pausable<F> {
    fn step(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut F>, &mut Context<'_>) -> Poll<Option<F::Output>>,
    ) -> Poll<Option<F::Output>> {
        let mut this = self.project();
        let (paused, _old) = this.hold.with(|hold| {
            let paused = hold.pauses > 0;
            let old = paused.then(|| register(&mut hold.waker, cx));
            (paused, old.flatten())
        });
        if paused {
            return Poll::Pending;
        }
        if let Some(kept) = this.kept.take() {
            return Poll::Ready(kept);
        }
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            finished()
        };
        *this.begun = true;
        let polled = poll(chain, cx);
        if polled.is_ready() {
            this.chain.set(None);
        }
        polled
    }
}

impl<F: Chain> Future for Pausable<F> {
    type Output = F::Output;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Only a cancellation leaves it without an outcome.
        self.step(cx, |chain, cx| chain.poll(cx).map(Some))
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<F: Future> sealed::Sealed for Pausable<F> {}

impl<F: Chain> Chain for Pausable<F> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<F::Output> {
        let mut this = self.project();
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            return Unwind::Idle;
        };
        let left = match chain.cancel() {
            Unwind::Idle if *this.begun => return Unwind::Idle,
            Unwind::Stays => return Unwind::Stays,
            Unwind::Is(out) => Some(out),
            // What has not begun, because it was held back, does not begin.
            Unwind::Idle | Unwind::Out => None,
        };
        this.chain.set(None);
        if this.hold.with(|hold| hold.pauses > 0) {
            *this.kept = Some(left);
            return Unwind::Stays;
        }
        left.map_or(Unwind::Out, Unwind::Is)
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        self.step(cx, F::poll_settle)
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        let this = self.project();
        if this.kept.is_none() && this.hold.with(|hold| hold.pauses == 0) {
            if let Some(chain) = this.chain.as_pin_mut() {
                chain.boxes(to);
            }
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("pausable"), |to| {
            if let Some(chain) = &self.chain {
                chain.describe(to);
            }
        });
    }
}

impl<O, F: Chain<Output = O>> Deferred<O, F> {
    /// The deferred, and a handle that holds it back.
    ///
    /// While it is paused nothing inside it is polled, and its outcome does not pass to what
    /// is around it; what its leaves wait for goes on, as far as it needs no polling. A
    /// cancellation is raised inside all the same, and goes on outward when the deferred
    /// is unpaused. One allocation. Twisted: `Deferred.pause` and `unpause`.
    ///
    /// ```
    /// use defer_core::{Deferred, Failure};
    /// # use std::{future::Future, pin::pin, task::{Context, Waker}};
    /// let (resolver, answer) = Deferred::<Result<u8, Failure>, _>::new();
    /// let (answer, pauser) = answer.pausable();
    /// let doubled = answer.add_callback(|n| n * 2);
    /// pauser.pause();
    /// resolver.callback(21).unwrap();
    /// # let mut doubled = pin!(doubled);
    /// # let mut cx = Context::from_waker(Waker::noop());
    /// assert!(doubled.as_mut().poll(&mut cx).is_pending()); // fired, but held back
    /// pauser.unpause()?;
    /// # let std::task::Poll::Ready(doubled) = doubled.poll(&mut cx) else { panic!() };
    /// # assert_eq!(doubled.unwrap(), 42);
    /// # Ok::<(), defer_core::NotPaused>(())
    /// ```
    pub fn pausable(self) -> (Deferred<O, Pausable<F>>, Pauser) {
        let hold = Arc::new(Lock::new(Hold {
            pauses: 0,
            pausers: 1,
            waker: None,
        }));
        let chain = Pausable {
            chain: Some(self.into_chain()),
            hold: hold.clone(),
            begun: false,
            kept: None,
        };
        (Deferred::from_chain(chain), Pauser { hold })
    }
}
