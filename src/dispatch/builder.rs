//! How a queue is to be.

use core::fmt;
use core::marker::PhantomData;
use core::panic::Location;
use core::time::Duration;
use std::boxed::Box;
use std::sync::Arc;
use std::vec::Vec;

use defer_core::{Cancelled, Deferred, Panicked, TimedOut, defer};
use tokio::runtime::Handle;

use super::ResizableDispatchQueue;
use super::engine::{Engine, Errors, Parts};
use super::kept::Kept;
use super::rate::Limiter;
use super::store::{JobStore, Memory, StoreError, Stored};
use super::work::{JobWork, Limited, Retried};
use super::worker::Worker;
use crate::retry::IntoPolicy;
use crate::start::unhandled::Place;

/// So many events are kept for those who are slow.
const EVENTS: usize = 1024;

/// How a queue is to be: made by [`ResizableDispatchQueue::builder`].
///
/// [`timeout`](Builder::timeout) and [`retry`](Builder::retry) are put around the work in the
/// order in which they are called, as around any deferred: `.timeout(a).retry(p)` limits each
/// attempt, `.retry(p).timeout(b)` all of them together.
///
/// ```
/// use defer::dispatch::ResizableDispatchQueue;
/// use defer::prelude::*;
/// use defer::retry::Exponential;
/// use std::time::Duration;
///
/// #[callback]
/// async fn send(text: String) -> Result<usize, Failure> {
///     // … to somebody …
///     Ok(text.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::builder(|text: String| send(text))
///     .width(20)
///     .bound(1000)
///     .timeout(Duration::from_secs(5))
///     .retry(|| Exponential::default().with_jitter())
///     .timeout(Duration::from_secs(60))
///     .build();
/// assert_eq!(queue.put("four".to_string()).await?.await?.result, 4);
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it builds"]
pub struct Builder<A, W> {
    work: W,
    width: usize,
    bound: Option<usize>,
    limiter: Limiter,
    runtime: Option<Handle>,
    keep_failed: bool,
    events: usize,
    name: Option<&'static str>,
    argument: PhantomData<fn(A)>,
}

impl<A, W> Builder<A, W> {
    pub(super) fn new(work: W) -> Self {
        Builder {
            work,
            width: 1,
            bound: None,
            limiter: Limiter::none(),
            runtime: None,
            keep_failed: false,
            events: EVENTS,
            name: None,
            argument: PhantomData,
        }
    }

    fn around<V>(self, work: impl FnOnce(W) -> V) -> Builder<A, V> {
        Builder {
            work: work(self.work),
            width: self.width,
            bound: self.bound,
            limiter: self.limiter,
            runtime: self.runtime,
            keep_failed: self.keep_failed,
            events: self.events,
            name: self.name,
            argument: PhantomData,
        }
    }

    /// So many jobs are underway at most; 1, if it is not said.
    ///
    /// With 0 none begins before the [width is set](ResizableDispatchQueue::set_width).
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).width(10).build();
    /// assert_eq!(queue.width(), 10);
    /// # }
    /// ```
    pub fn width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// So many jobs are pending at most: [`put`](ResizableDispatchQueue::put) waits for room, and
    /// [`try_put`](ResizableDispatchQueue::try_put) refuses.
    ///
    /// Who waits is served in order. Jobs of before a restart are taken up however many they
    /// are. `txrdq`: `size`.
    ///
    /// # Panics
    ///
    /// If it is 0: no job could ever be put.
    ///
    /// ```
    /// # use defer::dispatch::{Refused, ResizableDispatchQueue};
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).width(0).bound(2).build();
    /// queue.put(1).await?;
    /// queue.put(2).await?;
    /// let error = queue.try_put(3).await.unwrap_err();
    /// assert!(matches!(error.why, Refused::Full));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn bound(mut self, jobs: usize) -> Self {
        assert!(jobs > 0, "a queue for 0 jobs: none could ever be put");
        self.bound = Some(jobs);
        self
    }

    /// Jobs begin at this rate at most, however wide the queue is.
    ///
    /// The clock is tokio's. A job that waits for it is pending. Attempts after the first one
    /// are not counted.
    ///
    /// ```
    /// # use defer::dispatch::{Rate, ResizableDispatchQueue};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).rate(Rate::per_second(100)).build();
    /// # drop(queue);
    /// # }
    /// ```
    #[cfg(feature = "rate-limit")]
    pub fn rate(mut self, rate: super::Rate) -> Self {
        self.limiter = Limiter::new(Some(rate));
        self
    }

    /// Limit the time of what is there by now: see [`time`](crate::time).
    ///
    /// What takes longer is cancelled, so that its errbacks run, and fails with
    /// [`TimedOut`].
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Failure> {
    /// let never = |_: u32| defer(std::future::pending::<u32>());
    /// let limit = Duration::from_secs(1);
    /// let queue = ResizableDispatchQueue::builder(never).timeout(limit).build();
    /// let failed = queue.put(1).await?.await.unwrap_err();
    /// assert!(failed.error.is_timeout());
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout(self, limit: Duration) -> Builder<A, Limited<W>>
    where
        W: JobWork<A>,
        W::Error: From<TimedOut>,
    {
        self.around(|work| Limited { work, limit })
    }

    /// Try what is there by now again, when it fails: see [`retry`](crate::retry).
    ///
    /// `policy` makes the policy of each job. A job that waits for its next attempt is underway.
    /// The argument is cloned for each attempt; [`Job::attempts`](super::Job::attempts) counts
    /// them. The failure is the last one.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # use defer::prelude::*;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Failure> {
    /// let queue = ResizableDispatchQueue::builder(|_: u32| fail::<u32, _>(Failure::msg("busy")))
    ///     .retry(|| [Duration::from_secs(1), Duration::from_secs(2)])
    ///     .build();
    /// let failed = queue.put(1).await?.await.unwrap_err();
    /// assert_eq!(failed.job.attempts, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry<P, Q, M>(self, policy: P) -> Builder<A, Retried<W, P, M>>
    where
        A: 'static,
        W: JobWork<A>,
        P: Fn() -> Q + Send + Sync + 'static,
        Q: IntoPolicy<W::Error, M> + 'static,
        Q::Policy: Send + 'static,
        M: 'static,
    {
        self.around(|work| Retried {
            work: Arc::new(work),
            policy,
            form: PhantomData,
        })
    }

    /// Keep jobs that fail as dead letters in the store, if that has any.
    ///
    /// Otherwise they are forgotten there. A [`Memory`] has none.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// let builder = ResizableDispatchQueue::builder(|n: u32| n).keep_failed();
    /// # drop(builder);
    /// ```
    pub fn keep_failed(mut self) -> Self {
        self.keep_failed = true;
        self
    }

    /// So many [events](ResizableDispatchQueue::events) are kept for those who are slow; 1024, if
    /// it is not said.
    ///
    /// # Panics
    ///
    /// If it is 0: nobody would ever be told anything.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// let builder = ResizableDispatchQueue::builder(|n: u32| n).event_buffer(100_000);
    /// # drop(builder);
    /// ```
    #[track_caller]
    pub fn event_buffer(mut self, events: usize) -> Self {
        assert!(
            events > 0,
            "a buffer for 0 events: nobody would be told anything"
        );
        self.events = events;
        self
    }

    /// What it is called in metrics and in reports of failures.
    ///
    /// If it is not said, it is the type of the argument.
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// let builder = ResizableDispatchQueue::builder(|n: u32| n).name("messages");
    /// # drop(builder);
    /// ```
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// The runtime that does the jobs; the one that the queue is built in, if it is not said.
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// use defer::prelude::*;
    /// # fn main() -> Result<(), Failure> {
    /// let runtime = tokio::runtime::Runtime::new()?;
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n + 1).on(runtime.handle()).build();
    /// let job = runtime.block_on(async { queue.put(1).await?.await.map_err(Failure::from) })?;
    /// assert_eq!(job.result, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(mut self, runtime: &Handle) -> Self {
        self.runtime = Some(runtime.clone());
        self
    }
}

impl<A, W> Builder<A, W>
where
    A: Clone + Send + Sync + 'static,
    W: JobWork<A>,
    W::Error: From<Cancelled> + From<Panicked> + fmt::Debug,
{
    /// A queue whose jobs live in memory, and end with the process.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, unless [one was named](Builder::on).
    ///
    /// ```
    /// # use defer::dispatch::ResizableDispatchQueue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = ResizableDispatchQueue::builder(|n: u32| n).build();
    /// assert_eq!(queue.size().pending, 0);
    /// # }
    /// ```
    #[track_caller]
    pub fn build(self) -> ResizableDispatchQueue<A, W::Value, W::Error> {
        let started = Location::caller();
        let runtime = self.runtime();
        let store = Memory::new();
        self.engine(Box::new(store), true, runtime, started, Vec::new())
    }

    /// A queue whose jobs are kept in `store`, and which goes on with what is there.
    ///
    /// Jobs that were underway when the process ended are begun again: **at least once** is
    /// what a store promises. Nobody has the deferreds of jobs of before:
    /// [`queued`](ResizableDispatchQueue::queued) gives them. They begin at once, so who wants
    /// them all opens the queue with a [`width`](Builder::width) of 0, collects what is
    /// [`pending`](ResizableDispatchQueue::pending), and then
    /// [sets the width](ResizableDispatchQueue::set_width).
    ///
    /// The calls of the store are made in the order of what becomes of a job: `put`, `lease`,
    /// then `remove`, `bury` or `release`. `put` yields when the job is durable; the deferred of
    /// a job yields when the store has forgotten it, so that what is seen to be done is not done
    /// again. Where the store fails, a put fails with the argument; anything else is an
    /// [event](super::Event::StoreFailed), and is reported through `tracing`, and the queue goes
    /// on.
    ///
    /// # Errors
    ///
    /// If what is there cannot be read.
    ///
    /// # Panics
    ///
    /// As [`build`](Builder::build).
    ///
    /// ```
    /// use defer::dispatch::ResizableDispatchQueue;
    /// use defer::dispatch::store::Memory;
    /// # use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Failure> {
    /// let builder = ResizableDispatchQueue::builder(|n: u32| n + 1).width(4);
    /// let queue = builder.open(Memory::new()).await?;
    /// assert_eq!(queue.put(1).await?.await?.result, 2);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    #[allow(clippy::type_complexity)]
    pub fn open<S: JobStore<A>>(
        self,
        store: S,
    ) -> Deferred<Result<ResizableDispatchQueue<A, W::Value, W::Error>, StoreError>> {
        let started = Location::caller();
        let runtime = self.runtime();
        let open = async move {
            let jobs = store.recover().await?;
            Ok(self.engine(Box::new(store), S::VOLATILE, runtime, started, jobs))
        };
        defer(open).boxed()
    }

    #[track_caller]
    fn runtime(&self) -> Handle {
        let runtime = self.runtime.clone();
        match runtime.or_else(|| Handle::try_current().ok()) {
            Some(runtime) => runtime,
            None => panic!(
                "a dispatch queue was built outside of a tokio runtime: build it inside of one, \
                 or name one with `on`"
            ),
        }
    }

    fn engine(
        self,
        store: Box<dyn Kept<A>>,
        volatile: bool,
        runtime: Handle,
        started: &'static Location<'static>,
        jobs: Vec<Stored<A>>,
    ) -> ResizableDispatchQueue<A, W::Value, W::Error> {
        let work = Arc::new(self.work);
        let on = runtime.clone();
        let spawn = move |engine, place| {
            drop(on.spawn(Worker::new(engine, work.clone(), place)));
        };
        let engine = Arc::new(Engine::new(Parts {
            store,
            volatile,
            spawn: Arc::new(spawn),
            runtime,
            bound: self.bound,
            keep_failed: self.keep_failed,
            width: self.width,
            limiter: self.limiter,
            events: self.events,
            place: Place {
                what: "unhandled failure of a job in a dispatch queue",
                name: self.name.unwrap_or_else(core::any::type_name::<A>),
                started,
                member: None,
            },
            errors: Errors::new(),
        }));
        let queue = ResizableDispatchQueue::of(engine.clone());
        engine.recover(jobs);
        queue
    }
}

impl<A, W> fmt::Debug for Builder<A, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("width", &self.width)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}
