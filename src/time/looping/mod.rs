//! A call that is made again and again.

mod body;
mod control;
mod grid;
mod run;

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use std::sync::{Arc, Mutex};

use defer_core::{Deferred, OutOf, Returned};

pub use self::body::{Controlled, Counted, LoopBody, Uncounted};
pub use self::control::{AlreadyRunning, LoopControl, NotRunning};
use self::run::Claim;
pub use self::run::Looping;

/// A function that is called again and again.
///
/// [`start`](LoopingCall::start) gives a deferred that makes the calls while it is awaited, or
/// [started](crate::StartExt::start). It yields `()` when the loop is
/// [stopped](LoopingCall::stop), and fails when a call fails, which ends the loop. A function
/// that cannot fail makes a deferred that cannot.
///
/// The function returns a [`Plain`](crate::Plain) value, which is dropped, a `Result`, or a
/// deferred. What it returns is waited for before the next call: two calls never overlap.
///
/// # On the grid
///
/// Calls are made at the start and then at whole intervals after it, however long each of them
/// takes. The times that pass during a call are skipped, and counted: `count` is how many times
/// there were since the last call, normally 1. With an interval of zero calls are made as fast
/// as possible, one in each turn of the runtime, and each counts 1.
///
/// # Stopping, cancelling, dropping
///
/// | | calls | what the body waits for | the deferred |
/// | --- | --- | --- | --- |
/// | [`stop`](LoopingCall::stop) | no more | goes on | yields `()` then, or fails if that fails |
/// | cancelling the deferred | no more | is cancelled | the same; `Cancelled` if nothing takes that |
/// | dropping the deferred | no more | is dropped | |
///
/// After any of them it can be started again. Dropping the `LoopingCall` changes nothing.
///
/// Twisted: `task.LoopingCall`. Its `start` makes the first call before it returns.
///
/// ```
/// use defer::prelude::*;
/// use defer::time::LoopingCall;
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let begin = Instant::now();
/// let (sender, mut times) = tokio::sync::mpsc::unbounded_channel();
/// let tick = LoopingCall::new(move || sender.send(begin.elapsed().as_secs()).is_ok());
/// let ticks = tick.start(Duration::from_secs(2)).unwrap().start();
///
/// sleep(Duration::from_secs(5)).await;
/// tick.stop().unwrap();
/// ticks.await.unwrap();
/// assert_eq!(times.recv().await, Some(0));
/// assert_eq!(times.recv().await, Some(2));
/// assert_eq!(times.recv().await, Some(4));
/// assert!(times.is_empty());
/// # }
/// ```
pub struct LoopingCall<B, M> {
    // `None` while it runs.
    body: Arc<Mutex<Option<B>>>,
    control: LoopControl,
    marker: PhantomData<fn() -> M>,
}

impl<C, R, M> LoopingCall<Uncounted<C>, M>
where
    C: FnMut() -> R,
    R: Returned<M>,
{
    /// Of a function without parameters. Nothing is called before it is started.
    ///
    /// ```
    /// use defer::Failure;
    /// use defer::time::LoopingCall;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut left = 3;
    /// let countdown = LoopingCall::new(|| {
    ///     left -= 1;
    ///     if left == 0 { Err(Failure::msg("over")) } else { Ok(()) }
    /// });
    /// let over = countdown.start(Duration::from_secs(1)).unwrap().await;
    /// assert_eq!(over.unwrap_err().to_string(), "over");
    /// # }
    /// ```
    pub fn new(f: C) -> Self {
        LoopingCall::of(Uncounted(f))
    }
}

impl<C, R, M> LoopingCall<Counted<C>, M>
where
    C: FnMut(u64) -> R,
    R: Returned<M>,
{
    /// Of a function that takes the [count](LoopingCall#on-the-grid). Twisted:
    /// `LoopingCall.withCount`.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::time::LoopingCall;
    /// use std::time::Duration;
    /// use tokio::time::sleep;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let second = Duration::from_secs(1);
    /// // The second call comes late, since the first one takes so long.
    /// let frames = LoopingCall::with_count(move |count| {
    ///     defer(async move {
    ///         sleep(second * 5 / 2).await;
    ///         if count == 1 { Ok(()) } else { Err(count) }
    ///     })
    /// });
    /// assert_eq!(frames.start(second).unwrap().await, Err(3));
    /// # }
    /// ```
    pub fn with_count(f: C) -> Self {
        LoopingCall::of(Counted(f))
    }
}

impl<C, R, M> LoopingCall<Controlled<C>, M>
where
    C: FnMut(LoopControl, u64) -> R,
    R: Returned<M>,
{
    /// Of a function that takes what controls its own loop, and the
    /// [count](LoopingCall#on-the-grid).
    ///
    /// ```
    /// use defer::time::LoopingCall;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let once = LoopingCall::with_control(|control, _| control.stop());
    /// assert_eq!(once.start(Duration::from_secs(1)).unwrap().await, Ok(()));
    /// # }
    /// ```
    pub fn with_control(f: C) -> Self {
        LoopingCall::of(Controlled(f))
    }
}

impl<B, M> LoopingCall<B, M> {
    fn of(body: B) -> Self {
        LoopingCall {
            body: Arc::new(Mutex::new(Some(body))),
            control: LoopControl::default(),
            marker: PhantomData,
        }
    }

    /// What stops it, from elsewhere or from its own body.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::time::{LoopingCall, call_later};
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let tick = LoopingCall::new(|| ());
    /// let control = tick.control();
    /// let _stops = call_later(Duration::from_secs(3), move || control.stop());
    /// tick.start(Duration::from_secs(1)).unwrap().await;
    /// # }
    /// ```
    #[must_use]
    pub fn control(&self) -> LoopControl {
        self.control.clone()
    }

    /// As [`LoopControl::stop`], which has an example.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub fn stop(&self) -> Result<(), NotRunning> {
        self.control.stop()
    }

    /// As [`LoopControl::reset`], which has an example.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub fn reset(&self) -> Result<(), NotRunning> {
        self.control.reset()
    }

    /// As [`LoopControl::is_running`], which has an example.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.control.is_running()
    }
}

impl<B: LoopBody<M>, M> LoopingCall<B, M> {
    /// The deferred that makes the calls: the first one at once, then one in each `interval`.
    ///
    /// Lazy as every deferred: the first call is made, and the grid begins, when it is polled
    /// first. If the loop is stopped before that, no call is made. A panic of the function
    /// unwinds through the poll.
    ///
    /// # Errors
    ///
    /// If it runs already, that is, if a deferred from here is neither at its end nor dropped.
    ///
    /// # Panics
    ///
    /// The first poll panics outside of a tokio runtime that has its time enabled.
    ///
    /// ```
    /// use defer::time::{AlreadyRunning, LoopingCall};
    /// use std::time::Duration;
    ///
    /// let tick = LoopingCall::new(|| ());
    /// let ticks = tick.start(Duration::from_secs(1)).unwrap();
    /// assert_eq!(tick.start(Duration::from_secs(1)).unwrap_err(), AlreadyRunning);
    /// drop(ticks);
    /// assert!(tick.start(Duration::from_secs(1)).is_ok());
    /// ```
    pub fn start(&self, interval: Duration) -> Begun<B, M> {
        self.run(interval, true)
    }

    /// As [`start`](LoopingCall::start), with the first call after one `interval`. Twisted:
    /// `start(interval, now=False)`.
    ///
    /// # Errors
    ///
    /// If it runs already.
    ///
    /// ```
    /// use defer::time::LoopingCall;
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let begin = Instant::now();
    /// let alarm = LoopingCall::new(move || Err::<(), _>(begin.elapsed()));
    /// let second = Duration::from_secs(1);
    /// assert_eq!(alarm.start_later(second).unwrap().await, Err(second));
    /// # }
    /// ```
    pub fn start_later(&self, interval: Duration) -> Begun<B, M> {
        self.run(interval, false)
    }

    fn run(&self, interval: Duration, now: bool) -> Begun<B, M> {
        let claim = Claim::new(&self.body, &self.control).ok_or(AlreadyRunning)?;
        Ok(Deferred::from_chain(Looping::new(claim, interval, now)))
    }
}

/// What starting a [`LoopingCall`] gives: a deferred of `()` that fails as the body does, or
/// the error that it runs already.
pub type Begun<B, M> =
    Result<Deferred<OutOf<<B as LoopBody<M>>::Kind, ()>, Looping<B, M>>, AlreadyRunning>;

impl<B, M> fmt::Debug for LoopingCall<B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopingCall")
            .field("function", &core::any::type_name::<B>())
            .field("running", &self.is_running())
            .finish()
    }
}
