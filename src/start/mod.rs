//! Starting deferreds: they run on tokio without being awaited.
//!
//! ```
//! use defer::prelude::*;
//!
//! #[callback]
//! async fn fetch(name: &'static str) -> Result<String, Failure> {
//!     Ok(format!("the page {name}"))
//! }
//!
//! #[callback]
//! fn size(page: String) -> usize { page.len() }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let page = fetch("a").start(); // runs from here on
//! // … something else …
//! assert_eq!(size(page).await.unwrap(), 10);
//! # }
//! ```
//!
//! # Failures that nobody takes
//!
//! A started deferred that fails, and whose failure nobody takes, is reported once through
//! `tracing`, as an error of the target `defer` that names its outermost call and the line
//! where it was started. Nobody takes it if the deferred was [detached](StartedExt::detach),
//! or was dropped after it had failed. Without a subscriber nothing is seen.
//!
//! What never ran, or was aborted in its work, is silent. So is a deferred that fails with
//! [`Cancelled`] after its owner has cancelled it: the owner knows. Twisted
//! reports that one too. Another failure, of what cleans up, is reported; and so is an error
//! type's own idea of a cancellation, since only a [`Failure`] can be asked.

mod losers;
mod running;
mod task;
pub(crate) mod unhandled;

use core::fmt;
use core::panic::Location;

use defer_core::__private::Asked;
use defer_core::runtime::{Act, Start, StartLocal, StartOn};
use defer_core::{AlwaysOk, Cancelled, Canceller, Chain, Deferred, Failure, Panicked};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

pub use self::losers::{Consume, Report, Reported, StartLosers};
pub use self::running::Running;
use self::task::Task;
use self::unhandled::{Origin, Outcome, Unhandled};
use crate::Tokio;
use crate::time::scope;

/// A deferred that runs: made by `start`.
///
/// It is a deferred as any other: await it, pass it to an annotated function, add callbacks
/// to it. It yields what the deferred yields that was started, or
/// [`Panicked`] if that panicked, or [`Cancelled`] if it was cancelled and
/// nothing recovered, if it was aborted, or if the runtime was shut down.
///
/// Dropping it aborts the task, as dropping a deferred does everywhere; so does dropping what
/// it is inside. The task is gone soon afterwards, not at once.
/// [`detach`](StartedExt::detach) leaves it to itself. Cancelling a chain that waits for it
/// cancels the task, and waits until that has cleaned up. [`StartedExt`] has what else can
/// be done with it.
///
/// ```
/// use defer::prelude::*;
/// use defer::Started;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let three: Started<u8> = succeed(3).start();
/// assert_eq!(three.await.unwrap(), 3);
/// # }
/// ```
pub type Started<T, E = Failure> = Deferred<Result<T, E>, Running<T, E>>;

/// `start` for a deferred that cannot fail: it can, then, with a [`Failure`].
///
/// A deferred that can fail has methods of the same names. They keep its error, which needs
/// `From<Panicked>`, `From<Cancelled>` and `Debug`, as [`Failure`] has: `Debug` is for the
/// report of a failure that nobody takes, see [`start`](self).
///
/// A trait, for the reason that [`AddCallback`](crate::AddCallback) gives.
pub trait StartExt: Sized {
    /// What the deferred yields.
    type Value;
    /// What is inside it.
    type Chain: Chain<Output = Self::Value>;

    /// Hand it to the tokio runtime that this is called in: it runs from now on, beside
    /// what else runs, on any thread of the runtime.
    ///
    /// What is started inside a [`timeout`](crate::time::TimeExt::timeout) inherits what is
    /// [`remaining`](crate::time::remaining). One allocation for the task, one for the
    /// canceller.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, as `tokio::spawn` does: use [`start_on`](StartExt::start_on), or
    /// [`wait`](crate::wait::WaitExt::wait).
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let cannot_fail = async { 20 }.defer().start();
    /// let can_fail = async { Ok::<_, Failure>(22) }.defer().start();
    /// assert_eq!(cannot_fail.await.unwrap() + can_fail.await.unwrap(), 42);
    /// # }
    /// ```
    #[track_caller]
    fn start(self) -> Started<Self::Value>
    where
        Self::Value: Send + 'static,
        Self::Chain: Send + 'static;

    /// As [`start`](StartExt::start), on this runtime: it may be called anywhere.
    ///
    /// ```
    /// use defer::prelude::*;
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// let three = succeed(3).start_on(runtime.handle());
    /// assert_eq!(runtime.block_on(three).unwrap(), 3);
    /// ```
    #[track_caller]
    fn start_on(self, runtime: &Handle) -> Started<Self::Value>
    where
        Self::Value: Send + 'static,
        Self::Chain: Send + 'static;

    /// As [`start`](StartExt::start), on this thread: for what is not `Send`.
    ///
    /// # Panics
    ///
    /// Outside of a `tokio::task::LocalSet`, as `tokio::task::spawn_local` does.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use std::rc::Rc;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let local = tokio::task::LocalSet::new();
    /// let three = local.run_until(async {
    ///     let shared = Rc::new(3);
    ///     defer(async move { *shared }).start_local().await
    /// });
    /// assert_eq!(three.await.unwrap(), 3);
    /// # }
    /// ```
    #[track_caller]
    fn start_local(self) -> Started<Self::Value>
    where
        Self::Value: 'static,
        Self::Chain: 'static;
}

impl<T, F: Chain<Output = T>> StartExt for Deferred<T, F> {
    type Value = T;
    type Chain = F;
    fn start(self) -> Started<T>
    where
        T: Send + 'static,
        F: Send + 'static,
    {
        let runtime = inside();
        spawn(AlwaysOk::new(self.into_chain()), |task| runtime.spawn(task))
    }
    fn start_on(self, runtime: &Handle) -> Started<T>
    where
        T: Send + 'static,
        F: Send + 'static,
    {
        spawn(AlwaysOk::new(self.into_chain()), |task| runtime.spawn(task))
    }
    fn start_local(self) -> Started<T>
    where
        T: 'static,
        F: 'static,
    {
        spawn(AlwaysOk::new(self.into_chain()), tokio::task::spawn_local)
    }
}

impl<T, E, F> Act<Start, Tokio> for Deferred<Result<T, E>, F>
where
    T: Send + 'static,
    E: From<Panicked> + From<Cancelled> + fmt::Debug + Send + 'static,
    F: Chain<Output = Result<T, E>> + Send + 'static,
{
    type Output = Started<T, E>;
    #[track_caller]
    fn act(self, _: Start) -> Started<T, E> {
        let runtime = inside();
        spawn(self.into_chain(), |task| runtime.spawn(task))
    }
}

impl<T, E, F> Act<StartOn<&Handle>, Tokio> for Deferred<Result<T, E>, F>
where
    T: Send + 'static,
    E: From<Panicked> + From<Cancelled> + fmt::Debug + Send + 'static,
    F: Chain<Output = Result<T, E>> + Send + 'static,
{
    type Output = Started<T, E>;
    #[track_caller]
    fn act(self, StartOn(runtime): StartOn<&Handle>) -> Started<T, E> {
        spawn(self.into_chain(), |task| runtime.spawn(task))
    }
}

impl<T, E, F> Act<StartLocal, Tokio> for Deferred<Result<T, E>, F>
where
    T: 'static,
    E: From<Panicked> + From<Cancelled> + fmt::Debug + 'static,
    F: Chain<Output = Result<T, E>> + 'static,
{
    type Output = Started<T, E>;
    #[track_caller]
    fn act(self, _: StartLocal) -> Started<T, E> {
        spawn(self.into_chain(), tokio::task::spawn_local)
    }
}

/// The runtime that this is called in.
#[track_caller]
fn inside() -> Handle {
    match Handle::try_current() {
        Ok(runtime) => runtime,
        Err(_) => panic!(
            "`start` was called outside of a tokio runtime: call it inside of one, name one \
             with `start_on`, or block with `wait`"
        ),
    }
}

#[track_caller]
fn spawn<T, E, F>(
    chain: F,
    on: impl FnOnce(Task<F, E>) -> JoinHandle<Outcome<T, E>>,
) -> Started<T, E>
where
    E: From<Panicked> + From<Cancelled> + fmt::Debug + 'static,
    F: Chain<Output = Result<T, E>>,
{
    let (canceller, asked) = Asked::pair();
    let unhandled = Unhandled::new(Origin::of(&chain, Location::caller()));
    let task = on(Task::new(chain, asked, scope::deadline(), unhandled));
    Deferred::from_chain(Running::new(task, canceller))
}

/// What can be done with a [`Started`] deferred besides what can be done with any.
pub trait StartedExt: Sized {
    /// Cancel it: errbacks run, and whoever awaits it waits until they have cleaned up.
    ///
    /// As [`Canceller::cancel`]: one that has its outcome already is not changed. Dropping it
    /// afterwards aborts the clean-up; await it, or [`detach`](StartedExt::detach) it.
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let waiting = defer(std::future::pending::<u8>()).start();
    /// waiting.cancel();
    /// assert!(waiting.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    fn cancel(&self);

    /// What cancels it from elsewhere.
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let waiting = defer(std::future::pending::<u8>()).start();
    /// let canceller = waiting.canceller();
    /// std::thread::spawn(move || canceller.cancel());
    /// assert!(waiting.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    fn canceller(&self) -> Canceller;

    /// Drop the task where it is: no errback runs. Awaited, it fails with
    /// [`Cancelled`], unless its outcome was there.
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let waiting = defer(std::future::pending::<Result<u8, Failure>>());
    /// let waiting = waiting.add_errback(|_| unreachable!() as u8).start();
    /// waiting.abort();
    /// assert!(waiting.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    fn abort(&self);

    /// Leave it to itself: it goes on, and nobody learns its outcome. A failure is
    /// [reported](self#failures-that-nobody-takes).
    ///
    /// It ends with the runtime.
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (resolver, done) = Deferred::<Result<u8, Failure>, _>::new();
    /// async { resolver.callback(7).unwrap() }.defer().start().detach();
    /// assert_eq!(done.await.unwrap(), 7);
    /// # }
    /// ```
    fn detach(self);

    /// Whether it has its outcome, or was aborted and is gone.
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let three = succeed(3).start();
    /// assert!(!three.is_finished());
    /// tokio::task::yield_now().await;
    /// assert!(three.is_finished());
    /// # }
    /// ```
    fn is_finished(&self) -> bool;
}

impl<T, E> StartedExt for Started<T, E> {
    fn cancel(&self) {
        self.as_chain().canceller().cancel();
    }
    fn canceller(&self) -> Canceller {
        self.as_chain().canceller().clone()
    }
    fn abort(&self) {
        self.as_chain().abort();
    }
    fn detach(self) {
        self.into_chain().detach();
    }
    fn is_finished(&self) -> bool {
        self.as_chain().is_finished()
    }
}
