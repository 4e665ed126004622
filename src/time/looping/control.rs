//! The handle of a looping call.

use core::error::Error;
use core::fmt;
use core::task::{Context, Waker};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

#[derive(Default)]
struct State {
    running: bool,
    stopped: bool,
    reset: Option<Instant>,
    waker: Option<Waker>,
}

/// Stops a [`LoopingCall`](super::LoopingCall), or lets its interval begin anew.
///
/// Clones are for the same looping call, whenever it runs; they may be sent to other threads
/// and into its body. Dropping them does nothing.
#[derive(Clone, Default)]
pub struct LoopControl {
    state: Arc<Mutex<State>>,
}

impl LoopControl {
    /// Nothing panics while the lock is held.
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Do something with a loop that runs, and let it look.
    fn change(&self, change: impl FnOnce(&mut State)) -> Result<(), NotRunning> {
        let waiting = self.with(|state| {
            if !state.running || state.stopped {
                return Err(NotRunning);
            }
            change(state);
            Ok(state.waker.take())
        })?;
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        Ok(())
    }

    /// Make no more calls. The deferred of the loop yields, at once or when what the body
    /// waits for is there: that goes on, and if it fails the loop fails.
    ///
    /// To cancel what the body waits for, cancel the deferred of the loop.
    ///
    /// # Errors
    ///
    /// If the loop does not run, or was stopped already.
    ///
    /// ```
    /// use defer::time::LoopingCall;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut calls = 0;
    /// let thrice = LoopingCall::with_control(|control, _| {
    ///     calls += 1;
    ///     if calls == 3 {
    ///         control.stop().expect("its body runs, so it runs");
    ///     }
    /// });
    /// thrice.start(Duration::from_secs(1)).unwrap().await;
    /// drop(thrice);
    /// assert_eq!(calls, 3);
    /// # }
    /// ```
    pub fn stop(&self) -> Result<(), NotRunning> {
        self.change(|state| state.stopped = true)
    }

    /// Let the interval begin anew: the next call is one interval from now, and the ones after
    /// that on the grid that begins now.
    ///
    /// While the body waits for something, the new grid holds for what follows; in Twisted
    /// nothing happens then.
    ///
    /// # Errors
    ///
    /// If the loop does not run.
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
    /// let alarm = LoopingCall::new(move || Err::<(), _>(begin.elapsed()));
    /// let control = alarm.control();
    /// let restless = async move {
    ///     sleep(Duration::from_secs(1)).await;
    ///     control.reset().unwrap();
    /// };
    /// let alarmed = alarm.start_later(Duration::from_secs(2)).unwrap();
    /// let (alarmed, ()) = tokio::join!(alarmed, restless);
    /// assert_eq!(alarmed, Err(Duration::from_secs(3)));
    /// # }
    /// ```
    pub fn reset(&self) -> Result<(), NotRunning> {
        let now = Instant::now();
        self.change(|state| state.reset = Some(now))
    }

    /// Whether the loop runs: it was started, and its deferred has neither its outcome nor
    /// been dropped, and it was not stopped.
    ///
    /// ```
    /// use defer::time::LoopingCall;
    /// use std::time::Duration;
    /// let tick = LoopingCall::new(|| ());
    /// assert!(!tick.control().is_running());
    /// let _ticks = tick.start(Duration::from_secs(1)).unwrap();
    /// assert!(tick.control().is_running());
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.with(|state| state.running && !state.stopped)
    }

    /// A run begins.
    pub(super) fn begin(&self) {
        let running = State {
            running: true,
            ..State::default()
        };
        let _old = self.with(|state| core::mem::replace(state, running));
    }

    /// The run is over.
    pub(super) fn end(&self) {
        let _old = self.with(core::mem::take);
    }

    /// What was asked for; the next time it wakes this task.
    pub(super) fn look(&self, cx: &Context<'_>) -> Asked {
        let (asked, _old) = self.with(|state| {
            let old = state.waker.replace(cx.waker().clone());
            let asked = Asked {
                stop: state.stopped,
                reset: state.reset.take(),
            };
            (asked, old)
        });
        asked
    }
}

/// What was asked of a loop.
pub(super) struct Asked {
    pub(super) stop: bool,
    pub(super) reset: Option<Instant>,
}

impl fmt::Debug for LoopControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopControl")
            .field("running", &self.is_running())
            .finish()
    }
}

/// The error of what is asked of a [`LoopingCall`](super::LoopingCall) that does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotRunning;

impl fmt::Display for NotRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the looping call does not run: it was not started, or it has ended")
    }
}

impl Error for NotRunning {}

/// The error of starting a [`LoopingCall`](super::LoopingCall) that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlreadyRunning;

impl fmt::Display for AlreadyRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the looping call runs already: `stop` it and await its deferred, or drop that, \
             before it is started again",
        )
    }
}

impl Error for AlreadyRunning {}
