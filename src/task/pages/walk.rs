//! The way from page to page.

use core::fmt;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;
use std::collections::HashSet;

use defer_core::__private::{Course, finished};
use defer_core::{Fails, Returned, Unwind};

use super::{CursorRepeated, Page, Tolerance};

/// So many pages, or errors, are looked at in one poll, so that a service that is always ready
/// does not keep the thread.
pub(super) const MOST: usize = 64;

/// From page to page.
pub(super) struct Walk<C, F, R: Returned<M>, M, L> {
    /// `None` at the end.
    cursor: Option<C>,
    seen: HashSet<C>,
    /// What comes after the items of this page.
    repeated: Option<CursorRepeated>,
    fetch: F,
    tolerance: Tolerance,
    listed: L,
    total: usize,
    row: usize,
    pub(super) chain: Pin<Box<Option<R::Chain>>>,
    course: Course,
    begun: bool,
    /// It was cancelled: nothing more is fetched.
    stops: bool,
}

impl<C, F, R: Returned<M>, M, L> Walk<C, F, R, M, L>
where
    C: Clone + Eq + Hash,
{
    pub(super) fn new(first: C, fetch: F, tolerance: Tolerance, listed: L) -> Self {
        Walk {
            seen: HashSet::from([first.clone()]),
            cursor: Some(first),
            repeated: None,
            fetch,
            tolerance,
            listed,
            total: 0,
            row: 0,
            chain: Box::pin(None),
            course: Course::default(),
            begun: false,
            stops: false,
        }
    }
}

/// What became of a page.
pub(super) enum Step<I, E> {
    Items(I),
    Failed(E),
    /// It is to be fetched again.
    Again,
    /// There was no next one.
    End,
    /// There is, and it is not wanted any more.
    Left,
}

impl<C, F, R, M, L, P, E> Walk<C, F, R, M, L>
where
    C: Clone + Eq + Hash + fmt::Debug,
    F: FnMut(C) -> R,
    R: Returned<M, Value = P, Kind = Fails<E>>,
    P: Page<Cursor = C>,
    L: FnMut(&E) -> bool,
    E: From<CursorRepeated> + 'static,
{
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step<P::Items, E>> {
        self.begun = true;
        for _ in 0..MOST {
            if self.chain.is_none() {
                if let Some(repeated) = self.repeated.take() {
                    self.cursor = None;
                    return Poll::Ready(Step::Failed(repeated.into()));
                }
                let Some(cursor) = self.cursor.clone() else {
                    return Poll::Ready(Step::End);
                };
                if self.stops {
                    return Poll::Ready(Step::Left);
                }
                self.chain.set(Some((self.fetch)(cursor).into_chain()));
                self.course = Course::default();
            }
            let Some(chain) = self.chain.as_mut().as_pin_mut() else {
                finished()
            };
            let out = ready!(self.course.poll(chain, false, cx));
            match self.came(out) {
                Step::Again => {}
                step => return Poll::Ready(step),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// The outcome of a fetch; `None`: it was cancelled.
    fn came(&mut self, out: Option<Result<P, E>>) -> Step<P::Items, E> {
        self.chain.set(None);
        match out {
            Some(Ok(page)) => {
                self.row = 0;
                let (items, next) = page.split();
                if let Some(cursor) = next.as_ref().filter(|next| self.seen.contains(*next)) {
                    self.repeated = Some(CursorRepeated {
                        cursor: std::format!("{cursor:?}"),
                    });
                }
                self.seen.extend(next.clone());
                self.cursor = next;
                Step::Items(items)
            }
            Some(Err(error)) => {
                if !self.stops && (self.listed)(&error) {
                    self.total += 1;
                    self.row += 1;
                    if self.total <= self.tolerance.total && self.row <= self.tolerance.row {
                        return Step::Again;
                    }
                }
                self.cursor = None;
                Step::Failed(error)
            }
            None => Step::Left,
        }
    }

    pub(super) fn cancel(&mut self) -> Unwind<Step<P::Items, E>> {
        if !self.begun {
            return Unwind::Idle;
        }
        self.stops = true;
        let Some(chain) = self.chain.as_mut().as_pin_mut() else {
            // It is between two pages.
            return Unwind::Stays;
        };
        match self.course.cancel(chain) {
            Unwind::Out => Unwind::Is(self.came(None)),
            Unwind::Is(out) => Unwind::Is(self.came(Some(out))),
            // The page is there, and the next one is not to be fetched.
            Unwind::Idle | Unwind::Stays => Unwind::Stays,
        }
    }
}
