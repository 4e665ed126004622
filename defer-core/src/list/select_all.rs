//! What members come to, one after another, as a stream.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures::stream::{FusedStream, Stream};

use super::many::Many;
use super::run::{OutputOf, Run};
use super::source::Source;
use crate::{Deferred, Wrapped, defer};

/// What several deferreds come to, in the order in which they do: made by [`select_all`].
#[must_use = "a stream does nothing until it is polled"]
pub struct SelectAll<S: Source> {
    run: Run<S>,
}

impl<S: Source> SelectAll<S> {
    pub(super) fn new(run: Run<S>) -> Self {
        SelectAll { run }
    }

    pub(super) fn into_run(self) -> Run<S> {
        self.run
    }

    /// The next outcome, with the place of its member. `None`: there are no more.
    ///
    /// Dropping or cancelling what this returns changes nothing in the stream: the next one
    /// goes on where it was.
    ///
    /// ```
    /// use defer_core::list::select_all;
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let mut pages = select_all([succeed("the page")]);
    /// while let Some((place, page)) = pages.next().await {
    ///     assert_eq!((place, page), (0, "the page"));
    /// }
    /// # });
    /// ```
    #[allow(
        clippy::should_implement_trait,
        reason = "it is asynchronous, and every stream has it"
    )]
    pub fn next(&mut self) -> Deferred<Option<(usize, OutputOf<S>)>, Wrapped<Next<'_, S>>> {
        defer(Next { all: self })
    }

    /// How many of the members run now.
    ///
    /// ```
    /// use defer_core::list::select_all;
    /// use defer_core::defer;
    /// let pages = select_all([1, 2].map(|page| defer(async move { page })));
    /// assert_eq!(pages.pending(), 2);
    /// ```
    #[must_use]
    pub fn pending(&self) -> usize {
        self.run.members().len()
    }

    /// Cancel all members that run, and take in no more.
    ///
    /// Their errbacks run; the stream goes on until they have cleaned up, and yields what
    /// they come to. A member that the cancellation leaves yields nothing. Cancelling again
    /// cancels what cleans up.
    ///
    /// ```
    /// use defer_core::list::select_all;
    /// use defer_core::{Deferred, Failure, defer};
    /// # futures::executor::block_on(async {
    /// let never = || defer(std::future::pending::<Result<u8, Failure>>());
    /// let ready = defer(async { Ok(1) });
    /// let recovers = never().add_errback(|_: Failure| Ok::<u8, Failure>(7));
    /// let mut all = select_all([ready.boxed(), recovers.boxed(), never().boxed()]);
    /// assert!(matches!(all.next().await, Some((0, Ok(1)))));
    /// # futures::future::poll_immediate(all.next()).await;
    /// all.cancel();
    /// assert!(matches!(all.next().await, Some((1, Ok(7)))));
    /// assert!(all.next().await.is_none(), "the cancellation has left the last one");
    /// # });
    /// ```
    pub fn cancel(&mut self) {
        self.run.ask();
    }

    /// The members that run, drawn.
    ///
    /// ```
    /// use defer_core::list::select_all;
    /// use defer_core::succeed;
    /// let plan = select_all([succeed(1), succeed(2)]).plan();
    /// assert_eq!(plan.to_string(), "select_all of 2\n  value\n  value\n");
    /// ```
    #[must_use]
    pub fn plan(&self) -> crate::Plan {
        let mut plan = crate::Plan::default();
        self.run.describe("select_all", &mut plan);
        plan
    }
}

impl<S: Source> Unpin for SelectAll<S> {}

impl<S: Source> Stream for SelectAll<S> {
    type Item = (usize, OutputOf<S>);
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while let Some((place, out)) = ready!(self.run.poll_next(cx)) {
            if let Some(out) = out {
                return Poll::Ready(Some((place, out)));
            }
        }
        Poll::Ready(None)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.run.size_hint();
        // A cancellation may leave a member without an outcome.
        (if self.run.is_asked() { 0 } else { least }, most)
    }
}

impl<S: Source> FusedStream for SelectAll<S> {
    fn is_terminated(&self) -> bool {
        self.run.is_done()
    }
}

impl<S: Source> core::fmt::Debug for SelectAll<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SelectAll")
            .field("pending", &self.pending())
            .finish_non_exhaustive()
    }
}

/// The next outcome of a stream: made by [`SelectAll::next`].
#[must_use = "futures do nothing until they are awaited"]
#[derive(Debug)]
pub struct Next<'a, S: Source> {
    all: &'a mut SelectAll<S>,
}

impl<S: Source> Future for Next<'_, S> {
    type Output = Option<(usize, OutputOf<S>)>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut *self.all).poll_next(cx)
    }
}

/// What several deferreds come to, as a stream of `(place, outcome)`, in the order in which
/// they do.
///
/// It is a `futures::Stream`; [`next`](SelectAll::next) needs no other crate. Members can fail or not; an outcome is what the member yields. All of them run at once
/// ([`with`](super::with) sets a limit), while the stream is polled. The stream of nothing is
/// at its end. It is [`FusedStream`], and knows its length where the members are counted.
///
/// Dropping it drops all members that are left. [`cancel`](SelectAll::cancel) cancels them.
/// ```
/// use defer_core::list::select_all;
/// use defer_core::{Deferred, defer, succeed};
/// # futures::executor::block_on(async {
/// let pages: Vec<Deferred<&str>> = vec![
///     defer(std::future::pending()).boxed(),
///     succeed("the page").boxed(),
/// ];
/// let mut pages = select_all(pages);
/// assert_eq!(pages.next().await, Some((1, "the page")));
/// assert_eq!(pages.pending(), 1);
/// # });
/// ```
pub fn select_all<C, M>(members: C) -> SelectAll<C::Later>
where
    C: Many<M>,
{
    let (now, later, _) = members.into_parts();
    SelectAll::new(Run::of(now, later))
}
