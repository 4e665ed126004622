//! What decides, after each failure, whether and when there is another attempt.

use core::time::Duration;

use backon::BackoffBuilder;
use defer_core::attempts::Reason;

/// What a [`Policy`] is told of an attempt that failed.
///
/// ```
/// use defer::retry::Failed;
/// use std::time::Duration;
///
/// let failed = Failed::new(3, &"busy", Duration::from_secs(2));
/// assert_eq!((failed.attempt, *failed.error), (3, "busy"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed<'a, E> {
    /// Which attempt it was, counted from 1.
    pub attempt: usize,
    /// What it failed with.
    pub error: &'a E,
    /// When it failed, from the begin of the first attempt, or of the delay before it.
    pub elapsed: Duration,
}

impl<'a, E> Failed<'a, E> {
    /// Of this attempt, counted from 1: to test a policy with.
    ///
    /// ```
    /// # use defer::retry::Failed;
    /// # use std::time::Duration;
    /// assert_eq!(Failed::new(1, &"busy", Duration::ZERO).attempt, 1);
    /// ```
    #[must_use]
    pub const fn new(attempt: usize, error: &'a E, elapsed: Duration) -> Self {
        Failed {
            attempt,
            error,
            elapsed,
        }
    }
}

/// What comes after a failure.
///
/// ```
/// use defer::retry::Next;
/// use std::time::Duration;
///
/// let next = Next::After(Duration::from_secs(1));
/// assert_ne!(next, Next::After(Duration::ZERO));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another attempt, so much later.
    After(Duration),
    /// None, for this reason.
    GiveUp(Reason),
}

/// Decides after each failure whether and when there is another attempt.
///
/// [`Retry`](super::Retry) is one that is put together of delays and conditions. Lists of
/// delays, and the builders of [`backon`], become one: see [`IntoPolicy`]. A policy of your own
/// may keep whatever state it needs: there is one for each call that is retried.
///
/// ```
/// use defer::retry::{Failed, Next, Policy, Reason, RetryingCall};
/// use defer::prelude::*;
/// use std::time::Duration;
///
/// /// As long to wait as it took so far, for ten minutes.
/// struct Doubling;
///
/// impl<E> Policy<E> for Doubling {
///     fn next(&mut self, failed: &Failed<'_, E>) -> Next {
///         if failed.elapsed > Duration::from_secs(600) {
///             return Next::GiveUp(Reason::Exhausted);
///         }
///         Next::After(failed.elapsed.max(Duration::from_secs(1)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let call = RetryingCall::new(|| fail::<u8, _>("busy"));
/// assert_eq!(call.start(Doubling).await.unwrap_err().count(), 12); // 0, 1, 2, 4, … 1024 s
/// # }
/// ```
pub trait Policy<E> {
    /// How long to wait before the first attempt: not at all, if it is not said.
    fn first(&mut self) -> Duration {
        Duration::ZERO
    }

    /// What comes after this failure.
    fn next(&mut self, failed: &Failed<'_, E>) -> Next;

    /// Called after each failure with what was decided: `None`, if there is no other attempt.
    fn decided(&mut self, failed: &Failed<'_, E>, delay: Option<Duration>) {
        let _ = (failed, delay);
    }

    /// What the retrying is called in plans and in trails.
    fn name(&self) -> &'static str {
        "retry"
    }
}

/// What says how to retry: a [`Policy`], delays, or what makes delays.
///
/// | | the delays |
/// | --- | --- |
/// | a [`Policy`], as [`Retry`](super::Retry) | are its own |
/// | a builder of [`backon`], such as [`Exponential`](super::Exponential) | between two attempts |
/// | an iterator of `Duration`s, a `Vec` or an array of them | between two attempts |
///
/// After `n` delays that makes `n + 1` attempts. `M` is inferred.
///
/// ```
/// use defer::retry::{Exponential, RetryingCall};
/// use defer::prelude::*;
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let busy = || RetryingCall::new(|| fail::<u8, _>("busy"));
/// let second = Duration::from_secs(1);
/// assert_eq!(busy().start([second, 2 * second]).await.unwrap_err().count(), 3);
/// let endless = std::iter::repeat(second);
/// assert_eq!(busy().start(endless.take(9)).await.unwrap_err().count(), 10);
/// let builder = Exponential::default().with_max_times(4).with_jitter();
/// assert_eq!(busy().start(builder).await.unwrap_err().count(), 5);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how to retry what fails with `{E}`",
    label = "expected a `Retry<{E}>`, delays, or a builder of `backon`"
)]
pub trait IntoPolicy<E, M> {
    /// What decides.
    type Policy: Policy<E>;
    /// Make it.
    fn into_policy(self) -> Self::Policy;
}

/// How a value says how to retry. Inferred.
#[doc(hidden)]
pub mod markers {
    /// It is a policy.
    #[derive(Debug)]
    pub enum ByPolicy {}
    /// It is or makes an iterator of delays.
    #[derive(Debug)]
    pub enum ByBackoff {}
    /// It is a list of delays.
    #[derive(Debug)]
    pub enum ByList {}
}
use markers::{ByBackoff, ByList, ByPolicy};

#[diagnostic::do_not_recommend]
impl<E, P: Policy<E>> IntoPolicy<E, ByPolicy> for P {
    type Policy = P;
    fn into_policy(self) -> P {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E, B> IntoPolicy<E, ByBackoff> for B
where
    B: BackoffBuilder<Backoff: 'static>,
{
    type Policy = Delays<B::Backoff>;
    fn into_policy(self) -> Self::Policy {
        Delays(self.build())
    }
}

#[diagnostic::do_not_recommend]
impl<E, const N: usize> IntoPolicy<E, ByList> for [Duration; N] {
    type Policy = Delays<core::array::IntoIter<Duration, N>>;
    fn into_policy(self) -> Self::Policy {
        Delays(self.into_iter())
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoPolicy<E, ByList> for std::vec::Vec<Duration> {
    type Policy = Delays<std::vec::IntoIter<Duration>>;
    fn into_policy(self) -> Self::Policy {
        Delays(self.into_iter())
    }
}

/// The policy of delays alone: whatever fails is tried again, while there are delays.
///
/// ```
/// use defer::retry::{Delays, Failed, IntoPolicy, Next, Policy};
/// use std::time::Duration;
///
/// let second = Duration::from_secs(1);
/// let mut delays: Delays<_> = IntoPolicy::<&str, _>::into_policy([second]);
/// let failed = Failed::new(1, &"busy", Duration::ZERO);
/// assert_eq!(delays.next(&failed), Next::After(second));
/// assert!(matches!(delays.next(&failed), Next::GiveUp(_)));
/// ```
#[derive(Clone, Debug)]
pub struct Delays<I>(I);

impl<E, I: Iterator<Item = Duration> + 'static> Policy<E> for Delays<I> {
    fn next(&mut self, _: &Failed<'_, E>) -> Next {
        after(self.0.next())
    }
    fn name(&self) -> &'static str {
        name_of::<I>()
    }
}

/// The next delay, or none.
pub(super) fn after(delay: Option<Duration>) -> Next {
    delay.map_or(Next::GiveUp(Reason::Exhausted), Next::After)
}

/// What retrying with these delays is called.
pub(super) fn name_of<I: 'static>() -> &'static str {
    use core::any::TypeId;
    let known = [
        (
            TypeId::of::<super::SimpleBackoff>(),
            "retry (simple backoff)",
        ),
        (
            TypeId::of::<backon::ExponentialBackoff>(),
            "retry (exponential backoff)",
        ),
        (
            TypeId::of::<backon::FibonacciBackoff>(),
            "retry (fibonacci backoff)",
        ),
        (
            TypeId::of::<backon::ConstantBackoff>(),
            "retry (constant backoff)",
        ),
    ];
    let of = TypeId::of::<I>();
    let found = known.iter().find(|(known, _)| *known == of);
    found.map_or("retry (delays)", |(_, name)| name)
}
