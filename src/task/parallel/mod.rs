//! Many jobs, a bounded number of them at once.

mod drive;
mod outcomes;
mod sink;
mod slots;

use core::fmt;
use core::future::{Future, IntoFuture};
use core::marker::PhantomData;
use std::sync::Arc;
use std::vec::Vec;

use defer_core::runtime::{Act, Start};
use defer_core::{Deferred, Returned};

use self::drive::Drive;
pub use self::outcomes::Outcomes;
use self::outcomes::{Buffer, IntoBuffer};
use self::sink::{Count, Each, InOrder, Sink};
use super::JobKind;
use crate::Tokio;
use crate::start::Started;

type ValueOf<R, M> = <R as Returned<M>>::Value;
type FailureOf<R, M> = <<R as Returned<M>>::Kind as JobKind>::Failure;
type ChainOf<R, M> = <R as Returned<M>>::Chain;

/// Work through `items`, with at most `limit` jobs alive at once.
///
/// `make` gives the job of an item: a deferred, a `Result` or a plain value; a future is
/// wrapped by [`defer`](crate::defer()). An item is taken, and its job made, only when there is
/// a slot for it. So the iterator may be without an end and hold anything, and what jobs
/// open is bounded. Memory is, too.
///
/// Nothing runs before one of these is called, which say what becomes of the outcomes:
///
/// | | gives | the first failure |
/// | --- | --- | --- |
/// | [`run`](Parallel::run), or `.await` | how many there were | is the failure of the whole, at once |
/// | [`gather`](Parallel::gather) | the values, in the order of the items | is the failure of the whole, at once |
/// | [`each`](Parallel::each) | every outcome to a closure, as it comes | is an outcome as any |
/// | [`stream`](Parallel::stream) | every outcome, as it comes | is an outcome as any |
///
/// The jobs are in one [started](crate::start) task of their own: they go on while whoever
/// waits for them does something else. They do not run on several threads at once; let `make`
/// start them for that, or give them bodies that are [`spawn`](macro@crate::callback)ed.
///
/// A panic of a job, or of `make`, is a failure of that job; a panic of the iterator is
/// one of the whole. What the error has to be is said by [`JobKind`].
///
/// Cancelling takes no more items, cancels the jobs that are alive, and waits until they have
/// cleaned up; dropping drops them where they are. Twisted has no function for it: its
/// documents make one of a `Cooperator`, `coiterate` and a `DeferredList`.
///
/// # Panics
///
/// If `limit` is 0: no job could ever run.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::parallel;
///
/// #[callback]
/// async fn fetch(#[value] page: u32) -> Result<String, Failure> {
///     Ok(format!("page {page}"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// assert_eq!(parallel(1..=1000, 50, fetch).await?, 1000);
///
/// let pages = parallel(1..=3, 2, fetch).gather().await?;
/// assert_eq!(pages, ["page 1", "page 2", "page 3"]);
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn parallel<I, F, R, M>(items: I, limit: usize, make: F) -> Parallel<I::IntoIter, F, R, M>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> R,
    R: Returned<M>,
    // Asked for here, where it can be told in one sentence.
    R::Kind: JobKind,
{
    assert!(
        limit > 0,
        "`parallel` was given the limit 0, with which no job could ever run"
    );
    Parallel {
        items: items.into_iter(),
        limit,
        make,
        cancels: false,
        job: PhantomData,
    }
}

/// Jobs that have not begun: made by [`parallel`].
#[must_use = "no job runs before `run`, `gather`, `each` or `stream` is called"]
pub struct Parallel<I, F, R, M> {
    items: I,
    limit: usize,
    make: F,
    cancels: bool,
    job: PhantomData<fn() -> (R, M)>,
}

impl<I, F, R, M> Parallel<I, F, R, M> {
    /// Let the first failure cancel the other jobs, and wait until they have cleaned up.
    ///
    /// Otherwise they are dropped, and the failure comes out at once. Of [`run`](Parallel::run)
    /// and [`gather`](Parallel::gather); the others go on after a failure. What the others
    /// come to is not told.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// # use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    /// static CLEAN: AtomicBool = AtomicBool::new(false);
    ///
    /// #[callback]
    /// async fn job(#[value] good: bool) -> Result<(), Failure> {
    ///     if good { std::future::pending().await } else { Err(std::fmt::Error.into()) }
    /// }
    ///
    /// #[errback]
    /// async fn clean(failure: Failure) -> Result<(), Failure> {
    ///     CLEAN.store(true, SeqCst);
    ///     Err(failure)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let jobs = parallel([true, false], 2, |good| clean(job(good)));
    /// assert!(jobs.cancel_rest().await.unwrap_err().check::<std::fmt::Error>().is_some());
    /// assert!(CLEAN.load(SeqCst));
    /// # }
    /// ```
    pub fn cancel_rest(mut self) -> Self {
        self.cancels = true;
        self
    }
}

impl<I, F, R, M> Parallel<I, F, R, M>
where
    I: Iterator + Send + 'static,
    F: FnMut(I::Item) -> R + Send + 'static,
    R: Returned<M> + 'static,
    R::Kind: JobKind,
    R::Value: Send + 'static,
    R::Chain: Send + 'static,
    M: 'static,
{
    /// Start them, for what they do: it gives how many there were.
    ///
    /// The first failure is the failure of the whole. It comes out at once, and the other jobs
    /// are dropped; see [`cancel_rest`](Parallel::cancel_rest).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as [`start`](crate::start::StartExt::start) does.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let number = |text: &str| text.parse::<u8>().map_err(Failure::from);
    /// assert_eq!(parallel(["1", "2", "3"], 2, number).run().await.unwrap(), 3);
    /// let failure = parallel(["1", "b"], 2, number).run().await.unwrap_err();
    /// assert_eq!(failure.to_string(), "invalid digit found in string");
    /// # }
    /// ```
    #[track_caller]
    pub fn run(self) -> Started<usize, FailureOf<R, M>> {
        self.start(Count::default())
    }

    /// Start them, and gather their values in the order of the items.
    ///
    /// Failures are those of [`run`](Parallel::run). The list needs its memory, of course.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let squares = parallel(1..=4, 2, |n: u32| defer(async move { n * n })).gather();
    /// assert_eq!(squares.await.unwrap(), [1, 4, 9, 16]);
    /// # }
    /// ```
    #[track_caller]
    pub fn gather(self) -> Started<Vec<R::Value>, FailureOf<R, M>> {
        self.start(InOrder::new())
    }

    /// Start them, and hand every outcome to `hand` as it comes; it gives how many there were.
    ///
    /// `hand` runs in the task of the jobs. No failure of a job ends it; a panic of `hand`
    /// does. What was cancelled has no outcome.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let number = |text: &str| text.parse::<u8>().map_err(Failure::from);
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let jobs = parallel(["2", "b", "4"], 1, number).each(move |outcome| {
    ///     if let Ok(n) = outcome { sender.send(n).unwrap() }
    /// });
    /// assert_eq!(jobs.await.unwrap(), 3);
    /// assert_eq!(receiver.iter().collect::<Vec<_>>(), [2, 4]);
    /// # }
    /// ```
    #[track_caller]
    pub fn each<G>(self, hand: G) -> Started<usize, FailureOf<R, M>>
    where
        G: FnMut(Result<R::Value, FailureOf<R, M>>) + Send + 'static,
    {
        self.start(Each::new(hand))
    }

    /// Start them, and give every outcome as it comes.
    ///
    /// The jobs go on while nobody takes their outcomes. No more begin, though, when
    /// `limit + buffer` have begun and not been taken: memory is bounded.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::task::parallel;
    /// use futures::StreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut squares = parallel(1.., 2, |n: u64| defer(async move { n * n })).stream(8);
    /// let mut sum = 0;
    /// while sum < 100 {
    ///     sum += squares.next().await.unwrap().unwrap();
    /// }
    /// assert_eq!(sum, 1 + 4 + 9 + 16 + 25 + 36 + 49);
    /// # }
    /// ```
    #[track_caller]
    pub fn stream(self, buffer: usize) -> Outcomes<R::Value, FailureOf<R, M>> {
        let buffer = Arc::new(Buffer::new(self.limit.saturating_add(buffer)));
        let task = self.start(IntoBuffer(buffer.clone()));
        Outcomes::new(buffer, task)
    }

    #[track_caller]
    fn start<S>(self, sink: S) -> Started<S::Out, FailureOf<R, M>>
    where
        S: Sink<R::Value, FailureOf<R, M>> + Send + 'static,
        S::Out: Send + 'static,
    {
        let Parallel {
            items,
            limit,
            make,
            cancels,
            ..
        } = self;
        let drive = Drive::<I, F, R, M, S>::new(items, make, limit, cancels, sink);
        Act::<Start, Tokio>::act(Deferred::from_chain(drive), Start)
    }
}

impl<I, F, R, M> IntoFuture for Parallel<I, F, R, M>
where
    I: Iterator + Send + 'static,
    F: FnMut(I::Item) -> R + Send + 'static,
    R: Returned<M> + 'static,
    R::Kind: JobKind,
    R::Value: Send + 'static,
    R::Chain: Send + 'static,
    M: 'static,
{
    type Output = <Self::IntoFuture as Future>::Output;
    type IntoFuture = Started<usize, FailureOf<R, M>>;
    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        self.run()
    }
}

impl<I, F, R, M> fmt::Debug for Parallel<I, F, R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parallel")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
