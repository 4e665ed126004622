//! The first success among several deferreds.

use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::losers::{LetGo, Losers};
use super::many::Many;
use super::places::Places;
use super::run::{Rule, Run};
use super::source::Source;
use crate::Deferred;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::plan::Draw;

/// The chain of [`first_success`].
#[must_use = "a chain does nothing until it is polled"]
pub struct FirstSuccess<S: Source, T, E, L = Losers> {
    run: Run<S>,
    rule: Rule<L>,
    failures: Places<E>,
    winner: Option<(usize, T)>,
    // A cancellation has left a member.
    gone: bool,
    done: bool,
}

impl<S: Source, T, E, L> Unpin for FirstSuccess<S, T, E, L> {}

impl<S: Source, T, E, L> FirstSuccess<S, T, E, L> {
    pub(super) fn new(run: Run<S>, chosen: Option<L>) -> Self {
        FirstSuccess {
            run,
            rule: Rule::new(Losers::Cancel, chosen),
            failures: Places::new(),
            winner: None,
            gone: false,
            done: false,
        }
    }
}

impl<S, T, E, L> Future for FirstSuccess<S, T, E, L>
where
    S: Source,
    S::Member: Chain<Output = Result<T, E>>,
    L: LetGo<S::Member>,
{
    type Output = Result<(usize, T), Vec<E>>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<S: Source, T, E, L> sealed::Sealed for FirstSuccess<S, T, E, L> {}

impl<S, T, E, L> Chain for FirstSuccess<S, T, E, L>
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
        while let Some((place, out)) = ready!(this.run.poll_next(cx)) {
            match out {
                // A loser that was not to be stopped.
                _ if this.winner.is_some() => {}
                Some(Ok(value)) => {
                    this.winner = Some((place, value));
                    this.failures.clear();
                    this.run.let_go(&mut this.rule);
                }
                Some(Err(error)) => this.failures.put(place, error),
                None => this.gone = true,
            }
        }
        this.done = true;
        let failures = core::mem::take(&mut this.failures);
        Poll::Ready(match this.winner.take() {
            Some(winner) => Some(Ok(winner)),
            None if this.gone => None,
            None => Some(Err(failures.into_iter().flatten().collect())),
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.run.describe("first_success", to);
    }
}

impl<S: Source, T, E, L> core::fmt::Debug for FirstSuccess<S, T, E, L> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FirstSuccess").finish_non_exhaustive()
    }
}

/// The first of several deferreds to succeed, with its place among them.
///
/// All of them run at once. When the first one has succeeded the others are cancelled: their
/// cancellers and errbacks run, and asynchronous clean-up is waited for, before the winner is
/// yielded. What they come to then does not matter. Those that have not begun, because one
/// before them had its value at once, do not begin. [`with`](super::with) sets a limit, and
/// what becomes of the others.
///
/// If one is to be preferred, put it first: of several that are ready at the same time the one
/// that woke first wins. To take the first outcome, of whatever kind, is what
/// [`race`](super::race()) does.
///
/// Cancelling it cancels all that are pending. If one of them succeeds all the same, it is the
/// winner. If a cancellation has left one of them, and none has succeeded, it goes on
/// outward; an error type of your own for that comes with
/// [`add_errback`](Deferred::add_errback). Dropping it drops all of them.
///
/// A handful of allocations; only members that were woken are polled. Twisted: `defer.race`,
/// and `DeferredList` with `fireOnOneCallback`. A race of nothing never fires there.
///
/// # Errors
///
/// If all have failed: every error, in the order of the members. Of nothing: none of them,
/// at once.
///
/// ```
/// use defer_core::list::first_success;
/// use defer_core::{Deferred, Failure, defer, fail};
/// # futures::executor::block_on(async {
/// let mirrors: Vec<Deferred<Result<&str, Failure>>> = vec![
///     defer(std::future::pending()).boxed(),
///     fail(Failure::msg("no such host")).boxed(),
///     defer(async { Ok("the page") }).boxed(),
/// ];
/// assert_eq!(first_success(mirrors).await.unwrap(), (2, "the page"));
///
/// let lost = [fail::<u8, _>("no such page"), fail("no such host")];
/// assert_eq!(first_success(lost).await, Err(vec!["no such page", "no such host"]));
/// # });
/// ```
pub fn first_success<C, T, E, M>(
    members: C,
) -> Deferred<Result<(usize, T), Vec<E>>, FirstSuccess<C::Later, T, E>>
where
    C: Many<M, Output = Result<T, E>>,
{
    let (now, later, _) = members.into_parts();
    Deferred::from_chain(FirstSuccess::new(Run::of(now, later), None))
}
