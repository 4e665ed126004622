//! What is known of the attempts of a call that was made again and again.
//!
//! Retrying needs a clock, and is left to the facade (`defer::retry`). What it tells of its
//! attempts is here, because a [`Failure`] keeps it in its [`Trail`](crate::Trail).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::error::Error;
use core::fmt;
use core::time::Duration;

#[cfg(feature = "std")]
use crate::Panicked;
use crate::failure::Failure;
use crate::plan::Node;
use crate::{Abandoned, Cancelled, TimedOut};

/// So many failed attempts are kept: the first half of them and the last half.
const KEPT: usize = 32;

/// One attempt that failed.
///
/// ```
/// use defer_core::attempts::Attempt;
/// use core::time::Duration;
///
/// let attempt = Attempt::new(2, Duration::from_millis(10), Duration::from_millis(13), "busy");
/// assert_eq!(attempt.to_string(), "attempt 2, at 13ms: busy");
/// ```
#[derive(Clone, Debug)]
pub struct Attempt<E> {
    number: usize,
    began: Duration,
    ended: Duration,
    error: E,
}

impl<E> Attempt<E> {
    /// From its number, counted from 1, the times of its begin and its end, and its error.
    ///
    /// ```
    /// # use defer_core::attempts::Attempt;
    /// # use core::time::Duration;
    /// assert_eq!(Attempt::new(1, Duration::ZERO, Duration::ZERO, "no").number(), 1);
    /// ```
    #[must_use]
    pub const fn new(number: usize, began: Duration, ended: Duration, error: E) -> Self {
        Attempt {
            number,
            began,
            ended,
            error,
        }
    }

    /// Which attempt it was, counted from 1.
    ///
    /// ```
    /// # use defer_core::attempts::Attempt;
    /// # use core::time::Duration;
    /// assert_eq!(Attempt::new(3, Duration::ZERO, Duration::ZERO, "no").number(), 3);
    /// ```
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// When it began, from the first poll of the whole on.
    ///
    /// ```
    /// # use defer_core::attempts::Attempt;
    /// # use core::time::Duration;
    /// let second = Duration::from_secs(1);
    /// assert_eq!(Attempt::new(2, second, 2 * second, "no").began(), second);
    /// ```
    #[must_use]
    pub const fn began(&self) -> Duration {
        self.began
    }

    /// When it failed, from the first poll of the whole on.
    ///
    /// ```
    /// # use defer_core::attempts::Attempt;
    /// # use core::time::Duration;
    /// let second = Duration::from_secs(1);
    /// assert_eq!(Attempt::new(2, second, 2 * second, "no").ended(), 2 * second);
    /// ```
    #[must_use]
    pub const fn ended(&self) -> Duration {
        self.ended
    }

    /// What it failed with.
    ///
    /// ```
    /// # use defer_core::attempts::Attempt;
    /// # use core::time::Duration;
    /// assert_eq!(Attempt::new(1, Duration::ZERO, Duration::ZERO, "no").error(), &"no");
    /// ```
    #[must_use]
    pub const fn error(&self) -> &E {
        &self.error
    }

    /// What it failed with, by value.
    ///
    /// ```
    /// # use defer_core::attempts::Attempt;
    /// # use core::time::Duration;
    /// assert_eq!(Attempt::new(1, Duration::ZERO, Duration::ZERO, "no").into_error(), "no");
    /// ```
    #[must_use]
    pub fn into_error(self) -> E {
        self.error
    }
}

/// `attempt 2, at 10ms: no such page`; `{:#}` writes the error with `{:#}`.
impl<E: fmt::Display> fmt::Display for Attempt<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt {}, at {:?}: ", self.number, self.ended)?;
        fmt::Display::fmt(&self.error, f)
    }
}

/// Why there was no further attempt.
///
/// ```
/// use defer_core::attempts::Reason;
/// assert_eq!(Reason::Exhausted.to_string(), "no attempt is left");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There were no more delays.
    Exhausted,
    /// The error was found not to be worth another attempt.
    Refused,
    /// The next attempt would have begun after the deadline.
    NoTimeLeft {
        /// What was left of the time.
        left: Duration,
        /// After which the next attempt would have begun.
        delay: Duration,
    },
    /// The call was cancelled in this attempt.
    Cancelled,
    /// The error came from around the attempts: the call was cancelled, or late, and what was
    /// tried is not known.
    Outside,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Exhausted => f.write_str("no attempt is left"),
            Reason::Refused => f.write_str("not to be retried"),
            Reason::NoTimeLeft { left, delay } => {
                write!(f, "the next would be in {delay:?}, and {left:?} are left")
            }
            Reason::Cancelled => f.write_str("cancelled"),
            Reason::Outside => f.write_str("ended from outside"),
        }
    }
}

/// The attempts that have failed so far: a bounded number of them.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct History<E> {
    kept: Vec<Attempt<E>>,
    left_out: usize,
}

impl<E> Default for History<E> {
    fn default() -> Self {
        History {
            kept: Vec::new(),
            left_out: 0,
        }
    }
}

impl<E> History<E> {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kept.len() + self.left_out
    }

    /// One more.
    pub fn push(&mut self, attempt: Attempt<E>) {
        // With the last one, which is on its own, there are `KEPT`.
        if self.kept.len() == KEPT - 1 {
            self.kept.remove(KEPT / 2);
            self.left_out += 1;
        }
        self.kept.push(attempt);
    }

    /// A cancellation between two attempts as an `E`, with what was tried on its trail: if
    /// that is a `Failure`.
    pub fn cancelled(self, by: Node) -> Option<E>
    where
        E: 'static,
    {
        let mut failure = Failure::from(Cancelled);
        let tries = Tries::of(self, None)?;
        failure.note_cancelled_between(by, tries);
        same(failure)
    }
}

/// `A`, if it is a `B`.
fn same<A: 'static, B: 'static>(a: A) -> Option<B> {
    let mut a = Some(a);
    (&mut a as &mut dyn Any).downcast_mut::<Option<B>>()?.take()
}

/// What was tried, on the trail of a [`Failure`].
#[derive(Clone)]
pub(crate) struct Tries(Arc<Tried>);

struct Tried {
    earlier: History<Failure>,
    reason: Option<Reason>,
    /// How many attempts there were.
    count: usize,
}

impl PartialEq for Tries {
    fn eq(&self, other: &Self) -> bool {
        // Errors cannot be compared: the same attempts are those of the same call.
        Arc::ptr_eq(&self.0, &other.0)
    }
}
impl Eq for Tries {}

impl Tries {
    /// `None`, unless an `E` is a `Failure`.
    fn of<E: 'static>(earlier: History<E>, gave_up: Option<Reason>) -> Option<Self> {
        let earlier: History<Failure> = same(earlier)?;
        let count = earlier.count() + usize::from(gave_up.is_some());
        Some(Tries(Arc::new(Tried {
            earlier,
            reason: gave_up,
            count,
        })))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.count
    }

    pub(crate) fn earlier(&self) -> &[Attempt<Failure>] {
        &self.0.earlier.kept
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.0.reason
    }

    pub(crate) fn write_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = self.0.reason {
            write!(f, ": {reason}")?;
        }
        write_lines(f, "    ", self.earlier().iter(), self.0.earlier.left_out)
    }
}

fn write_lines<'a, E: fmt::Display + 'a>(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    attempts: impl Iterator<Item = &'a Attempt<E>>,
    left_out: usize,
) -> fmt::Result {
    for (place, attempt) in attempts.enumerate() {
        if place == KEPT / 2 && left_out > 0 {
            write!(f, "\n{indent}… {left_out} more")?;
        }
        write!(f, "\n{indent}{attempt:#}")?;
    }
    Ok(())
}

/// The error of a call that was tried, maybe several times, and did not succeed.
///
/// It has the error of each attempt and when that was. Of more than 32 attempts it keeps the
/// first 16 and the last 16.
///
/// | written as | what a reader gets |
/// | --- | --- |
/// | `{}` | how many attempts in what time, and the last error |
/// | `{:#}` | the same, and a line for each attempt |
///
/// It is an [`Error`], whose [`source`](Error::source) is the last attempt's, where `E` is one
/// or is a [`Failure`]. [`into_last`](GaveUp::into_last) and
/// [`into_first`](GaveUp::into_first) give the plain error back. `txretry`: `RetryingCall` fails
/// with the first failure, and has the others in `failures`.
///
/// It takes in what an `E` takes in of what comes from around the attempts: `From<Cancelled>`,
/// `From<TimedOut>`, `From<Abandoned>`, `From<Panicked>`.
///
/// ```
/// use core::time::Duration;
/// use defer_core::attempts::{Attempt, GaveUp, History, Reason};
///
/// let mut earlier = History::default();
/// earlier.push(Attempt::new(1, Duration::ZERO, Duration::ZERO, "no route"));
/// let ms = Duration::from_millis(20);
/// let gave_up = GaveUp::new(earlier, Attempt::new(2, ms, ms, "refused"), Reason::Exhausted);
/// assert_eq!(gave_up.to_string(), "gave up after 2 attempts in 20ms: refused");
/// assert_eq!(
///     format!("{gave_up:#}"),
///     "gave up after 2 attempts in 20ms: refused\n  \
///      attempt 1, at 0ns: no route\n  \
///      attempt 2, at 20ms: refused",
/// );
/// assert_eq!(gave_up.into_first(), "no route");
/// ```
#[derive(Clone)]
pub struct GaveUp<E> {
    // One word, so that the `Result`s of a chain stay small.
    inner: Box<Inner<E>>,
}

#[derive(Clone)]
struct Inner<E> {
    earlier: History<E>,
    last: Attempt<E>,
    reason: Reason,
}

impl<E> GaveUp<E> {
    #[doc(hidden)]
    #[must_use]
    pub fn new(earlier: History<E>, last: Attempt<E>, reason: Reason) -> Self {
        GaveUp {
            inner: Box::new(Inner {
                earlier,
                last,
                reason,
            }),
        }
    }

    fn outside(error: E) -> Self {
        let last = Attempt::new(0, Duration::ZERO, Duration::ZERO, error);
        GaveUp::new(History::default(), last, Reason::Outside)
    }

    /// What is kept of the attempts, the first one first.
    ///
    /// None, if the error came from around them: see [`Reason::Outside`].
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// let errors: Vec<&str> = gave_up.attempts().map(|attempt| *attempt.error()).collect();
    /// assert_eq!(errors, ["refused"]);
    /// ```
    pub fn attempts(&self) -> impl DoubleEndedIterator<Item = &Attempt<E>> {
        let last = Some(&self.inner.last).filter(|last| last.number > 0);
        self.inner.earlier.kept.iter().chain(last)
    }

    /// How many attempts there were, those that are not kept among them.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.count(), 1);
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.last.number
    }

    /// How many attempts are not kept. They were between the first half of
    /// [`attempts`](GaveUp::attempts) and the last.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.left_out(), 0);
    /// ```
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.inner.earlier.left_out
    }

    /// Why there was no further attempt.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.reason(), Reason::Exhausted);
    /// ```
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.inner.reason
    }

    /// The error of the last attempt.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.last(), &"refused");
    /// ```
    #[must_use]
    pub fn last(&self) -> &E {
        &self.inner.last.error
    }

    /// The error of the first attempt.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.first(), &"refused");
    /// ```
    #[must_use]
    pub fn first(&self) -> &E {
        let first = self.inner.earlier.kept.first();
        &first.unwrap_or(&self.inner.last).error
    }

    /// The error of the last attempt, by value.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.into_last(), "refused");
    /// ```
    #[must_use]
    pub fn into_last(self) -> E {
        self.inner.last.error
    }

    /// The error of the first attempt, by value: what `txretry`'s `RetryingCall` fails with.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use defer_core::attempts::{Attempt, GaveUp, History, Reason};
    /// # let last = Attempt::new(1, Duration::ZERO, Duration::ZERO, "refused");
    /// # let gave_up = GaveUp::new(History::default(), last, Reason::Exhausted);
    /// assert_eq!(gave_up.into_first(), "refused");
    /// ```
    #[must_use]
    pub fn into_first(self) -> E {
        let Inner { earlier, last, .. } = *self.inner;
        let first = earlier.kept.into_iter().next();
        first.unwrap_or(last).error
    }

    /// The last error; if that is a `Failure`, with all attempts on its trail.
    #[doc(hidden)]
    #[must_use]
    pub fn into_told(self, by: Node) -> E
    where
        E: 'static,
    {
        let Inner {
            earlier,
            last,
            reason,
        } = *self.inner;
        let mut error = last.error;
        if let Some(failure) = (&mut error as &mut dyn Any).downcast_mut::<Failure>() {
            if let Some(tries) = Tries::of(earlier, Some(reason)) {
                failure.note_given_up(by, tries);
            }
        }
        error
    }
}

impl<E: fmt::Display> fmt::Display for GaveUp<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attempt { number, ended, .. } = self.inner.last;
        if self.inner.reason == Reason::Outside {
            return fmt::Display::fmt(self.last(), f);
        }
        let s = if number == 1 { "" } else { "s" };
        write!(f, "gave up after {number} attempt{s} in {ended:?}")?;
        match self.inner.reason {
            Reason::Exhausted => {}
            reason => write!(f, " ({reason})")?,
        }
        write!(f, ": {}", self.last())?;
        if f.alternate() {
            write_lines(f, "  ", self.attempts(), self.left_out())?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug> fmt::Debug for GaveUp<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gave_up = f.debug_struct("GaveUp");
        if self.inner.reason == Reason::Outside {
            gave_up.field("error", self.last());
        } else {
            gave_up.field("attempts", &self.attempts().collect::<Vec<_>>());
        }
        gave_up.field("reason", &self.inner.reason);
        gave_up.finish()
    }
}

/// An error, or a [`Failure`], which holds one and is none itself.
///
/// ```
/// use defer_core::attempts::AsError;
/// use defer_core::{Abandoned, Failure};
///
/// let failure = Failure::from(Abandoned);
/// assert_eq!(failure.as_error().to_string(), Abandoned.as_error().to_string());
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is neither an `Error` nor a `Failure`")]
pub trait AsError: fmt::Display + fmt::Debug + 'static {
    /// The error.
    fn as_error(&self) -> &(dyn Error + 'static);
}

impl<E: Error + 'static> AsError for E {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl AsError for Failure {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self.error()
    }
}

impl<E: AsError> Error for GaveUp<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.last().as_error())
    }
}

macro_rules! from_outside {
    ($($(#[$meta:meta])* $From:ty),+ $(,)?) => {$(
        $(#[$meta])*
        impl<E: From<$From>> From<$From> for GaveUp<E> {
            fn from(error: $From) -> Self {
                GaveUp::outside(error.into())
            }
        }
    )+};
}
from_outside!(
    Cancelled,
    TimedOut,
    Abandoned,
    #[cfg(feature = "std")]
    Panicked,
);
