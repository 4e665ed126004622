//! Tasks that take turns.

mod budget;
mod builder;
mod cell;
mod coiterate;
mod done;
mod driver;
mod job;
mod queue;
mod shared;
mod task;

use core::fmt;
use core::panic::Location;
use std::boxed::Box;
use std::sync::Arc;

use defer_core::{Chain, Deferred, Panicked};

pub(super) use self::budget::Budget;
pub use self::builder::Builder;
use self::cell::Cell;
pub use self::coiterate::Coiterate;
use self::done::Done;
use self::job::Typed;
use self::queue::Queue;
pub use self::shared::{coiterate, cooperate};
use self::task::Owned;
pub use self::task::{CooperativeTask, WhenDone};
use super::{TaskFinished, Work};
use crate::start::unhandled::{Origin, Place};
use crate::time::scope;

/// Lets tasks take turns, one unit of work each, and the runtime go on in between.
///
/// Work is an iterator or a stream of units, or a deferred: see [`Work`]. Each task in turn has
/// one unit done, in the order in which the tasks came. A unit that is a deferred holds its
/// task back until the deferred has its outcome; the others go on. When the time of a turn is
/// over, a millisecond unless the [`builder`](Cooperator::builder) says otherwise, everything
/// else that runs on the runtime has its turn. Only a unit that takes long itself keeps the
/// runtime waiting: nobody interrupts it.
///
/// A task of tokio, begun when there is work and gone when there is none, does it all. Work has
/// to be `Send`, since that may run on any thread of the runtime; for what is not see
/// [`iterate_here`](super::iterate_here). Several cooperators take no turns among each other,
/// so mostly there is one for all: [`cooperate`] and
/// [`coiterate`](coiterate()) use that.
///
/// Clones are the same cooperator. Dropping them stops nothing; a cooperator that was never
/// started, and that nobody can start any more, fails its tasks with
/// [`TaskFinished::SchedulerStopped`]. Twisted: `task.Cooperator`.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::Cooperator;
/// use std::sync::{Arc, Mutex};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let cooperator = Cooperator::new();
/// let said = Arc::new(Mutex::new(String::new()));
/// let say = |word| {
///     let said = said.clone();
///     move |n| *said.lock().unwrap() += &format!("{word}{n} ")
/// };
/// let a = cooperator.cooperate((1..=3).map(say("a")));
/// let b = cooperator.cooperate((1..=3).map(say("b")));
/// a.when_done().await?;
/// b.when_done().await?;
/// assert_eq!(*said.lock().unwrap(), "a1 b1 a2 b2 a3 b3 ");
/// # Ok(())
/// # }
/// ```
pub struct Cooperator {
    queue: Arc<Queue>,
}

impl Cooperator {
    /// One that works as soon as it has work.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// assert!(Cooperator::new().is_running());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Cooperator::builder().build()
    }

    /// One whose turns, start or runtime are chosen.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// use std::time::Duration;
    /// let polite = Cooperator::builder().budget(Duration::from_millis(1)).build();
    /// # drop(polite);
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    fn of(queue: Arc<Queue>) -> Self {
        queue.hold();
        Cooperator { queue }
    }

    /// Take on work, which begins with the next turn, and give the handle of its task.
    ///
    /// A cooperator that was stopped takes none: the task has failed, then, with
    /// [`TaskFinished::SchedulerStopped`]. Work inside a [`timeout`](crate::time) inherits what
    /// is [`remaining`](crate::time::remaining). Twisted: `Cooperator.cooperate`.
    ///
    /// # Panics
    ///
    /// If it is running and has no task yet, outside of a tokio runtime: its
    /// [`builder`](Builder::on) can name one.
    ///
    /// ```
    /// use defer::Failure;
    /// use defer::task::Cooperator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let words = ["7", "eight", "9"];
    /// let task = Cooperator::new().cooperate(words.map(|word| match word.parse::<u8>() {
    ///     Ok(_) => Ok(()),
    ///     Err(error) => Err(Failure::from(error)),
    /// }));
    /// let failure = task.when_done().await.unwrap_err();
    /// assert_eq!(failure.to_string(), "invalid digit found in string");
    /// # }
    /// ```
    #[track_caller]
    pub fn cooperate<W, M>(&self, work: W) -> CooperativeTask<W::Value, W::Error>
    where
        W: Work<M>,
        W::Chain: Send + 'static,
        W::Value: Send + 'static,
        W::Error: From<TaskFinished> + From<Panicked> + fmt::Debug + Send + 'static,
    {
        CooperativeTask::of(self.add(work.into_chain(), Location::caller()))
    }

    /// A deferred that has the work done here: it yields its result.
    ///
    /// Lazy as every deferred: the work is taken on at the first poll. Cancelling it cancels
    /// what the work waits for, so that errbacks clean up, and drops what is left of the work;
    /// the deferred yields what came of that, or `Cancelled`. Dropping it drops the work.
    /// Twisted: `Cooperator.coiterate`, whose deferred yields the iterator, and leaves the
    /// work alone when it is cancelled.
    ///
    /// # Panics
    ///
    /// As [`cooperate`](Cooperator::cooperate), at the first poll.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::Cooperator;
    ///
    /// #[callback]
    /// fn told(_done: (), text: &str) -> String { format!("{text} is done") }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let work = Cooperator::new().coiterate((0..100).map(|_| ()));
    /// assert_eq!(told(work, "it").await.unwrap(), "it is done");
    /// # }
    /// ```
    #[track_caller]
    pub fn coiterate<W, M>(
        &self,
        work: W,
    ) -> Deferred<Result<W::Value, W::Error>, Coiterate<W::Chain, W::Value, W::Error>>
    where
        W: Work<M>,
        W::Chain: Send + 'static,
        W::Value: Send + 'static,
        W::Error: From<TaskFinished> + From<Panicked> + fmt::Debug + Send + 'static,
    {
        Deferred::from_chain(Coiterate::new(Some(self.clone()), work.into_chain()))
    }

    #[track_caller]
    fn add<F, T, E>(&self, chain: F, started: &'static Location<'static>) -> Owned<T, E>
    where
        F: Chain<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Panicked> + fmt::Debug + Send + 'static,
    {
        let done = Arc::new(Done::new(Place {
            what: "unhandled failure of a cooperative task",
            name: Origin::of(&chain, started).name(),
            started,
            member: None,
        }));
        let work = Box::pin(Typed::new(chain, scope::deadline(), done.clone()));
        let queue = &self.queue;
        let (cell, taken) = queue.add(|id| Arc::new(Cell::queued(id, queue, work)));
        if !taken {
            cell.kill(TaskFinished::SchedulerStopped);
        }
        Owned::new(cell, done)
    }

    /// Begin with what waits, and take on work again if it was stopped.
    ///
    /// Twisted: `Cooperator.start`.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, unless its [`builder`](Builder::on) has named one.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let cooperator = Cooperator::builder().started(false).build();
    /// let task = cooperator.cooperate(0..3);
    /// assert!(!cooperator.is_running());
    /// cooperator.start();
    /// task.when_done().await.unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn start(&self) {
        self.queue.start();
    }

    /// Stop all tasks, and take on no more.
    ///
    /// Each of them is cancelled where it waits. When it has cleaned up its result is
    /// [`TaskFinished::SchedulerStopped`], or what an errback made of that. Twisted:
    /// `Cooperator.stop`, which leaves tasks that are paused or wait for something to be found
    /// out later.
    ///
    /// ```
    /// use defer::task::{Cooperator, TaskFinished};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let cooperator = Cooperator::new();
    /// let endless = cooperator.cooperate(0..);
    /// cooperator.stop();
    /// let failure = endless.when_done().await.unwrap_err();
    /// assert_eq!(failure.check(), Some(&TaskFinished::SchedulerStopped));
    /// # }
    /// ```
    pub fn stop(&self) {
        self.queue.with(|state| state.stopped = true);
        for task in self.queue.tasks() {
            // It may have come to its end by itself.
            let _ = task.stop(TaskFinished::SchedulerStopped);
        }
    }

    /// Whether it was started and has not been stopped.
    ///
    /// ```
    /// use defer::task::Cooperator;
    /// let cooperator = Cooperator::new();
    /// cooperator.stop();
    /// assert!(!cooperator.is_running());
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.queue.with(|state| state.started && !state.stopped)
    }
}

impl Clone for Cooperator {
    fn clone(&self) -> Self {
        Cooperator::of(self.queue.clone())
    }
}

impl Default for Cooperator {
    fn default() -> Self {
        Cooperator::new()
    }
}

impl Drop for Cooperator {
    fn drop(&mut self) {
        if self.queue.let_go() {
            self.stop();
            // What is in the queue holds the queue.
            drop(self.queue.driver_is_gone());
        }
    }
}

impl fmt::Debug for Cooperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cooperator")
            .field("running", &self.is_running())
            .field("tasks", &self.queue.tasks().len())
            .finish()
    }
}
