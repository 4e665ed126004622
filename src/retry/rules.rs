//! A policy put together of delays, conditions and hooks.

use core::error::Error;
use core::fmt;
use core::time::Duration;

use std::boxed::Box;
use std::vec::Vec;

use backon::BackoffBuilder;
use defer_core::Failure;
use defer_core::attempts::Reason;

use super::policy::{after, name_of};
use super::{Failed, Next, Policy, SimpleBackoff};

/// Whether a failure is worth another attempt.
///
/// ```
/// use defer::retry::Verdict;
/// assert_eq!(Verdict::from(true), Verdict::Retry);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is, as far as this tester knows.
    Retry,
    /// It is not.
    GiveUp,
}

/// `true` is [`Retry`](Verdict::Retry).
impl From<bool> for Verdict {
    fn from(retry: bool) -> Self {
        if retry {
            Verdict::Retry
        } else {
            Verdict::GiveUp
        }
    }
}

/// Says of each failure whether it is worth another attempt; it may remember what it has seen.
///
/// Every closure `FnMut(&E) -> Verdict` is one, and every type that implements this. `txretry`: the
/// `failureTester` of `RetryingCall`, which gives up by raising or returning the failure.
///
/// ```
/// use defer::retry::{Retry, RetryingCall, Tester, Verdict};
/// use defer::prelude::*;
/// use std::time::Duration;
///
/// /// Server errors, and exactly one 404.
/// #[derive(Default)]
/// struct TwitterFailureTester { seen_404: bool }
///
/// impl Tester<u16> for TwitterFailureTester {
///     fn test(&mut self, status: &u16) -> Verdict {
///         match status {
///             500 | 502 | 503 => Verdict::Retry,
///             404 => Verdict::from(!std::mem::replace(&mut self.seen_404, true)),
///             _ => Verdict::GiveUp,
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let mut answers = [503, 404, 500, 404, 503].into_iter();
/// let user = RetryingCall::new(move || fail::<String, u16>(answers.next().unwrap()));
/// let policy = Retry::default().tester(TwitterFailureTester::default());
/// let gave_up = user.start(policy).await.unwrap_err();
/// assert_eq!((gave_up.count(), gave_up.into_last()), (4, 404)); // the second one
/// # }
/// ```
pub trait Tester<E> {
    /// Look at a failure.
    fn test(&mut self, error: &E) -> Verdict;
}

impl<E, F: FnMut(&E) -> Verdict> Tester<E> for F {
    fn test(&mut self, error: &E) -> Verdict {
        self(error)
    }
}

type Hint<E> = Box<dyn FnMut(&E) -> Option<Duration> + Send>;
type OnFailure<E> = Box<dyn FnMut(usize, &E, Option<Duration>) + Send>;

/// A [`Policy`]: delays, conditions, and hooks, for calls that fail with an `E`.
///
/// The delays say how many attempts there are at most. The conditions are asked after each
/// failure in the order in which they were added, and the first one that gives up decides;
/// without any, everything is worth another attempt. They are asked of the last failure, too,
/// which has no delay after it: what they answer then is the [`Reason`], before
/// [`Exhausted`](Reason::Exhausted).
///
/// A policy is used up by one call. Where it serves many, make it in a function:
///
/// ```
/// use defer::retry::{Exponential, Retry, RetryingCall};
/// use defer::prelude::*;
///
/// #[derive(Debug, PartialEq)]
/// enum FetchError { Busy, Gone }
///
/// fn politely() -> Retry<FetchError> {
///     Retry::backoff(Exponential::default().with_jitter()).unless(|error| *error == FetchError::Gone)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let mut outcomes = [Err(FetchError::Busy), Ok("a page")].into_iter();
/// let fetch = RetryingCall::new(move || defer(std::future::ready(outcomes.next().unwrap())));
/// assert_eq!(fetch.start(politely()).await.unwrap(), "a page");
/// # }
/// ```
#[must_use = "a policy does nothing until a call is started with it"]
pub struct Retry<E> {
    delays: Box<dyn Iterator<Item = Duration> + Send>,
    /// The first delay is that before the first attempt.
    before_each: bool,
    testers: Vec<Box<dyn Tester<E> + Send>>,
    hint: Option<Hint<E>>,
    on_failure: Vec<OnFailure<E>>,
    name: &'static str,
}

/// As in `txretry`: ten attempts, the first one at once, with the delays of [`SimpleBackoff`].
impl<E> Default for Retry<E> {
    fn default() -> Self {
        Retry::before_each(SimpleBackoff::default())
    }
}

impl<E> Retry<E> {
    /// With these delays *between* attempts: `n` delays make `n + 1` attempts.
    ///
    /// The iterator is asked for a delay after a failure, not before. One that never ends
    /// retries for ever.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let second = Duration::from_secs(1);
    /// let call = RetryingCall::new(|| fail::<u8, _>("busy"));
    /// let gave_up = call.start(Retry::delays([second, 2 * second])).await.unwrap_err();
    /// let began: Vec<_> = gave_up.attempts().map(|attempt| attempt.began()).collect();
    /// assert_eq!(began, [Duration::ZERO, second, 3 * second]);
    /// # }
    /// ```
    pub fn delays<I>(delays: I) -> Self
    where
        I: IntoIterator<Item = Duration, IntoIter: Send + 'static>,
    {
        Retry {
            name: name_of::<I::IntoIter>(),
            delays: Box::new(delays.into_iter()),
            before_each: false,
            testers: Vec::new(),
            hint: None,
            on_failure: Vec::new(),
        }
    }

    /// With these delays *before* attempts: `n` delays make `n` attempts.
    ///
    /// There is always one attempt; without any delay it comes at once. So it is in `txretry`,
    /// whose delays begin with 0 for the first attempt.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let second = Duration::from_secs(1);
    /// let call = RetryingCall::new(|| fail::<u8, _>("busy"));
    /// let gave_up = call.start(Retry::before_each([second, 2 * second])).await.unwrap_err();
    /// let began: Vec<_> = gave_up.attempts().map(|attempt| attempt.began()).collect();
    /// assert_eq!(began, [second, 3 * second]);
    /// # }
    /// ```
    pub fn before_each<I>(delays: I) -> Self
    where
        I: IntoIterator<Item = Duration, IntoIter: Send + 'static>,
    {
        Retry {
            before_each: true,
            ..Retry::delays(delays)
        }
    }

    /// With the delays of one of [`backon`]'s builders between attempts.
    ///
    /// [`Exponential`](super::Exponential), [`Fibonacci`](super::Fibonacci) and
    /// [`Constant`](super::Constant) are three: each has a greatest number of delays and
    /// jitter, the first two a longest delay, the first one a total.
    ///
    /// ```
    /// use defer::retry::{Fibonacci, Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = RetryingCall::new(|| fail::<u8, _>("busy"));
    /// let policy = Retry::backoff(Fibonacci::default().with_max_times(5));
    /// let gave_up = call.start(policy).await.unwrap_err();
    /// let took = gave_up.attempts().last().unwrap().ended();
    /// assert_eq!(took, Duration::from_secs(1 + 1 + 2 + 3 + 5));
    /// # }
    /// ```
    pub fn backoff<B: BackoffBuilder<Backoff: 'static>>(builder: B) -> Self {
        Retry::delays(builder.build())
    }

    /// Only what this says `true` to is worth another attempt.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = RetryingCall::new(|| fail::<u8, u16>(404));
    /// let policy = Retry::default().when(|status| (500..600).contains(status));
    /// let gave_up = call.start(policy).await.unwrap_err();
    /// assert_eq!(gave_up.to_string(), "gave up after 1 attempt in 0ns (not to be retried): 404");
    /// # }
    /// ```
    pub fn when(self, mut worth_it: impl FnMut(&E) -> bool + Send + 'static) -> Self {
        self.tester(move |error: &E| Verdict::from(worth_it(error)))
    }

    /// What this says `true` to is not worth another attempt.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = RetryingCall::new(|| fail::<u8, u16>(404));
    /// let policy = Retry::default().unless(|status| *status == 404);
    /// assert_eq!(call.start(policy).await.unwrap_err().count(), 1);
    /// # }
    /// ```
    pub fn unless(self, mut hopeless: impl FnMut(&E) -> bool + Send + 'static) -> Self {
        self.tester(move |error: &E| Verdict::from(!hopeless(error)))
    }

    /// Of the failures that this says `true` to, so many are tolerated and no more.
    ///
    /// About the others it says nothing.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut answers = [503, 404, 500, 404].into_iter();
    /// let user = RetryingCall::new(move || fail::<String, u16>(answers.next().unwrap()));
    /// let policy = Retry::default()
    ///     .when(|status| [404, 500, 502, 503].contains(status))
    ///     .at_most(1, |status| *status == 404);
    /// assert_eq!(user.start(policy).await.unwrap_err().count(), 4);
    /// # }
    /// ```
    pub fn at_most(
        self,
        mut times: usize,
        mut of_these: impl FnMut(&E) -> bool + Send + 'static,
    ) -> Self {
        self.tester(move |error: &E| {
            if !of_these(error) {
                return Verdict::Retry;
            }
            let left = times.checked_sub(1);
            times = left.unwrap_or(0);
            Verdict::from(left.is_some())
        })
    }

    /// Ask this tester.
    ///
    /// See [`Tester`] for one that keeps state.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall, Verdict};
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = RetryingCall::new(|| fail::<u8, u16>(404));
    /// let policy = Retry::default().tester(|status: &u16| match status {
    ///     503 => Verdict::Retry,
    ///     _ => Verdict::GiveUp,
    /// });
    /// assert_eq!(call.start(policy).await.unwrap_err().count(), 1);
    /// # }
    /// ```
    pub fn tester(mut self, tester: impl Tester<E> + Send + 'static) -> Self {
        self.testers.push(Box::new(tester));
        self
    }

    /// What the error says of the time to wait takes the place of the next delay.
    ///
    /// For the header `Retry-After` and its like; `None` leaves the delay as it is. The delay
    /// is used up all the same, so that the number of attempts does not change. The last one
    /// that was given counts.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    ///
    /// #[derive(Debug)]
    /// struct Busy { retry_after: Option<Duration> }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let second = Duration::from_secs(1);
    /// let busy = move || fail::<u8, _>(Busy { retry_after: Some(30 * second) });
    /// let policy = Retry::delays([second]).hint(|busy: &Busy| busy.retry_after);
    /// let gave_up = RetryingCall::new(busy).start(policy).await.unwrap_err();
    /// assert_eq!(gave_up.attempts().last().unwrap().began(), 30 * second);
    /// # }
    /// ```
    pub fn hint(mut self, hint: impl FnMut(&E) -> Option<Duration> + Send + 'static) -> Self {
        self.hint = Some(Box::new(hint));
        self
    }

    /// Call this after each failure, to write a log or to count.
    ///
    /// It gets the number of the attempt, from 1 on, its error, and the delay before the next
    /// one: `None`, if there is none. Several are called in the order in which they were added.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// # let (log, lines) = std::sync::mpsc::channel();
    /// let policy = Retry::delays([Duration::from_secs(1)]).on_failure(move |attempt, error, next| {
    ///     let line = match next {
    ///         Some(delay) => format!("attempt {attempt}: {error}, again in {delay:?}"),
    ///         None => format!("attempt {attempt}: {error}, given up"),
    ///     };
    ///     log.send(line).unwrap();
    /// });
    /// let call = RetryingCall::new(|| fail::<u8, _>("busy"));
    /// assert!(call.start(policy).await.is_err());
    /// let lines: Vec<_> = lines.iter().collect();
    /// assert_eq!(lines, ["attempt 1: busy, again in 1s", "attempt 2: busy, given up"]);
    /// # }
    /// ```
    pub fn on_failure(
        mut self,
        hook: impl FnMut(usize, &E, Option<Duration>) + Send + 'static,
    ) -> Self {
        self.on_failure.push(Box::new(hook));
        self
    }

    /// What it is called in plans and in trails.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    ///
    /// let call = RetryingCall::new(|| fail::<u8, _>("busy"));
    /// let named = call.start(Retry::default().named("retry while the server is busy"));
    /// assert_eq!(named.plan().to_string(), "retry while the server is busy\n");
    /// ```
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }
}

/// For failures whose errors are of many kinds.
impl Retry<Failure> {
    /// Only a failure with an error of this type is worth another attempt.
    ///
    /// Errors of several types: [`when`](Retry::when) with
    /// [`check`](Failure::check)s. Twisted: `failure.trap(SomeError)` in a failure tester.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::io;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let policy = || Retry::default().when_error::<io::Error>();
    /// let reset = || fail::<u8, Failure>(io::Error::other("reset").into());
    /// assert_eq!(RetryingCall::new(reset).start(policy()).await.unwrap_err().count(), 10);
    /// let other = || fail::<u8, Failure>(Failure::msg("no such page"));
    /// assert_eq!(RetryingCall::new(other).start(policy()).await.unwrap_err().count(), 1);
    /// # }
    /// ```
    pub fn when_error<X: Error + 'static>(self) -> Self {
        self.when(|failure| failure.check::<X>().is_some())
    }

    /// Only a failure with an error of this type to which this says `true` is worth another
    /// attempt.
    ///
    /// ```
    /// use defer::retry::{Retry, RetryingCall};
    /// use defer::prelude::*;
    /// use std::io;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let policy = Retry::default()
    ///     .when_error_is(|error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset);
    /// let other = || fail::<u8, Failure>(io::Error::other("disk full").into());
    /// assert_eq!(RetryingCall::new(other).start(policy).await.unwrap_err().count(), 1);
    /// # }
    /// ```
    pub fn when_error_is<X: Error + 'static>(
        self,
        mut worth_it: impl FnMut(&X) -> bool + Send + 'static,
    ) -> Self {
        self.when(move |failure| failure.check::<X>().is_some_and(&mut worth_it))
    }
}

impl<E> Policy<E> for Retry<E> {
    fn first(&mut self) -> Duration {
        if self.before_each {
            self.delays.next().unwrap_or_default()
        } else {
            Duration::ZERO
        }
    }

    fn next(&mut self, failed: &Failed<'_, E>) -> Next {
        for tester in &mut self.testers {
            if tester.test(failed.error) == Verdict::GiveUp {
                return Next::GiveUp(Reason::Refused);
            }
        }
        let Some(delay) = self.delays.next() else {
            return after(None);
        };
        let hinted = self.hint.as_mut().and_then(|hint| hint(failed.error));
        Next::After(hinted.unwrap_or(delay))
    }

    fn decided(&mut self, failed: &Failed<'_, E>, delay: Option<Duration>) {
        for hook in &mut self.on_failure {
            hook(failed.attempt, failed.error, delay);
        }
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

impl<E> fmt::Debug for Retry<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
