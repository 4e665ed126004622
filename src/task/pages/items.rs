//! The items of pages, one after the other.

use core::fmt;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::{Fails, Returned};
use futures_core::Stream;

use super::walk::{MOST, Step, Walk};
use super::{CursorRepeated, ItemOf, IterOf, Page};

/// The items of pages as they come: made by [`Pages::stream`](super::Pages::stream).
#[must_use = "no page is fetched before it is polled"]
pub struct Items<C, F, R: Returned<M>, M, L, U, I> {
    pub(super) walk: Walk<C, F, R, M, L>,
    pub(super) new: U,
    pub(super) page: Option<I>,
}

impl<C, F, R: Returned<M>, M, L, U, I> Unpin for Items<C, F, R, M, L, U, I> {}

impl<C, F, R, M, L, U, P, E> Stream for Items<C, F, R, M, L, U, IterOf<P>>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    U: FnMut(&ItemOf<P>) -> bool,
    E: From<CursorRepeated> + 'static,
{
    type Item = Result<ItemOf<P>, E>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        for _ in 0..MOST {
            if let Some(page) = &mut this.page {
                if let Some(item) = page.find(|item| (this.new)(item)) {
                    return Poll::Ready(Some(Ok(item)));
                }
                this.page = None;
            }
            match ready!(this.walk.poll(cx)) {
                Step::Items(items) => this.page = Some(items.into_iter()),
                Step::Again => {}
                Step::Failed(error) => return Poll::Ready(Some(Err(error))),
                Step::End | Step::Left => return Poll::Ready(None),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<C, F, R: Returned<M>, M, L, U, I> fmt::Debug for Items<C, F, R, M, L, U, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
