//! The first success among several deferreds.

use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::members::Members;
use crate::Deferred;
use crate::call::finished;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::plan::{Draw, Node};

/// The chain of [`first_success`].
#[must_use = "a chain does nothing until it is polled"]
pub struct FirstSuccess<F, T, E> {
    members: Members<F>,
    failures: Vec<Option<E>>,
    winner: Option<(usize, T)>,
    // A cancellation has left a member.
    gone: bool,
    done: bool,
}

impl<F, T, E> Unpin for FirstSuccess<F, T, E> {}

opaque_debug!(FirstSuccess<F, T, E>);

impl<F, T, E> Future for FirstSuccess<F, T, E>
where
    F: Chain<Output = Result<T, E>>,
{
    type Output = Result<(usize, T), Vec<E>>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<F, T, E> sealed::Sealed for FirstSuccess<F, T, E> {}

impl<F, T, E> Chain for FirstSuccess<F, T, E>
where
    F: Chain<Output = Result<T, E>>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.members.is_empty() {
            return Unwind::Idle;
        }
        self.members.ask();
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        if this.done {
            finished()
        }
        while let Some((place, out)) = ready!(this.members.poll_next(cx)) {
            match out {
                Some(Ok(value)) if this.winner.is_none() => {
                    this.winner = Some((place, value));
                    this.members.ask();
                }
                // A loser that could not be stopped.
                Some(Ok(_)) => {}
                Some(Err(error)) => this.failures[place] = Some(error),
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
        self.members.describe(Node::Named("first_success"), to);
    }
}

/// The first of several deferreds to succeed, with its place among them.
///
/// All of them run at once. When the first one has succeeded the others are cancelled: their
/// cancellers and errbacks run, and asynchronous clean-up is waited for, before the winner is
/// yielded. What they come to then does not matter. Those that have not begun, because one
/// before them had its value at once, do not begin.
///
/// If one is to be preferred, put it first: of several that are ready at the same time the one
/// that woke first wins.
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
pub fn first_success<T, E, F>(
    members: impl IntoIterator<Item = Deferred<Result<T, E>, F>>,
) -> Deferred<Result<(usize, T), Vec<E>>, FirstSuccess<F, T, E>>
where
    F: Chain<Output = Result<T, E>>,
{
    let members: Members<F> = members.into_iter().map(Deferred::into_chain).collect();
    let mut failures = Vec::new();
    failures.resize_with(members.len(), || None);
    Deferred::from_chain(FirstSuccess {
        members,
        failures,
        winner: None,
        gone: false,
        done: false,
    })
}
