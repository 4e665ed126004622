//! What the owner of a controllable deferred gives it.

use core::fmt;
use core::mem;
use core::task::{Context, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use defer_core::{Cancelled, Failure};

enum Given<T, E> {
    Nothing(Option<Waker>),
    Outcome(Result<T, E>),
    /// The deferred takes nothing any more.
    Over,
}

type Shared<T, E> = Mutex<Given<T, E>>;

/// No waker is called under the lock, and no outcome dropped.
fn lock<T, E>(shared: &Shared<T, E>) -> MutexGuard<'_, Given<T, E>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fires, fails or cancels a deferred in place of the original: made by
/// [`controllable`](super::controllable).
///
/// Each of the ways consumes it, so that there is one outcome. Dropping it leaves the deferred to
/// the original.
#[must_use = "dropped, it leaves the deferred to the original"]
pub struct Controller<T, E = Failure> {
    shared: Arc<Shared<T, E>>,
}

impl<T, E> Controller<T, E> {
    pub(super) fn pair() -> (Self, Controlling<T, E>) {
        let shared = Arc::new(Mutex::new(Given::Nothing(None)));
        let controlling = Controlling {
            shared: shared.clone(),
        };
        (Controller { shared }, controlling)
    }

    /// Let this be the outcome.
    ///
    /// # Errors
    ///
    /// The outcome comes back if the deferred has one already, or has been dropped.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::{Original, controllable};
    /// # futures::executor::block_on(async {
    /// let slow = defer(std::future::pending::<Result<u8, Failure>>());
    /// let (number, controller) = controllable(slow, Original::Drop);
    /// controller.resolve("7".parse().map_err(Failure::from)).unwrap();
    /// assert_eq!(number.await.unwrap(), 7);
    /// # });
    /// ```
    pub fn resolve(self, outcome: Result<T, E>) -> Result<(), Result<T, E>> {
        let mut given = lock(&self.shared);
        let Given::Nothing(waker) = &mut *given else {
            return Err(outcome);
        };
        let waker = waker.take();
        *given = Given::Outcome(outcome);
        drop(given);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Fire the deferred with a value.
    ///
    /// # Errors
    ///
    /// The value comes back if the deferred has its outcome already, or has been dropped.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::{Original, controllable};
    /// # futures::executor::block_on(async {
    /// let three = defer(async { Ok::<_, Failure>(3) });
    /// let (number, controller) = controllable(three, Original::Drop);
    /// assert_eq!(number.await.unwrap(), 3);
    /// assert_eq!(controller.callback(4), Err(4));
    /// # });
    /// ```
    pub fn callback(self, value: T) -> Result<(), T> {
        match self.resolve(Ok(value)) {
            Err(Ok(value)) => Err(value),
            _ => Ok(()),
        }
    }

    /// Fire the deferred with an error.
    ///
    /// # Errors
    ///
    /// The error comes back if the deferred has its outcome already, or has been dropped.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::{Original, controllable};
    /// # futures::executor::block_on(async {
    /// let slow = defer(std::future::pending::<Result<u8, Failure>>());
    /// let (page, controller) = controllable(slow, Original::Drop);
    /// controller.errback(Failure::msg("shut down")).unwrap();
    /// assert_eq!(page.await.unwrap_err().to_string(), "shut down");
    /// # });
    /// ```
    pub fn errback(self, error: E) -> Result<(), E> {
        match self.resolve(Err(error)) {
            Err(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Fail the deferred with [`Cancelled`], whatever the original makes of it.
    ///
    /// Nothing happens if it has its outcome already. To let errbacks of the original recover,
    /// cancel the deferred itself, as any other.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::{Original, controllable};
    /// # futures::executor::block_on(async {
    /// let slow = defer(std::future::pending::<Result<u8, Failure>>());
    /// let (page, controller) = controllable(slow, Original::Cancel);
    /// controller.cancel();
    /// assert!(page.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn cancel(self)
    where
        E: From<Cancelled>,
    {
        // What comes back was made here.
        let _ = self.errback(Cancelled.into());
    }

    /// Whether the deferred has its outcome already, or has been dropped.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::{Original, controllable};
    ///
    /// let slow = defer(std::future::pending::<Result<u8, Failure>>());
    /// let (page, controller) = controllable(slow, Original::Drop);
    /// assert!(!controller.is_over());
    /// drop(page);
    /// assert!(controller.is_over());
    /// ```
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(*lock(&self.shared), Given::Over)
    }
}

impl<T, E> fmt::Debug for Controller<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controller")
            .field("is_over", &self.is_over())
            .finish()
    }
}

/// The side that is controlled. Dropping it tells the owner.
pub(super) struct Controlling<T, E> {
    shared: Arc<Shared<T, E>>,
}

impl<T, E> Controlling<T, E> {
    pub(super) fn is_given(&self) -> bool {
        matches!(*lock(&self.shared), Given::Outcome(_))
    }

    /// What the owner has given; then it is over. If it is nothing, this task is woken later.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Option<Result<T, E>> {
        let mut given = lock(&self.shared);
        let mut _old = None;
        match &mut *given {
            Given::Nothing(Some(waker)) if waker.will_wake(cx.waker()) => {}
            Given::Nothing(waker) => _old = waker.replace(cx.waker().clone()),
            Given::Outcome(_) => {
                if let Given::Outcome(outcome) = mem::replace(&mut *given, Given::Over) {
                    return Some(outcome);
                }
            }
            Given::Over => {}
        }
        drop(given);
        None
    }

    /// It is over. What the owner has given until now, he has given.
    pub(super) fn end(&self) -> Option<Result<T, E>> {
        let given = mem::replace(&mut *lock(&self.shared), Given::Over);
        match given {
            Given::Outcome(outcome) => Some(outcome),
            Given::Nothing(_) | Given::Over => None,
        }
    }
}

impl<T, E> Drop for Controlling<T, E> {
    fn drop(&mut self) {
        self.end();
    }
}
