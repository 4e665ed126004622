//! The queue, as it is asked.

use core::fmt;
use std::sync::Arc;
use std::vec::Vec;

use defer_core::{Cancelled, Deferred, Failure, Panicked, Returned};

use super::engine::Engine;
use super::events::Events;
use super::put::{PutError, Putting};
use super::queued::{Queued, WatchJob};
use super::stop::{NotPending, Pausing, QueueStopped, Stopping};
use super::store::{JobId, Priority};
use super::work::Calls;
use super::{Builder, Job, Progress};
use crate::task::JobKind;

/// How many jobs of a queue are underway and pending.
///
/// ```
/// use defer::dispatch::Size;
/// assert_eq!(Size::default(), Size { underway: 0, pending: 0 });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Size {
    /// Those that were begun.
    pub underway: usize,
    /// Those that wait for their turn.
    pub pending: usize,
}

/// A queue of jobs that are done so many at a time, and which can be steered while it runs.
///
/// It has one function, from the argument of a job to a deferred, a `Result` or a plain value.
/// [`put`](ResizableDispatchQueue::put) leaves a job there and gives its deferred. Jobs of the
/// lowest priority number go first, and of these those that came first.
///
/// | to | there is |
/// | --- | --- |
/// | leave a job | [`put`](ResizableDispatchQueue::put), [`put_at`](ResizableDispatchQueue::put_at) a priority; [`try_put`](ResizableDispatchQueue::try_put), which refuses instead of waiting |
/// | do more or fewer at a time | [`set_width`](ResizableDispatchQueue::set_width) |
/// | look | [`size`](ResizableDispatchQueue::size), [`pending`](ResizableDispatchQueue::pending), [`underway`](ResizableDispatchQueue::underway), [`job`](ResizableDispatchQueue::job), [`progress`](ResizableDispatchQueue::progress), [`events`](ResizableDispatchQueue::events) |
/// | steer a job | [`cancel`](ResizableDispatchQueue::cancel), [`reprioritise`](ResizableDispatchQueue::reprioritise), or what a [`Queued`] has |
/// | throw away what is pending | [`clear`](ResizableDispatchQueue::clear) |
/// | hold back | [`pause`](ResizableDispatchQueue::pause), [`resume`](ResizableDispatchQueue::resume) |
/// | end | [`stop`](ResizableDispatchQueue::stop), [`stop_now`](ResizableDispatchQueue::stop_now) |
/// | choose a rate, a bound, a limit of time, retrying, a store | [`builder`](ResizableDispatchQueue::builder) |
///
/// Jobs are done in tasks of the runtime, as many as the queue is wide, so that they run on
/// several threads where the runtime has several. A panic of the work is a failure of its job;
/// the queue goes on. The argument is cloned for the work, so that it can be given back with the
/// job: put what is large behind an `Arc`.
///
/// Clones are the same queue. **Dropping the last one stops it**: what is underway goes on to its
/// end, and what is pending never begins; its deferreds fail with
/// [`JobFailed`](super::JobFailed), and jobs in a store are taken up when that is opened again.
/// When the runtime goes, jobs that were underway fail as cancelled, and the queue is stopped.
/// `txrdq`: `ResizableDispatchQueue`.
///
/// ```
/// use defer::dispatch::ResizableDispatchQueue;
/// use defer::prelude::*;
///
/// #[callback]
/// async fn send(text: String) -> Result<usize, Failure> {
///     // … to somebody …
///     Ok(text.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::new(|text: String| send(text), 2);
/// let urgent = queue.put_at("help".to_string(), -1).await?;
/// let other = queue.put("hello".to_string()).await?;
/// queue.set_width(20);
/// assert_eq!((urgent.await?.result, other.await?.result), (4, 5));
/// let undone = queue.stop().await;
/// assert!(undone.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct ResizableDispatchQueue<A, T, E = Failure> {
    engine: Arc<Engine<A, T, E>>,
}

impl<A, T, E> ResizableDispatchQueue<A, T, E> {
    pub(super) fn of(engine: Arc<Engine<A, T, E>>) -> Self {
        engine.hold();
        ResizableDispatchQueue { engine }
    }

    pub(super) fn engine(&self) -> &Arc<Engine<A, T, E>> {
        &self.engine
    }

    /// How many jobs there are.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// queue.put(1).await?;
    /// assert_eq!((queue.size().underway, queue.size().pending), (0, 1));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn size(&self) -> Size {
        self.engine.size()
    }

    /// How many jobs may be underway; of a queue that is paused, how many it will be.
    ///
    /// More are underway for a while after the queue was narrowed.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(ResizableDispatchQueue::new(|n: u32| n, 3).width(), 3);
    /// # }
    /// ```
    #[must_use]
    pub fn width(&self) -> usize {
        self.engine.width()
    }

    /// Do so many jobs at a time from now on.
    ///
    /// When the queue becomes wider, jobs begin at once. When it becomes narrower, what is
    /// underway goes on to its end, and nothing begins before there are fewer. With 0 nothing
    /// begins at all. A queue that is paused remembers the width for when it is resumed; one that
    /// was stopped does nothing.
    ///
    /// May be called from anywhere and at any time, also by a timer:
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// use defer::time::{LoopingCall, call_later, defer_later};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Failure> {
    /// let second = Duration::from_secs(1);
    /// let queue = ResizableDispatchQueue::new(move |n: u32| defer_later(second, move || n), 2);
    /// for n in 0..100 {
    ///     queue.put(n).await?;
    /// }
    ///
    /// // After ten seconds, ten at a time.
    /// let wider = queue.clone();
    /// call_later(10 * second, move || wider.set_width(10)).detach();
    ///
    /// // Or one more every second, until all is done.
    /// let growing = queue.clone();
    /// let grow = LoopingCall::new(move || growing.set_width(growing.width() + 1)).start(second)?;
    /// # let grow = grow.start();
    ///
    /// tokio::time::sleep(9 * second + second / 2).await;
    /// assert_eq!(queue.width(), 12);
    /// # drop(grow);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_width(&self, width: usize) {
        self.engine.set_width(width);
    }

    /// Begin jobs at this rate at most from now on; with `None` as fast as the width allows.
    ///
    /// ```
    /// # use defer::dispatch::{Rate, ResizableDispatchQueue};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 10);
    /// queue.set_rate(Some(Rate::per_second(2)));
    /// queue.set_rate(None);
    /// # }
    /// ```
    #[cfg(feature = "rate-limit")]
    pub fn set_rate(&self, rate: Option<super::Rate>) {
        self.engine.set_limiter(super::rate::Limiter::new(rate));
    }

    /// Whether it was paused, and not resumed.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
    /// queue.pause().await;
    /// assert!(queue.is_paused());
    /// # }
    /// ```
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.engine.is_paused()
    }

    /// Whether it was stopped.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert!(!ResizableDispatchQueue::new(|n: u32| n, 1).is_stopped());
    /// # }
    /// ```
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.engine.is_stopped()
    }

    /// How many jobs have come how far.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(ResizableDispatchQueue::new(|n: u32| n, 1).progress().all(), 0);
    /// # }
    /// ```
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.engine.progress()
    }

    /// What happens in the queue from now on.
    ///
    /// ```
    /// use defer::dispatch::{Event, ResizableDispatchQueue};
    /// use futures::StreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
    /// let mut events = queue.events();
    /// queue.set_width(7);
    /// assert!(matches!(events.next().await, Some(Event::Width(7))));
    /// # }
    /// ```
    pub fn events(&self) -> Events {
        Events::of(self.engine.hub())
    }

    /// Show the progress on a bar of `indicatif`, until the queue has stopped.
    ///
    /// The length of the bar is how many jobs there are and were, its position how many have
    /// ended, its message how many are underway. It is not redrawn more often than the bar
    /// itself decides. When the queue has stopped, the bar is finished, or abandoned if there are
    /// jobs left. The queue is not kept; cancelling or dropping leaves the bar as it is.
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// use defer::prelude::*;
    /// use indicatif::ProgressBar;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
    /// let bar = ProgressBar::hidden();
    /// let shown = queue.show_on(bar.clone()).start();
    /// for n in 0..3 {
    ///     queue.put(n).await?.await?;
    /// }
    /// queue.stop().await;
    /// shown.await?;
    /// assert_eq!((bar.position(), bar.length(), bar.is_finished()), (3, Some(3), true));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "indicatif")]
    pub fn show_on(&self, bar: indicatif::ProgressBar) -> Deferred<()>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        super::progress::show(&self.engine, bar)
    }

    /// Begin no further job, and wait until none is underway.
    ///
    /// It holds from the call on; the deferred only waits. It yields, too, when the queue is
    /// resumed meanwhile. Dropping or cancelling it changes nothing. `txrdq`: `pause`.
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// use defer::prelude::*;
    /// use defer::time::defer_later;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Failure> {
    /// let second = Duration::from_secs(1);
    /// let queue = ResizableDispatchQueue::new(move |n: u32| defer_later(second, move || n), 1);
    /// let first = queue.put(1).await?;
    /// let second = queue.put(2).await?;
    /// tokio::task::yield_now().await;
    /// queue.pause().await;
    /// assert_eq!(first.await?.result, 1);
    /// assert_eq!((queue.size().underway, queue.size().pending), (0, 1));
    /// queue.resume(None)?;
    /// assert_eq!(second.await?.result, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pause(&self) -> Deferred<(), Pausing<A, T, E>> {
        self.engine.pause();
        Deferred::from_chain(Pausing::new(self.clone()))
    }

    /// Go on, with this width or with the one that was set last.
    ///
    /// # Errors
    ///
    /// If the queue was stopped.
    ///
    /// ```
    /// # use defer::dispatch::{QueueStopped, ResizableDispatchQueue};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), QueueStopped> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
    /// queue.pause().await;
    /// queue.resume(5)?;
    /// assert_eq!(queue.width(), 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self, width: impl Into<Option<usize>>) -> Result<(), QueueStopped> {
        self.engine.resume(width.into())
    }

    /// Begin no further job and take none, wait until none is underway, and yield what was not
    /// done, in order.
    ///
    /// It holds from the call on; the deferred only waits. Those who wait for pending jobs are
    /// told at once that these will not begin. Pending jobs stay where they are, so that
    /// [`pending`](ResizableDispatchQueue::pending) has them, too; in a store they wait for it to
    /// be opened again. The deferred keeps the queue. Dropping or cancelling it changes nothing;
    /// stopping again gives another one. There is no way back. `txrdq`: `stop`.
    ///
    /// ```
    /// use defer::dispatch::{JobState, ResizableDispatchQueue};
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// queue.put_at(1, 20).await?;
    /// queue.put_at(2, 10).await?;
    /// let undone = queue.stop().await;
    /// let undone: Vec<_> = undone.iter().map(|job| (job.argument, job.state)).collect();
    /// assert_eq!(undone, [(2, JobState::Pending), (1, JobState::Pending)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) -> Deferred<Vec<Job<A>>, Stopping<A, T, E>> {
        self.engine.stop(false);
        Deferred::from_chain(Stopping::new(self.clone()))
    }

    /// As [`stop`](ResizableDispatchQueue::stop), and cancel what is underway.
    ///
    /// Their errbacks run and are waited for. Jobs that were cancelled come first in what is
    /// handed back, in the order in which they were begun; those that nevertheless finished, or
    /// that failed before, do not come back. Who asks first has them. In a store they are pending
    /// again. It may follow a `stop` that takes too long. `txrdq`: `stop(cancelUnderway=True)`.
    ///
    /// ```
    /// use defer::dispatch::{JobState, ResizableDispatchQueue};
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|_: u32| defer(std::future::pending::<u32>()), 1);
    /// let first = queue.put(1).await?;
    /// queue.put(2).await?;
    /// tokio::task::yield_now().await;
    /// let undone = queue.stop_now().await;
    /// let undone: Vec<_> = undone.iter().map(|job| (job.argument, job.state)).collect();
    /// assert_eq!(undone, [(1, JobState::Cancelled), (2, JobState::Pending)]);
    /// assert!(first.await.unwrap_err().is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop_now(&self) -> Deferred<Vec<Job<A>>, Stopping<A, T, E>> {
        self.engine.stop(true);
        Deferred::from_chain(Stopping::new(self.clone()))
    }

    /// The deferred of a job that is pending or underway, if nobody has it.
    ///
    /// Nobody has that of a job of before a restart, or one that was dropped. `txrdq`:
    /// `Job.watch`; a deferred here has one owner, and
    /// [`shared`](crate::Deferred::shared) makes clones of it.
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n + 1, 1);
    /// let id = queue.put(1).await?.id();
    /// let again = queue.queued(id).unwrap();
    /// assert!(queue.queued(id).is_none());
    /// assert_eq!(again.await?.result, 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn queued(&self, id: JobId) -> Option<Queued<A, T, E>> {
        let job = self.engine.watch(id)?;
        Some(WatchJob::of(job, self.engine.clone()))
    }
}

impl<A, T, E> ResizableDispatchQueue<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: From<Cancelled> + From<Panicked> + fmt::Debug + Send + 'static,
{
    /// A queue in memory that does `work`, `width` jobs at a time.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|text: &'static str| text.len(), 10);
    /// assert_eq!(queue.put("four").await?.await?.result, 4);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn new<F, R, M>(work: F, width: usize) -> Self
    where
        F: Fn(A) -> R + Send + Sync + 'static,
        R: Returned<M, Value = T> + 'static,
        R::Kind: JobKind<Failure = E>,
        R::Chain: Send + 'static,
        M: 'static,
    {
        ResizableDispatchQueue::builder(work).width(width).build()
    }

    /// A queue that does `work`, and is chosen further.
    ///
    /// `work` returns a deferred, a `Result` or a [`Plain`](crate::Plain) value. What its error
    /// has to be says [`JobKind`]; work that cannot fail fails with a [`Failure`] when it panics
    /// or is cancelled.
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).width(4).bound(100).build();
    /// # drop(queue);
    /// # }
    /// ```
    pub fn builder<F, R, M>(work: F) -> Builder<A, Calls<F, R, M>>
    where
        F: Fn(A) -> R + Send + Sync + 'static,
        R: Returned<M, Value = T> + 'static,
        R::Kind: JobKind<Failure = E>,
        R::Chain: Send + 'static,
        M: 'static,
    {
        Builder::new(Calls::new(work))
    }
}

impl<A, T, E> ResizableDispatchQueue<A, T, E>
where
    A: Clone + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    /// Leave a job, of priority 0: [`put_at`](ResizableDispatchQueue::put_at).
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| 2 * n, 1);
    /// let queued = queue.put(6).await?; // it is in the queue
    /// assert_eq!(queued.await?.result, 12); // it is done
    /// # Ok(())
    /// # }
    /// ```
    pub fn put(
        &self,
        argument: A,
    ) -> Deferred<Result<Queued<A, T, E>, PutError<A>>, Putting<A, T, E>> {
        self.put_at(argument, 0)
    }

    /// Leave a job of this priority: the lowest goes first, and of equals the one that came
    /// first.
    ///
    /// The deferred yields when the queue has taken the job: at once, unless there is a
    /// [bound](Builder::bound) or a [store](Builder::open). What it yields is the deferred of the
    /// job, a [`Queued`]. It is lazy, as every deferred: nothing is put before it is awaited.
    /// Dropping or cancelling it before it has yielded takes the job back.
    ///
    /// # Errors
    ///
    /// If the queue is or was stopped, or the store fails: [`PutError`] has the argument.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|text: &'static str| text, 0);
    /// queue.put("some time").await?;
    /// queue.put_at("never", 1000).await?;
    /// queue.put_at("now", -1).await?;
    /// let pending: Vec<_> = queue.pending().iter().map(|job| job.argument).collect();
    /// assert_eq!(pending, ["now", "some time", "never"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn put_at(
        &self,
        argument: A,
        priority: Priority,
    ) -> Deferred<Result<Queued<A, T, E>, PutError<A>>, Putting<A, T, E>> {
        let engine = self.engine.clone();
        Deferred::from_chain(Putting::new(engine, argument, priority, false))
    }

    /// As [`put`](ResizableDispatchQueue::put); it fails with
    /// [`Refused::Full`](super::Refused::Full) where that would wait for room.
    ///
    /// It still waits for the store.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).bound(1).width(0).build();
    /// assert!(queue.try_put(1).await.is_ok());
    /// assert_eq!(queue.try_put(2).await.unwrap_err().argument, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_put(
        &self,
        argument: A,
    ) -> Deferred<Result<Queued<A, T, E>, PutError<A>>, Putting<A, T, E>> {
        self.try_put_at(argument, 0)
    }

    /// As [`put_at`](ResizableDispatchQueue::put_at) and
    /// [`try_put`](ResizableDispatchQueue::try_put).
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).bound(1).build();
    /// assert_eq!(queue.try_put_at(1, -5).await?.await?.priority, -5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_put_at(
        &self,
        argument: A,
        priority: Priority,
    ) -> Deferred<Result<Queued<A, T, E>, PutError<A>>, Putting<A, T, E>> {
        let engine = self.engine.clone();
        Deferred::from_chain(Putting::new(engine, argument, priority, true))
    }

    /// The jobs that wait for their turn, in the order in which they will have it.
    ///
    /// ```
    /// # use defer::dispatch::{JobState, ResizableDispatchQueue};
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// queue.put(1).await?;
    /// assert_eq!(queue.pending()[0].state, JobState::Pending);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn pending(&self) -> Vec<Job<A>> {
        self.engine.pending()
    }

    /// The jobs that were begun, in the order in which they were.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|_: u32| defer(std::future::pending::<u32>()), 1);
    /// queue.put(1).await?;
    /// tokio::task::yield_now().await;
    /// assert_eq!(queue.underway()[0].argument, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn underway(&self) -> Vec<Job<A>> {
        self.engine.underway()
    }

    /// The job of this name, if it is pending or underway.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let id = queue.put(1).await?.id();
    /// assert_eq!(queue.job(id).unwrap().argument, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<Job<A>> {
        self.engine.job(id)
    }

    /// Cancel the job of this name; whether there is one that is pending or underway.
    ///
    /// What happens says [`Queued::cancel`](super::Queued::cancel).
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let id = queue.put(1).await?.id();
    /// assert!(queue.cancel(id));
    /// assert!(!queue.cancel(id));
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self, id: JobId) -> bool {
        self.engine.cancel(id)
    }

    /// Give a pending job another priority; the one that it had comes back.
    ///
    /// Among jobs of the same priority it stands where it would have stood if it had always had
    /// that one.
    ///
    /// # Errors
    ///
    /// If the job is underway, or there is none of this name.
    ///
    /// ```
    /// # use defer::dispatch::{NotPending, ResizableDispatchQueue};
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let (first, second) = (queue.put(1).await?, queue.put(2).await?);
    /// assert_eq!(queue.reprioritise(second.id(), -1), Ok(0));
    /// assert_eq!(queue.pending()[0].argument, 2);
    /// first.cancel();
    /// assert_eq!(queue.reprioritise(first.id(), -1), Err(NotPending::Unknown));
    /// # Ok(())
    /// # }
    /// ```
    pub fn reprioritise(&self, id: JobId, priority: Priority) -> Result<Priority, NotPending> {
        self.engine.reprioritise(id, priority)
    }

    /// Cancel all pending jobs, and give them back in order.
    ///
    /// What is underway goes on. `txrdq`: `clearQueue`, which may also leave those who wait for
    /// the jobs waiting for ever.
    ///
    /// ```
    /// # use defer::dispatch::{JobState, ResizableDispatchQueue};
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::new(|n: u32| n, 0);
    /// let queued = queue.put(1).await?;
    /// assert_eq!(queue.clear()[0].state, JobState::Cancelled);
    /// assert!(queued.await.unwrap_err().is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate, reason = "clearing is what it is for")]
    pub fn clear(&self) -> Vec<Job<A>> {
        self.engine.clear()
    }
}

impl<A, T, E> Clone for ResizableDispatchQueue<A, T, E> {
    fn clone(&self) -> Self {
        ResizableDispatchQueue::of(self.engine.clone())
    }
}

impl<A, T, E> Drop for ResizableDispatchQueue<A, T, E> {
    fn drop(&mut self) {
        self.engine.let_go();
    }
}

impl<A, T, E> fmt::Debug for ResizableDispatchQueue<A, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size { underway, pending } = self.size();
        f.debug_struct("ResizableDispatchQueue")
            .field("width", &self.width())
            .field("underway", &underway)
            .field("pending", &pending)
            .finish_non_exhaustive()
    }
}
