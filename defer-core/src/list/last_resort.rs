//! The first success, or else the last failure.

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
use crate::passing::{Event, note};
use crate::plan::Draw;

/// The chain of [`any_success_or_last_failure`].
#[must_use = "a chain does nothing until it is polled"]
pub struct AnySuccessOrLastFailure<S: Source, T, E, L = Losers> {
    run: Run<S>,
    rule: Rule<L>,
    winner: Option<(usize, T)>,
    last: Option<(usize, E)>,
    // A cancellation has left a member.
    gone: bool,
    done: bool,
}

impl<S: Source, T, E, L> Unpin for AnySuccessOrLastFailure<S, T, E, L> {}

impl<S: Source, T, E, L> AnySuccessOrLastFailure<S, T, E, L> {
    pub(super) fn new(run: Run<S>, chosen: Option<L>) -> Self {
        AnySuccessOrLastFailure {
            run,
            rule: Rule::new(Losers::Cancel, chosen),
            winner: None,
            last: None,
            gone: false,
            done: false,
        }
    }
}

impl<S, T, E, L> Future for AnySuccessOrLastFailure<S, T, E, L>
where
    S: Source,
    S::Member: Chain<Output = Result<T, E>>,
    E: 'static,
    L: LetGo<S::Member>,
{
    type Output = Result<Option<(usize, T)>, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<S: Source, T, E, L> sealed::Sealed for AnySuccessOrLastFailure<S, T, E, L> {}

impl<S, T, E, L> Chain for AnySuccessOrLastFailure<S, T, E, L>
where
    S: Source,
    S::Member: Chain<Output = Result<T, E>>,
    E: 'static,
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
                    this.last = None;
                    this.run.let_go(&mut this.rule);
                }
                Some(Err(error)) => this.last = Some((place, error)),
                None => this.gone = true,
            }
        }
        this.done = true;
        let last = this.last.take();
        Poll::Ready(match (this.winner.take(), last) {
            (Some(winner), _) => Some(Ok(Some(winner))),
            _ if this.gone => None,
            (None, Some((place, mut error))) => {
                let member = Event::Member {
                    place,
                    pending: &[],
                    more: 0,
                };
                note!(E, &mut error, member);
                Some(Err(error))
            }
            (None, None) => Some(Ok(None)),
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.run.describe("any_success_or_last_failure", to);
    }
}

impl<S: Source, T, E, L> core::fmt::Debug for AnySuccessOrLastFailure<S, T, E, L> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AnySuccessOrLastFailure")
            .finish_non_exhaustive()
    }
}

/// The first success, with the place of its member; if there is none, the failure that came
/// last. Of nothing: `Ok(None)`, at once.
///
/// As [`first_success`](super::first_success()), which keeps all failures: here one of them
/// goes on, as the member's own error, so that errbacks and callbacks take it as any other,
/// and a [`Failure`](crate::Failure) keeps the index in its [trail](crate::Trail). *Last* is
/// by time, not by place.
///
/// Cancelling it cancels all that are pending. If one of them succeeds all the same, it is the
/// winner. If a cancellation has left one of them, and none has succeeded, it goes on
/// outward. Dropping it drops all of them. From Terry Jones' txdlo:
/// `onFirstCallbackOnlyErrbackAsALastResort`.
///
/// # Errors
///
/// The failure that came last, if all members have failed.
///
/// ```
/// use defer_core::list::any_success_or_last_failure;
/// use defer_core::{Deferred, defer, fail};
/// # futures::executor::block_on(async {
/// let lookups: [Deferred<Result<&str, &str>>; 2] =
///     [fail("not in the cache").boxed(), defer(async { Ok("a picture") }).boxed()];
/// assert_eq!(any_success_or_last_failure(lookups).await, Ok(Some((1, "a picture"))));
///
/// let lost = [fail::<u8, _>("not in the cache"), fail("no such host")];
/// assert_eq!(any_success_or_last_failure(lost).await, Err("no such host"));
/// # });
/// ```
pub fn any_success_or_last_failure<C, T, E, M>(
    members: C,
) -> Deferred<Result<Option<(usize, T)>, E>, AnySuccessOrLastFailure<C::Later, T, E>>
where
    C: Many<M, Output = Result<T, E>>,
    E: 'static,
{
    let (now, later, _) = members.into_parts();
    Deferred::from_chain(AnySuccessOrLastFailure::new(Run::of(now, later), None))
}
