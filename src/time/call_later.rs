//! One call, later, and the handle that moves it.

use core::error::Error;
use core::fmt;
use core::future::poll_fn;
use core::panic::Location;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use defer_core::{ErrOf, Kind, Returned};
use tokio::time::{Instant, Sleep, sleep_until};

use super::moment::after;
use crate::start::unhandled::{Place, report};

/// Call `f` after `delay`, on the tokio runtime that this is called in.
///
/// The delay counts from now. What comes back is not a deferred but the handle that
/// [cancels](DelayedCall::cancel) the call or moves it; for a result to wait for see
/// [`defer_later`](crate::time::defer_later()). Dropping the handle before the call is made
/// cancels it, as dropping does everywhere here; [`detach`](DelayedCall::detach) leaves it to
/// itself.
///
/// `f` returns a [`Plain`](crate::Plain) value, which is dropped, or a `Result`, or a deferred,
/// which is run to its end. A failure is reported once through `tracing`, as that of a
/// [started](mod@crate::start#failures-that-nobody-takes) deferred that nobody takes. Calls at
/// different times are made in the order of their times. Twisted: `reactor.callLater`.
///
/// # Panics
///
/// Outside of a tokio runtime that has its time enabled, as `tokio::spawn` does. A panic of `f`
/// ends its own task, and nothing else.
///
/// ```
/// use defer::time::call_later;
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let begin = Instant::now();
/// let (sender, called) = tokio::sync::oneshot::channel();
/// let call = call_later(Duration::from_secs(2), move || {
///     let _ = sender.send(begin.elapsed());
/// });
/// sleep(Duration::from_secs(1)).await;
/// call.reset(Duration::from_secs(5)).unwrap(); // from now
/// assert_eq!(called.await.unwrap(), Duration::from_secs(6));
/// assert!(!call.active());
/// # }
/// ```
#[track_caller]
pub fn call_later<C, R, M>(delay: Duration, f: C) -> DelayedCall
where
    C: FnOnce() -> R + Send + 'static,
    R: Returned<M>,
    R::Chain: Send + 'static,
    ErrOf<R::Kind>: fmt::Debug,
{
    let place = Place {
        what: "unhandled failure of a delayed call",
        name: core::any::type_name::<C>(),
        started: Location::caller(),
        member: None,
    };
    let shared = Arc::new(Mutex::new(Call {
        time: after(Instant::now(), delay),
        stage: Stage::Waits,
        waker: None,
    }));
    let alarm = shared.clone();
    tokio::spawn(async move {
        if ring(alarm).await {
            let outcome = R::Kind::outcome(f().into_chain().await);
            if let Err(error) = outcome {
                report(&error, place);
            }
        }
    });
    DelayedCall { shared }
}

/// What the handle and the task know of a call.
struct Call {
    time: Instant,
    stage: Stage,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waits,
    Called,
    Cancelled,
    /// It waits, and nobody can move it any more.
    Detached,
}

type Shared = Arc<Mutex<Call>>;

/// Nothing panics while the lock is held.
fn with<R>(shared: &Mutex<Call>, change: impl FnOnce(&mut Call) -> R) -> R {
    change(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Wait until the call is due, whenever that comes to be: whether it is to be made.
async fn ring(shared: Shared) -> bool {
    let time = with(&shared, |call| call.time);
    let mut timer = pin!(sleep_until(time));
    poll_fn(|cx| poll_ring(&shared, timer.as_mut(), cx)).await
}

fn poll_ring(shared: &Mutex<Call>, mut timer: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<bool> {
    loop {
        let (time, stage, _old) = with(shared, |call| {
            let old = call.waker.replace(cx.waker().clone());
            (call.time, call.stage, old)
        });
        if stage == Stage::Cancelled {
            return Poll::Ready(false);
        }
        if timer.deadline() != time {
            timer.as_mut().reset(time);
        }
        core::task::ready!(timer.as_mut().poll(cx));
        // It may have been moved or cancelled on another thread in between.
        let due = with(shared, |call| {
            let due = call.time == time && call.stage != Stage::Cancelled;
            if due {
                call.stage = Stage::Called;
            }
            due
        });
        if due {
            return Poll::Ready(true);
        }
    }
}

/// A call that is to be made later: made by [`call_later`](call_later()).
///
/// Dropping it cancels the call, if it has not been made. Twisted: `IDelayedCall`.
#[must_use = "a delayed call is cancelled when this is dropped; `detach` leaves it to itself"]
pub struct DelayedCall {
    shared: Shared,
}

impl DelayedCall {
    /// Do something with a call that waits, and let its task look again.
    fn change(&self, change: impl FnOnce(&mut Call)) -> Result<(), NotActive> {
        let waiting = with(&self.shared, |call| match call.stage {
            Stage::Called => Err(NotActive::Called),
            Stage::Cancelled => Err(NotActive::Cancelled),
            Stage::Waits | Stage::Detached => {
                change(call);
                Ok(call.waker.take())
            }
        })?;
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        Ok(())
    }

    /// Do not make the call. The function is dropped soon afterwards.
    ///
    /// # Errors
    ///
    /// If the call has been made, even if a deferred that it gave still runs, or was
    /// cancelled already.
    ///
    /// ```
    /// use defer::time::{NotActive, call_later};
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = call_later(Duration::from_secs(1), || unreachable!() as u8);
    /// call.cancel().unwrap();
    /// assert_eq!(call.cancel(), Err(NotActive::Cancelled));
    /// # }
    /// ```
    pub fn cancel(&self) -> Result<(), NotActive> {
        self.change(|call| call.stage = Stage::Cancelled)
    }

    /// Make the call `delay` from now, sooner or later than it would have been.
    ///
    /// # Errors
    ///
    /// If the call has been made or cancelled.
    ///
    /// ```
    /// use defer::time::call_later;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = call_later(Duration::from_secs(4), || ());
    /// call.reset(Duration::from_secs(3)).unwrap();
    /// assert_eq!(call.time(), Instant::now() + Duration::from_secs(3));
    /// # }
    /// ```
    pub fn reset(&self, delay: Duration) -> Result<(), NotActive> {
        self.change(|call| call.time = after(Instant::now(), delay))
    }

    /// Make the call so much later than it would have been.
    ///
    /// # Errors
    ///
    /// If the call has been made or cancelled.
    ///
    /// ```
    /// use defer::time::call_later;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = call_later(Duration::from_secs(1), || ());
    /// call.delay(Duration::from_secs(2)).unwrap();
    /// assert_eq!(call.time(), Instant::now() + Duration::from_secs(3));
    /// # }
    /// ```
    pub fn delay(&self, by: Duration) -> Result<(), NotActive> {
        self.change(|call| call.time = after(call.time, by))
    }

    /// When the call is to be made, or was, or would have been.
    ///
    /// ```
    /// use defer::time::call_later;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = call_later(Duration::from_secs(1), || ());
    /// assert_eq!(call.time(), Instant::now() + Duration::from_secs(1));
    /// # }
    /// ```
    #[must_use]
    pub fn time(&self) -> Instant {
        with(&self.shared, |call| call.time)
    }

    /// Whether the call is still to be made. It is not while it is made.
    ///
    /// ```
    /// use defer::time::call_later;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = call_later(Duration::from_secs(1), || ());
    /// assert!(call.active());
    /// call.cancel().unwrap();
    /// assert!(!call.active());
    /// # }
    /// ```
    #[must_use]
    pub fn active(&self) -> bool {
        with(&self.shared, |call| call.stage == Stage::Waits)
    }

    /// Leave the call to itself: it is made at its time, if the runtime lives to see it.
    ///
    /// ```
    /// use defer::time::call_later;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let (sender, called) = tokio::sync::oneshot::channel();
    /// call_later(Duration::from_secs(1), || { let _ = sender.send(7); }).detach();
    /// assert_eq!(called.await, Ok(7));
    /// # }
    /// ```
    pub fn detach(self) {
        // What was made or cancelled stays so.
        let _ = self.change(|call| call.stage = Stage::Detached);
    }
}

impl Drop for DelayedCall {
    fn drop(&mut self) {
        if self.active() {
            // It may be made in this moment, on another thread.
            let _ = self.cancel();
        }
    }
}

impl fmt::Debug for DelayedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelayedCall")
            .field("time", &self.time())
            .field("active", &self.active())
            .finish()
    }
}

/// The error of what is asked of a [`DelayedCall`] that is not waiting any more.
///
/// ```
/// use defer::time::NotActive;
/// assert_eq!(NotActive::Called.to_string(), "the call has been made already");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotActive {
    /// The call has been made. Twisted: `AlreadyCalled`.
    Called,
    /// The call was cancelled. Twisted: `AlreadyCancelled`.
    Cancelled,
}

impl fmt::Display for NotActive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotActive::Called => "the call has been made already",
            NotActive::Cancelled => "the call was cancelled",
        })
    }
}

impl Error for NotActive {}
