//! All pages as one list.

use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::vec::Vec;

use defer_core::__private::{Sealed, finished, node};
use defer_core::{Chain, Draw, Fails, Node, Returned, Unwind};

use super::walk::{MOST, Step, Walk};
use super::{CursorRepeated, ItemOf, Page};

/// The chain of [`Pages::gather`](super::Pages::gather).
#[must_use = "a chain does nothing until it is polled"]
pub struct Gathering<C, F, R: Returned<M>, M, L, U, T> {
    pub(super) walk: Walk<C, F, R, M, L>,
    pub(super) new: U,
    // `None` when the outcome was yielded.
    pub(super) items: Option<Vec<T>>,
}

impl<C, F, R, M, L, U, P, E> Gathering<C, F, R, M, L, U, ItemOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    /// `None` outside: it goes on. `None` inside: the cancellation has left it.
    #[allow(clippy::option_option, reason = "it is said above")]
    fn take(&mut self, step: Step<P::Items, E>) -> Option<Option<Result<Vec<ItemOf<P>>, E>>> {
        let Some(items) = &mut self.items else {
            finished()
        };
        match step {
            Step::Items(page) => {
                items.extend(page.into_iter().filter(&mut self.new));
                None
            }
            Step::Again => None,
            Step::Failed(error) => {
                self.items = None;
                Some(Some(Err(error)))
            }
            Step::End => Some(self.items.take().map(Ok)),
            Step::Left => {
                self.items = None;
                Some(None)
            }
        }
    }
}

impl<C, F, R: Returned<M>, M, L, U, T> Unpin for Gathering<C, F, R, M, L, U, T> {}
impl<C, F, R: Returned<M>, M, L, U, T> Sealed for Gathering<C, F, R, M, L, U, T> {}

impl<C, F, R, M, L, U, P, E> Future for Gathering<C, F, R, M, L, U, ItemOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    type Output = Result<Vec<ItemOf<P>>, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<C, F, R, M, L, U, P, E> Chain for Gathering<C, F, R, M, L, U, ItemOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.items.is_none() {
            return Unwind::Idle;
        }
        match self.walk.cancel() {
            Unwind::Idle => Unwind::Idle,
            Unwind::Stays | Unwind::Out => Unwind::Stays,
            Unwind::Is(step) => match self.take(step) {
                None => Unwind::Stays,
                Some(None) => Unwind::Out,
                Some(Some(outcome)) => Unwind::Is(outcome),
            },
        }
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        for _ in 0..MOST {
            if this.items.is_none() {
                finished();
            }
            let step = ready!(this.walk.poll(cx));
            if let Some(out) = this.take(step) {
                return Poll::Ready(out);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("pages"), |to| {
            if let Some(chain) = self.walk.chain.as_ref().get_ref() {
                chain.describe(to);
            }
        });
    }
}

impl<C, F, R: Returned<M>, M, L, U, T> fmt::Debug for Gathering<C, F, R, M, L, U, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}
