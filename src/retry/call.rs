//! A function that is called until it succeeds.

use core::fmt;

use defer_core::attempts::GaveUp;
use defer_core::{Chain, Deferred};

use super::IntoPolicy;
use super::attempts::{Bare, Retrying, Whole};

/// A function that is called until what it makes succeeds.
///
/// The function makes a deferred for each attempt: it calls an annotated function, for which
/// it clones the arguments. A plain future becomes a deferred by
/// [`defer`](defer_core::defer). `txretry`: `RetryingCall(f, *args).start(delays, tester)`.
///
/// ```
/// use defer::prelude::*;
/// use defer::retry::{Retry, RetryingCall};
/// use std::io;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// # let mut attempts = 0..;
/// let read = RetryingCall::new(move || {
///     # let busy = attempts.next().unwrap() < 3;
///     async move {
///         // … read from where it may take some time until there is something …
///         # if busy { return Err(io::Error::other("busy")) }
///         Ok::<_, io::Error>("some text".to_string())
///     }.defer()
/// });
/// let text = read.start(Retry::default()).add_errback(|gave_up| gave_up.to_string());
/// assert_eq!(text.await, "some text");
/// # }
/// ```
#[must_use = "a call does nothing until it is started"]
#[derive(Clone, Copy)]
pub struct RetryingCall<F> {
    function: F,
}

impl<F> RetryingCall<F> {
    /// Of a function that makes a deferred.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::retry::{Retry, RetryingCall};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = RetryingCall::new(|| async { Ok::<_, Failure>(20) }.defer());
    /// assert_eq!(call.start(Retry::default()).await.unwrap(), 20);
    /// # }
    /// ```
    pub const fn new(function: F) -> Self {
        RetryingCall { function }
    }

    /// The deferred that makes the attempts; it fails with all of them.
    ///
    /// It is lazy, as every deferred is: the first attempt is made at the first poll. Its
    /// outcome is the first success. Its failure, a [`GaveUp`], is of all attempts.
    ///
    /// Dropping it drops the timer, or the attempt that is under way. Cancelling it does the
    /// first, or cancels the attempt; there is no further one, then. See [`retry`](super) for
    /// what comes out.
    ///
    /// An attempt that follows at once, without a delay, lets others run before it begins.
    ///
    /// # Panics
    ///
    /// When it has to wait outside of a tokio runtime that has its time enabled. When the
    /// function or the attempt panics: that is no failure, and there is no further attempt.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::retry::{Reason, RetryingCall};
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut errors = ["no route", "refused"].into_iter();
    /// let page = RetryingCall::new(move || fail::<String, _>(errors.next().unwrap()))
    ///     .start([Duration::from_secs(1)]);
    /// let gave_up = page.await.unwrap_err();
    /// assert_eq!(gave_up.to_string(), "gave up after 2 attempts in 1s: refused");
    /// assert_eq!(gave_up.reason(), Reason::Exhausted);
    /// assert_eq!(gave_up.into_first(), "no route");
    /// # }
    /// ```
    pub fn start<T, E, C, P, M>(
        self,
        policy: P,
    ) -> Deferred<Result<T, GaveUp<E>>, Retrying<F, C, P::Policy, E, Whole>>
    where
        F: FnMut() -> Deferred<Result<T, E>, C>,
        C: Chain<Output = Result<T, E>>,
        P: IntoPolicy<E, M>,
    {
        Deferred::from_chain(Retrying::new(self.function, policy.into_policy()))
    }

    /// As [`start`](RetryingCall::start); it fails with the last error as it is.
    ///
    /// A [`Failure`](crate::Failure) has all attempts on its trail, and its error is that of
    /// the last one, so that `check`, `trap` and `is_timeout` tell what they would have told
    /// without retrying. If it is cancelled between two attempts, or late, they are on the
    /// trail of that failure. Of another error type nothing but the last one is left.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::retry::RetryingCall;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// #[callback]
    /// fn page(n: u32) -> Result<String, Failure> { Err(Failure::msg(format!("no page {n}"))) }
    ///
    /// let mut numbers = 1..;
    /// let page = RetryingCall::new(move || page(numbers.next().unwrap()))
    ///     .start_bare([Duration::from_secs(1)]);
    /// let failure = page.await.unwrap_err();
    /// assert_eq!(failure.to_string(), "no page 2");
    /// let hop = failure.trail().hops().last().unwrap();
    /// assert_eq!(hop.to_string(), "retry (delays) after attempt 2");
    /// assert_eq!(hop.attempts()[0].to_string(), "attempt 1, at 0ns: no page 1");
    /// # }
    /// ```
    pub fn start_bare<T, E, C, P, M>(
        self,
        policy: P,
    ) -> Deferred<Result<T, E>, Retrying<F, C, P::Policy, E, Bare>>
    where
        F: FnMut() -> Deferred<Result<T, E>, C>,
        C: Chain<Output = Result<T, E>>,
        P: IntoPolicy<E, M>,
        E: 'static,
    {
        Deferred::from_chain(Retrying::new(self.function, policy.into_policy()))
    }
}

impl<F> fmt::Debug for RetryingCall<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryingCall").finish_non_exhaustive()
    }
}
