//! The first few successes among several deferreds.

use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::losers::{LetGo, Losers};
use super::many::Many;
use super::run::{Rule, Run};
use super::source::Source;
use crate::Deferred;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::plan::Draw;

/// So many successes as were asked for cannot come any more: the failure of [`n_of`].
///
/// ```
/// use defer_core::list::n_of;
/// use defer_core::fail;
/// # futures::executor::block_on(async {
/// let replicas = [fail::<u8, _>("disk full"), fail("no such host")];
/// let error = n_of(replicas, 2).await.unwrap_err();
/// assert_eq!(error.failures(), [(0, "disk full")]);
/// assert_eq!(error.to_string(), "2 successes asked for: 1 failure leaves 1 at most");
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooFew<E> {
    asked: usize,
    most: usize,
    failures: Vec<(usize, E)>,
}

impl<E> TooFew<E> {
    /// The failures until then with their places, in the order in which they came.
    ///
    /// ```
    /// use defer_core::list::n_of;
    /// use defer_core::{Failure, defer};
    /// # futures::executor::block_on(async {
    /// let only = defer(async { Ok::<_, Failure>(1) });
    /// assert!(n_of([only], 2).await.unwrap_err().failures().is_empty());
    /// # });
    /// ```
    #[must_use]
    pub fn failures(&self) -> &[(usize, E)] {
        &self.failures
    }

    /// The failures by value.
    ///
    /// ```
    /// use defer_core::fail;
    /// use defer_core::list::n_of;
    /// # futures::executor::block_on(async {
    /// let error = n_of([fail::<u8, _>("disk full")], 1).await.unwrap_err();
    /// assert_eq!(error.into_failures(), [(0, "disk full")]);
    /// # });
    /// ```
    #[must_use]
    pub fn into_failures(self) -> Vec<(usize, E)> {
        self.failures
    }

    /// How many successes were asked for.
    ///
    /// ```
    /// use defer_core::fail;
    /// use defer_core::list::n_of;
    /// # futures::executor::block_on(async {
    /// let error = n_of([fail::<u8, _>("disk full")], 3).await.unwrap_err();
    /// assert_eq!((error.asked(), error.most()), (3, 1));
    /// # });
    /// ```
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// How many there could have been at most, when that was seen.
    ///
    /// ```
    /// use defer_core::fail;
    /// use defer_core::list::n_of;
    /// # futures::executor::block_on(async {
    /// let error = n_of([fail::<u8, _>("disk full")], 1).await.unwrap_err();
    /// assert_eq!(error.most(), 0);
    /// # });
    /// ```
    #[must_use]
    pub fn most(&self) -> usize {
        self.most
    }
}

impl<E> fmt::Display for TooFew<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooFew { asked, most, .. } = self;
        let es = if *asked == 1 { "" } else { "es" };
        write!(f, "{asked} success{es} asked for: ")?;
        match self.failures.len() {
            0 => write!(f, "there can be {most} at most"),
            1 => write!(f, "1 failure leaves {most} at most"),
            failed => write!(f, "{failed} failures leave {most} at most"),
        }
    }
}

impl<E: fmt::Debug> Error for TooFew<E> {}

/// The chain of [`n_of`].
#[must_use = "a chain does nothing until it is polled"]
pub struct NOf<S: Source, T, E, L = Losers> {
    run: Run<S>,
    rule: Rule<L>,
    asked: usize,
    successes: Vec<(usize, T)>,
    failures: Vec<(usize, E)>,
    // How many successes there can be at most, when that has come to be too few.
    too_few: Option<usize>,
    begun: bool,
    decided: bool,
    // A cancellation has left a member.
    gone: bool,
    done: bool,
}

impl<S: Source, T, E, L> Unpin for NOf<S, T, E, L> {}

impl<S: Source, T, E, L> NOf<S, T, E, L> {
    pub(super) fn new(run: Run<S>, asked: usize, chosen: Option<L>) -> Self {
        NOf {
            run,
            rule: Rule::new(Losers::Cancel, chosen),
            asked,
            successes: Vec::new(),
            failures: Vec::new(),
            too_few: None,
            begun: false,
            decided: false,
            gone: false,
            done: false,
        }
    }

    /// Whether there are enough, or cannot be any more.
    fn decide(&mut self)
    where
        L: LetGo<S::Member>,
    {
        let there = self.successes.len();
        let most = self.run.size_hint().1;
        let most = most.and_then(|most| most.checked_add(there));
        self.decided = there >= self.asked;
        // What a cancellation takes is no failure: it waits for the rest.
        if !self.decided && !self.run.is_asked() {
            self.too_few = most.filter(|most| *most < self.asked);
            self.decided = self.too_few.is_some();
        }
        match (self.decided, self.begun) {
            (true, true) => self.run.let_go(&mut self.rule),
            (true, false) => self.run.drop_all(),
            (false, _) => {}
        }
    }
}

impl<S, T, E, L> Future for NOf<S, T, E, L>
where
    S: Source,
    S::Member: Chain<Output = Result<T, E>>,
    L: LetGo<S::Member>,
{
    type Output = Result<Vec<(usize, T)>, TooFew<E>>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<S: Source, T, E, L> sealed::Sealed for NOf<S, T, E, L> {}

impl<S, T, E, L> Chain for NOf<S, T, E, L>
where
    S: Source,
    S::Member: Chain<Output = Result<T, E>>,
    L: LetGo<S::Member>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.run.is_done() {
            return Unwind::Idle;
        }
        self.gone |= self.run.ask();
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        if this.done {
            finished()
        }
        if !this.begun {
            // None may be asked for, or more than there are.
            this.decide();
            this.begun = true;
        }
        while let Some((place, out)) = ready!(this.run.poll_next(cx)) {
            match out {
                // A loser that was not to be stopped.
                _ if this.decided => continue,
                Some(Ok(value)) => this.successes.push((place, value)),
                Some(Err(error)) => this.failures.push((place, error)),
                None => this.gone = true,
            }
            this.decide();
        }
        this.done = true;
        let successes = core::mem::take(&mut this.successes);
        let failures = core::mem::take(&mut this.failures);
        let asked = this.asked;
        Poll::Ready(match this.too_few {
            None if successes.len() >= asked => Some(Ok(successes)),
            None if this.gone => None,
            most => Some(Err(TooFew {
                asked,
                most: most.unwrap_or(successes.len()),
                failures,
            })),
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.run.describe("n_of", to);
    }
}

impl<S: Source, T, E, L> fmt::Debug for NOf<S, T, E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NOf")
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

/// The first `n` successes with their places, in the order in which they come.
///
/// All members run at once. When there are `n` successes, and as soon as there cannot be so
/// many any more, the others are cancelled, and asynchronous clean-up is waited for.
/// [`with`](super::with) sets a limit, and what becomes of the others.
///
/// An `n` of 0 is an empty `Vec`, and an `n` that is greater than the number of members fails,
/// in the first poll: no member begins. That number is not known of every iterator, nor while
/// members may be [added](super::growing()); it fails when it is, then.
///
/// Cancelling it cancels all that are pending. If there are `n` successes all the same, they
/// are yielded. If a cancellation has left a member, it goes on outward. Dropping it drops all
/// of them. From Terry Jones' txdlo: `onNCallbacks`.
///
/// # Errors
///
/// [`TooFew`], with the failures until then.
///
/// ```
/// use defer_core::list::n_of;
/// use defer_core::{Deferred, defer, fail};
/// # futures::executor::block_on(async {
/// let replicas: Vec<Deferred<Result<&str, &str>>> = vec![
///     defer(async { Ok("a") }).boxed(),
///     fail("disk full").boxed(),
///     defer(async { Ok("c") }).boxed(),
///     defer(std::future::pending()).boxed(),
/// ];
/// assert_eq!(n_of(replicas, 2).await.unwrap(), [(0, "a"), (2, "c")]);
/// # });
/// ```
pub fn n_of<C, T, E, M>(
    members: C,
    n: usize,
) -> Deferred<Result<Vec<(usize, T)>, TooFew<E>>, NOf<C::Later, T, E>>
where
    C: Many<M, Output = Result<T, E>>,
{
    let (now, later, _) = members.into_parts();
    Deferred::from_chain(NOf::new(Run::of(now, later), n, None))
}
