//! A deferred that its owner may fire in place of the original.

mod control;

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Course, Sealed, finished, node};
use defer_core::{Chain, Deferred, Draw, Node, Unwind};
use pin_project_lite::pin_project;

pub use self::control::Controller;
use self::control::Controlling;

/// What becomes of the original of a [`ControllableDeferred`] when its owner fires it first.
///
/// Whatever it is, a result that the original comes to later is lost. A failure of it is not
/// reported, unless it was started and is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Original {
    /// It is cancelled where it waits, and the owner's outcome comes when it has cleaned up. A
    /// plain future is dropped at once.
    Cancel,
    /// It is dropped at once: no errback runs.
    Drop,
}

/// A deferred that its owner may fire in place of the original: made by [`controllable`].
pub type ControllableDeferred<T, E, F> = Deferred<Result<T, E>, Controlled<T, E, F>>;

/// A deferred as this one, and what fires, fails or cancels it before its time.
///
/// As long as the [`Controller`] does nothing, and when it has been dropped, the deferred is as
/// the original. The first of the two decides: an outcome that the original comes to later is
/// lost, and what is given to the controller later comes back. Of what becomes of the original
/// `original` tells. What happens happens when the deferred is polled, to which its task is
/// woken.
///
/// Cancelled from outside the deferred cancels the original, and comes to what that comes to.
/// Dropped it drops the original. A deferred that cannot fail becomes one that can by
/// `.add_callback(Ok::<_, Failure>)`.
///
/// Terry Jones: `ControllableDeferred`, which fires at once, and cancels the original besides.
/// His first one had `deactivate`, after which nothing came any more: here something always
/// comes, so that is [`cancel`](Controller::cancel).
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::{Original, controllable};
/// # futures::executor::block_on(async {
/// let slow = defer(std::future::pending::<Result<&str, Failure>>());
/// let (page, controller) = controllable(slow, Original::Cancel);
/// controller.callback("a page from the cache").unwrap();
/// assert_eq!(page.await.unwrap(), "a page from the cache");
/// # });
/// ```
pub fn controllable<T, E, F>(
    deferred: Deferred<Result<T, E>, F>,
    original: Original,
) -> (ControllableDeferred<T, E, F>, Controller<T, E>)
where
    F: Chain<Output = Result<T, E>>,
{
    let (controller, controlling) = Controller::pair();
    let chain = Controlled {
        chain: Some(deferred.into_chain()),
        course: Course::default(),
        begun: false,
        asked: false,
        controlling,
        given: None,
        original,
    };
    (Deferred::from_chain(chain), controller)
}

pin_project! {
    /// The chain of a [`ControllableDeferred`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Controlled<T, E, F> {
        // `None` when it has come to its end, or is dropped.
        #[pin]
        chain: Option<F>,
        course: Course,
        begun: bool,
        // It has been cancelled.
        asked: bool,
        controlling: Controlling<T, E>,
        // By the owner, while the original cleans up.
        given: Option<Result<T, E>>,
        original: Original,
    }
}

impl<T, E, F: Chain<Output = Result<T, E>>> Future for Controlled<T, E, F> {
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|outcome| outcome.unwrap_or_else(|| finished()))
    }
}

impl<T, E, F> Sealed for Controlled<T, E, F> {}

impl<T, E, F: Chain<Output = Result<T, E>>> Chain for Controlled<T, E, F> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut this = self.project();
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            return Unwind::Idle;
        };
        // What the owner gave before the cancellation stands; it has not been looked at yet.
        if this.given.is_none() && this.controlling.is_given() {
            return Unwind::Idle;
        }
        let unwind = this.course.cancel(chain);
        match unwind {
            Unwind::Stays => {
                *this.asked = true;
                return Unwind::Stays;
            }
            // The outcome is there, of the original or of the owner.
            Unwind::Idle if this.given.is_none() => return Unwind::Idle,
            Unwind::Is(_) | Unwind::Out | Unwind::Idle => this.chain.set(None),
        }
        // The owner may have been quicker, on another thread.
        match (this.given.take().or_else(|| this.controlling.end()), unwind) {
            (Some(given), _) => Unwind::Is(given),
            (None, unwind) => unwind,
        }
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let mut this = self.project();
        if this.given.is_none() {
            *this.given = this.controlling.poll(cx);
            if this.given.is_some() {
                let dropped = match this.chain.as_mut().as_pin_mut() {
                    None => finished(),
                    // What has not begun does not begin.
                    Some(_) if *this.original == Original::Drop || !*this.begun => true,
                    // It cleans up already.
                    Some(_) if *this.asked => false,
                    Some(chain) => !matches!(this.course.cancel(chain), Unwind::Stays),
                };
                *this.asked = true;
                if dropped {
                    this.chain.set(None);
                }
            }
        }
        let outcome = match this.chain.as_mut().as_pin_mut() {
            Some(chain) => {
                *this.begun = true;
                ready!(this.course.poll(chain, false, cx))
            }
            None if this.given.is_some() => None,
            None => finished(),
        };
        this.chain.set(None);
        let given = this.given.take().or_else(|| this.controlling.end());
        Poll::Ready(given.or(outcome))
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("controllable"), |to| {
            if let Some(chain) = &self.chain {
                chain.describe(to);
            }
        });
    }
}

impl<T, E, F> fmt::Debug for Controlled<T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controlled")
            .field("original", &self.original)
            .finish_non_exhaustive()
    }
}
