//! How a cooperator is to work.

use core::time::Duration;
use std::boxed::Box;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::Cooperator;
use super::budget::Budget;
use super::queue::Queue;

/// Makes a [`Cooperator`] whose turns, start or runtime are chosen: see
/// [`Cooperator::builder`].
#[derive(Debug)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct Builder {
    budget: Budget,
    started: bool,
    on: Option<Handle>,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            budget: Budget::default(),
            started: true,
            on: None,
        }
    }
}

impl Builder {
    /// How long a turn takes, a millisecond if nothing is said: then the runtime goes on.
    ///
    /// At least one unit is done in each turn. A shorter turn lets a server beside it answer
    /// sooner; a longer one costs a little less, if units are small. The time is that of the processor, not of tokio's
    /// clock, which may be paused.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// use std::time::Duration;
    /// let as_in_twisted = Cooperator::builder().budget(Duration::from_millis(10)).build();
    /// # drop(as_in_twisted);
    /// ```
    pub fn budget(mut self, time: Duration) -> Self {
        self.budget = Budget::Time(time);
        self
    }

    /// How many units a turn has, of all tasks together, instead of how long it takes.
    ///
    /// For tests: every run is the same. Zero is one.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let stepwise = Cooperator::builder().units(1).build();
    /// let task = stepwise.cooperate(0..3);
    /// let mut turns = 0;
    /// while !task.is_finished() {
    ///     tokio::task::yield_now().await;
    ///     turns += 1;
    /// }
    /// assert_eq!(turns, 4); // the fourth finds out that there is no more
    /// # }
    /// ```
    pub fn units(self, units: usize) -> Self {
        self.until(move |done| done >= units)
    }

    /// A turn is over when `over` says so, which is asked after each unit with the number of
    /// units of this turn. Twisted: `terminationPredicateFactory`.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    /// static BUSY: AtomicBool = AtomicBool::new(false);
    /// let shy = Cooperator::builder().until(|_| BUSY.load(Relaxed)).build();
    /// # drop(shy);
    /// ```
    pub fn until(mut self, over: impl FnMut(usize) -> bool + Send + 'static) -> Self {
        self.budget = Budget::Until(Box::new(over));
        self
    }

    /// Whether it works as soon as it has work, as it does if nothing is said, or only when
    /// [`Cooperator::start`] was called.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// assert!(!Cooperator::builder().started(false).build().is_running());
    /// ```
    pub fn started(mut self, started: bool) -> Self {
        self.started = started;
        self
    }

    /// The runtime that it works on; if nothing is said, the one in which it is given work.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// let task = Cooperator::builder().on(runtime.handle()).build().cooperate(0..3);
    /// runtime.block_on(task.when_done()).unwrap();
    /// ```
    pub fn on(mut self, runtime: &Handle) -> Self {
        self.on = Some(runtime.clone());
        self
    }

    /// The cooperator.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// assert!(Cooperator::builder().build().is_running());
    /// ```
    #[must_use]
    pub fn build(self) -> Cooperator {
        Cooperator::of(Arc::new(Queue::new(self.budget, self.started, self.on)))
    }
}
