//! The first outcome among several deferreds.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::losers::{LetGo, Losers};
use super::many::Many;
use super::run::{OutputOf, Rule, Run};
use super::source::Source;
use crate::Deferred;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::plan::Draw;

/// The chain of [`race`].
#[must_use = "a chain does nothing until it is polled"]
pub struct Race<S: Source, L = Losers> {
    run: Run<S>,
    rule: Rule<L>,
    first: Option<(usize, OutputOf<S>)>,
    // A cancellation has left a member.
    gone: bool,
    done: bool,
}

impl<S: Source, L> Unpin for Race<S, L> {}

impl<S: Source, L> Race<S, L> {
    pub(super) fn new(run: Run<S>, chosen: Option<L>) -> Self {
        Race {
            run,
            rule: Rule::new(Losers::Cancel, chosen),
            first: None,
            gone: false,
            done: false,
        }
    }
}

impl<S: Source, L: LetGo<S::Member>> Future for Race<S, L> {
    type Output = Option<(usize, OutputOf<S>)>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<S: Source, L> sealed::Sealed for Race<S, L> {}

impl<S: Source, L: LetGo<S::Member>> Chain for Race<S, L> {
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
                _ if this.first.is_some() => {}
                Some(out) => {
                    this.first = Some((place, out));
                    this.run.let_go(&mut this.rule);
                }
                None => this.gone = true,
            }
        }
        this.done = true;
        Poll::Ready(match this.first.take() {
            None if this.gone => None,
            first => Some(first),
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.run.describe("race", to);
    }
}

impl<S: Source, L> core::fmt::Debug for Race<S, L> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Race").finish_non_exhaustive()
    }
}

/// The first outcome of several deferreds, a success or a failure, with the place of its
/// member. Of nothing: `None`, at once.
///
/// All of them run at once. When the first one has its outcome the others are cancelled, and
/// asynchronous clean-up is waited for, before that is yielded. Those that have not begun do
/// not begin. [`with`](super::with) sets a limit, and what becomes of the others.
///
/// The outcome is what the member yields: a race does not fail, and a failure is one of its
/// outcomes. To pass it on as a failure, with a word for the race of nothing, add a callback:
///
/// ```
/// use defer_core::list::race;
/// use defer_core::{AddCallback, Failure, fail};
/// # futures::executor::block_on(async {
/// let entered = [fail::<u8, _>(Failure::msg("no such host"))];
/// let page = race(entered).add_callback(|first| match first {
///     Some((_, outcome)) => outcome,
///     None => Err(Failure::msg("nobody took part")),
/// });
/// assert_eq!(page.await.unwrap_err().to_string(), "no such host");
/// # });
/// ```
///
/// To wait for a success is what [`first_success`](super::first_success()) does: **Twisted's
/// `defer.race` is that one**. This one is `DeferredList` with `fireOnOneCallback` and
/// `fireOnOneErrback` both, JavaScript's `Promise.race`.
///
/// If one is to be preferred, put it first: of several that are ready at the same time the one
/// that woke first wins. A tuple may hold members of different types that yield the same.
///
/// Cancelling it cancels all that are pending; the first outcome that one of them comes to is
/// yielded when all have cleaned up. If there is none, the cancellation goes on outward.
/// Dropping it drops all of them.
///
/// ```
/// use defer_core::list::race;
/// use defer_core::{Deferred, defer, succeed};
/// # futures::executor::block_on(async {
/// let never = defer(std::future::pending::<u8>());
/// assert_eq!(race((never, succeed(3))).await, Some((1, 3)));
/// assert_eq!(race(Vec::<Deferred<u8>>::new()).await, None);
/// # });
/// ```
pub fn race<C, M>(members: C) -> Deferred<Option<(usize, C::Output)>, Race<C::Later>>
where
    C: Many<M>,
{
    let (now, later, _) = members.into_parts();
    Deferred::from_chain(Race::new(Run::of(now, later), None))
}
