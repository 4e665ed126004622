//! What is done with the argument of a job.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::boxed::Box;
use std::sync::Arc;

use defer_core::__private::Sealed;
use defer_core::runtime::{self, Act};
use defer_core::{Chain, Deferred, Draw, OutOf, Returned, TimedOut, Unwind};
use pin_project_lite::pin_project;

use crate::Tokio;
use crate::retry::{Bare, IntoPolicy, Retrying, RetryingCall};
use crate::task::JobKind;
use crate::time::Timeout;

/// What has the argument of a job, once for each attempt.
pub(super) trait Attempted<A>: Send + Sync {
    /// An attempt begins: what it is done with.
    fn attempt(&self) -> A;
}

/// The attempts at a job, for what begins them.
#[doc(hidden)]
pub struct Attempts<'a, A> {
    job: &'a dyn Attempted<A>,
    // Only what is tried again has to have it.
    owned: &'a dyn Fn() -> Arc<dyn Attempted<A>>,
}

impl<'a, A> Attempts<'a, A> {
    pub(super) fn of(
        job: &'a dyn Attempted<A>,
        owned: &'a dyn Fn() -> Arc<dyn Attempted<A>>,
    ) -> Self {
        Attempts { job, owned }
    }
}

impl<A> fmt::Debug for Attempts<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts").finish_non_exhaustive()
    }
}

/// What a queue does with the argument of each of its jobs.
///
/// A function or closure, with what a [`Builder`](super::Builder) puts around it. It appears in
/// signatures, and is implemented in this library only.
///
/// ```
/// use defer::dispatch::{Builder, ResizableDispatchQueue, JobWork};
/// use defer::Failure;
/// use std::time::Duration;
///
/// fn patient<W>(builder: Builder<u32, W>) -> ResizableDispatchQueue<u32, W::Value, Failure>
/// where
///     W: JobWork<u32, Error = Failure>,
/// {
///     builder.timeout(Duration::from_secs(3600)).build()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # patient(ResizableDispatchQueue::builder(|n: u32| n));
/// # }
/// ```
pub trait JobWork<A>: Send + Sync + 'static {
    /// The result of a job.
    type Value: Send + 'static;
    /// How a job fails.
    type Error: Send + 'static;
    /// What is run for a job.
    type Chain: Chain<Output = Result<Self::Value, Self::Error>> + Send + 'static;
    #[doc(hidden)]
    fn begin(&self, attempts: &Attempts<'_, A>) -> Self::Chain;
}

/// The work that is a function: what [`builder`](super::ResizableDispatchQueue::builder) is given.
///
/// `R` is what it returns, `M` the form of that.
///
/// ```
/// use defer::dispatch::{Builder, Calls, ResizableDispatchQueue};
/// use defer::markers::ByValue;
///
/// let builder: Builder<u32, Calls<fn(u32) -> u32, u32, ByValue>> =
///     ResizableDispatchQueue::builder(|n| n + 1);
/// # drop(builder);
/// ```
pub struct Calls<F, R, M> {
    function: F,
    returns: PhantomData<fn() -> (R, M)>,
}

impl<F, R, M> Calls<F, R, M> {
    pub(super) const fn new(function: F) -> Self {
        Calls {
            function,
            returns: PhantomData,
        }
    }
}

impl<A, F, R, M> JobWork<A> for Calls<F, R, M>
where
    F: Fn(A) -> R + Send + Sync + 'static,
    R: Returned<M> + 'static,
    R::Kind: JobKind,
    R::Value: Send + 'static,
    R::Chain: Send + 'static,
    M: 'static,
{
    type Value = R::Value;
    type Error = <R::Kind as JobKind>::Failure;
    type Chain = CanFail<R::Chain, R::Kind, R::Value>;
    fn begin(&self, attempts: &Attempts<'_, A>) -> Self::Chain {
        CanFail {
            chain: (self.function)(attempts.job.attempt()).into_chain(),
            of: PhantomData,
        }
    }
}

pin_project! {
    /// A chain of either kind as one that can fail: what a job of [`Calls`] runs.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct CanFail<C, K, T> {
        #[pin]
        chain: C,
        of: PhantomData<fn() -> (K, T)>,
    }
}

fn outcome<K: JobKind, T>(out: OutOf<K, T>) -> Result<T, K::Failure> {
    K::outcome(out).map_err(K::failure)
}

impl<C: Chain<Output = OutOf<K, T>>, K: JobKind, T> Future for CanFail<C, K, T> {
    type Output = Result<T, K::Failure>;
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().chain.poll(cx).map(outcome::<K, T>)
    }
}

impl<C, K, T> Sealed for CanFail<C, K, T> {}

impl<C: Chain<Output = OutOf<K, T>>, K: JobKind, T> Chain for CanFail<C, K, T> {
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        self.project().chain.cancel().map(outcome::<K, T>)
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let settled = self.project().chain.poll_settle(cx);
        settled.map(|out| out.map(outcome::<K, T>))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
}

/// Work with a limit of time: made by [`Builder::timeout`](super::Builder::timeout).
pub struct Limited<W> {
    pub(super) work: W,
    pub(super) limit: Duration,
}

impl<A, W> JobWork<A> for Limited<W>
where
    W: JobWork<A>,
    W::Error: From<TimedOut>,
{
    type Value = W::Value;
    type Error = W::Error;
    type Chain = Timeout<W::Chain>;
    fn begin(&self, attempts: &Attempts<'_, A>) -> Self::Chain {
        let work: Deferred<Result<_, _>, _> = Deferred::from_chain(self.work.begin(attempts));
        Act::<_, Tokio>::act(work, runtime::Timeout(self.limit)).into_chain()
    }
}

/// Makes the attempts at a job.
type Again<W, A> = Box<
    dyn FnMut() -> Deferred<
            Result<<W as JobWork<A>>::Value, <W as JobWork<A>>::Error>,
            <W as JobWork<A>>::Chain,
        > + Send,
>;

/// Work that is tried again: made by [`Builder::retry`](super::Builder::retry).
pub struct Retried<W, P, M> {
    pub(super) work: Arc<W>,
    pub(super) policy: P,
    pub(super) form: PhantomData<fn() -> M>,
}

impl<A, W, P, Q, M> JobWork<A> for Retried<W, P, M>
where
    A: 'static,
    W: JobWork<A>,
    P: Fn() -> Q + Send + Sync + 'static,
    Q: IntoPolicy<W::Error, M> + 'static,
    Q::Policy: Send + 'static,
    M: 'static,
{
    type Value = W::Value;
    type Error = W::Error;
    type Chain = Retrying<Again<W, A>, W::Chain, Q::Policy, W::Error, Bare>;
    fn begin(&self, attempts: &Attempts<'_, A>) -> Self::Chain {
        let (work, job) = (self.work.clone(), (attempts.owned)());
        let again: Again<W, A> = Box::new(move || {
            let owned = || job.clone();
            Deferred::from_chain(work.begin(&Attempts::of(&*job, &owned)))
        });
        RetryingCall::new(again)
            .start_bare((self.policy)())
            .into_chain()
    }
}

impl<F, R, M> fmt::Debug for Calls<F, R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}
impl<C, K, T> fmt::Debug for CanFail<C, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanFail").finish_non_exhaustive()
    }
}
impl<W> fmt::Debug for Limited<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limited").finish_non_exhaustive()
    }
}
impl<W, P, M> fmt::Debug for Retried<W, P, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retried").finish_non_exhaustive()
    }
}
