//! The members of a list that are pending: only those that were woken are polled.

use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use futures::stream::{FuturesUnordered, Stream};
use pin_project_lite::pin_project;

use crate::chain::{Chain, Unwind, opaque_debug};
use crate::plan::{Draw, Node, node};

/// Members with their places, until each has come to something.
///
/// One allocation a member: its own waker, so that a wake-up polls that member only.
pub(crate) struct Members<F> {
    set: FuturesUnordered<Placed<F>>,
    // The place of the next one.
    next: usize,
}

impl<F> Members<F> {
    pub(crate) fn new() -> Self {
        Members {
            set: FuturesUnordered::new(),
            next: 0,
        }
    }

    /// Add one, which gets the next place.
    pub(crate) fn push(&mut self, chain: F) -> usize {
        let place = self.next;
        self.next += 1;
        self.set.push(Placed {
            place,
            chain,
            waker: None,
            stage: Stage::Runs,
        });
        place
    }

    /// How many are pending.
    pub(crate) fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether none is pending.
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Drop all that are pending.
    pub(crate) fn clear(&mut self) {
        self.set.clear();
    }
}

impl<F> FromIterator<F> for Members<F> {
    fn from_iter<I: IntoIterator<Item = F>>(chains: I) -> Self {
        let mut members = Members::new();
        for chain in chains {
            members.push(chain);
        }
        members
    }
}

impl<F: Chain> Members<F> {
    /// The next one to come to something, with its place; it is dropped before. `None` in the
    /// inner place: it was cancelled. `None` outside: none is pending.
    #[allow(clippy::type_complexity, reason = "it is said above")]
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(usize, Option<F::Output>)>> {
        Pin::new(&mut self.set).poll_next(cx)
    }

    /// Cancel all that are pending, in order, when they are polled next.
    pub(crate) fn ask(&mut self) {
        let mut wakers = Vec::with_capacity(self.set.len());
        for member in Pin::new(&mut self.set).iter_pin_mut() {
            let member = member.project();
            *member.stage = Stage::Asked;
            // Members that have not been polled are polled anyway.
            if let Some(waker) = member.waker {
                wakers.push((*member.place, waker.clone()));
            }
        }
        wakers.sort_by_key(|&(place, _)| place);
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// Some of those that are pending, at most so many, in order.
    pub(crate) fn some(&self, most: usize) -> Vec<&F> {
        let mut some: Vec<_> = Pin::new(&self.set).iter_pin_ref().take(most).collect();
        some.sort_by_key(|member| member.place);
        some.into_iter()
            .map(|member| &member.get_ref().chain)
            .collect()
    }

    /// Draw those that are pending, in order.
    pub(crate) fn describe(&self, list: Node, to: &mut dyn Draw) {
        node(to, list, |to| {
            for chain in self.some(usize::MAX) {
                chain.describe(to);
            }
        });
    }
}

pin_project! {
    /// A member with its place in the list.
    struct Placed<F> {
        place: usize,
        #[pin]
        chain: F,
        // What polls this member and no other, from the first time it was pending.
        waker: Option<Waker>,
        stage: Stage,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Runs,
    Asked,
    Settles,
}

impl<F: Chain> Future for Placed<F> {
    /// `None`: the member was cancelled.
    type Output = (usize, Option<F::Output>);
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let place = *this.place;
        if *this.stage == Stage::Asked {
            *this.stage = Stage::Settles;
            match this.chain.as_mut().cancel() {
                // What has not begun does not begin.
                Unwind::Idle if this.waker.is_none() => return Poll::Ready((place, None)),
                Unwind::Out => return Poll::Ready((place, None)),
                Unwind::Is(out) => return Poll::Ready((place, Some(out))),
                Unwind::Idle | Unwind::Stays => {}
            }
        }
        let polled = match this.stage {
            Stage::Runs => this.chain.poll(cx).map(Some),
            Stage::Asked | Stage::Settles => this.chain.poll_settle(cx),
        };
        if polled.is_pending() && this.waker.is_none() {
            *this.waker = Some(cx.waker().clone());
        }
        polled.map(|out| (place, out))
    }
}

opaque_debug!(Placed<F>, Members<F>);
