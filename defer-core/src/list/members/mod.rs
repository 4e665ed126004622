//! The members of a list that are pending: only those that were woken are polled.

// `unsafe`: both say why.
#[allow(unsafe_code)]
mod slots;
#[allow(unsafe_code)]
mod wakes;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use alloc::vec::Vec;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use self::slots::Slots;
use self::wakes::Wakes;
use crate::chain::{Chain, Unwind, opaque_debug};
use crate::plan::{Draw, Node, node};

/// Members with their places, until each has come to something.
///
/// The chains are in one allocation, what their wakers see in another one; a list that grows
/// has more of both, each as large as all before it. A wake-up polls its member only. The room
/// of those that are done is used again, and given back with the list.
pub(crate) struct Members<F> {
    // Before the chains: what they wake while they are dropped is no concern of the task.
    wakes: Wakes,
    slots: Slots<Slot<F>>,
    // The first slot that is vacant, or `NO_SLOT`.
    vacant: usize,
    // Whether a member is not in the slot of its place.
    mixed: bool,
    // How many are pending.
    len: usize,
    // The place of the next one.
    next: usize,
}

const NO_SLOT: usize = usize::MAX;

impl<F> Members<F> {
    pub(crate) fn new() -> Self {
        Members {
            wakes: Wakes::new(),
            slots: Slots::new(),
            vacant: NO_SLOT,
            mixed: false,
            len: 0,
            next: 0,
        }
    }

    /// Add one, which gets the next place. It is polled when the list is polled next, after those
    /// that woke before.
    #[allow(dead_code, reason = "for lists that grow while they run")]
    pub(crate) fn push(&mut self, chain: F) -> usize {
        let place = self.next;
        let member = Slot::fresh(place, chain);
        let index = if self.vacant == NO_SLOT {
            let index = self.slots.len();
            if index == self.wakes.len() {
                self.wakes.add(index.max(4));
            }
            self.slots.push(member);
            index
        } else {
            let index = self.vacant;
            let mut slot = self.slots.at(index);
            if let SlotProj::Vacant { next } = slot.as_mut().project() {
                self.vacant = *next;
            }
            slot.set(member);
            index
        };
        self.mixed |= index != place;
        self.next += 1;
        self.len += 1;
        // There are as many heads, whose indices fit.
        self.wakes.queue(index as u32);
        place
    }

    /// How many are pending.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether none is pending.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Drop all that are pending, in order.
    pub(crate) fn clear(&mut self) {
        let empty = Members {
            next: self.next,
            ..Members::new()
        };
        drop(mem::replace(self, empty));
    }

    /// Drop the one in this slot.
    fn remove(&mut self, index: usize) {
        self.len -= 1;
        let next = mem::replace(&mut self.vacant, index);
        self.slots.at(index).set(Slot::Vacant { next });
    }
}

impl<F> FromIterator<F> for Members<F> {
    fn from_iter<I: IntoIterator<Item = F>>(chains: I) -> Self {
        let chains = chains.into_iter().enumerate();
        let slots: Vec<_> = chains
            .map(|(place, chain)| Slot::fresh(place, chain))
            .collect();
        let len = slots.len();
        Members {
            wakes: Wakes::queued(len),
            slots: Slots::of(slots),
            vacant: NO_SLOT,
            mixed: false,
            len,
            next: len,
        }
    }
}

impl<F: Chain> Members<F> {
    /// The next one to come to something, with its place; it is dropped before. `None` in the
    /// inner place: it was cancelled. `None` outside: none is pending.
    ///
    /// Members are polled in the order in which they were added or woke. A member that wakes
    /// itself while it is polled lets others run: after the second one the list leaves the
    /// rest to its next poll, and wakes its task. So it does when it has polled as many as
    /// there are. A member that panics is dropped.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(usize, Option<F::Output>)>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let (mut polled, mut yielded) = (0, 0);
        loop {
            let Some(index) = self.wakes.next() else {
                if self.wakes.sleep(cx) {
                    return Poll::Pending;
                }
                continue;
            };
            let at = index as usize;
            let SlotProj::Member { member } = self.slots.at(at).project() else {
                // It was woken, and came to something.
                self.wakes.begin(index, false);
                continue;
            };
            let place = *member.as_ref().project_ref().place;
            // In the slot of its place it is the first one there.
            self.wakes
                .begin(index, place == at && !member.stage.has_begun());
            let removed = Removed(self, at);
            let waker = removed.0.wakes.waker(index);
            let SlotProj::Member { member } = removed.0.slots.at(at).project() else {
                unreachable!("it was there")
            };
            if let Poll::Ready(out) = member.poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(Some((place, out)));
            }
            mem::forget(removed);
            polled += 1;
            yielded += usize::from(self.wakes.is_queued(index));
            if yielded == 2 || polled >= self.len {
                if !self.wakes.is_empty() || !self.wakes.sleep(cx) {
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
    }

    /// Cancel all that are pending, in order, when they are polled next.
    pub(crate) fn ask(&mut self) {
        let mut asked = Vec::new();
        for index in 0..self.slots.len() {
            let SlotProj::Member { member } = self.slots.at(index).project() else {
                continue;
            };
            let member = member.project();
            *member.stage = member.stage.asked();
            if self.mixed {
                asked.push((*member.place, index as u32));
            } else {
                self.wakes.queue(index as u32);
            }
        }
        asked.sort_unstable();
        for (_, index) in asked {
            self.wakes.queue(index);
        }
        self.wakes.rouse();
    }

    /// Some of those that are pending, at most so many, in order.
    pub(crate) fn some(&self, most: usize) -> Vec<&F> {
        let members = self.slots.iter().filter_map(|slot| match slot {
            Slot::Member { member } => Some(member),
            Slot::Vacant { .. } => None,
        });
        let some: Vec<_> = if self.mixed {
            let mut all: Vec<_> = members.collect();
            all.sort_unstable_by_key(|member| member.place);
            all.truncate(most);
            all
        } else {
            members.take(most).collect()
        };
        some.into_iter().map(|member| &member.chain).collect()
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

/// Takes a member out that has come to something, or has panicked.
struct Removed<'m, F>(&'m mut Members<F>, usize);

impl<F> Drop for Removed<'_, F> {
    #[inline]
    fn drop(&mut self) {
        self.0.remove(self.1);
    }
}

pin_project! {
    /// Where a member is, or was.
    #[project = SlotProj]
    enum Slot<F> {
        // With the next slot that is vacant.
        Vacant { next: usize },
        Member { #[pin] member: Member<F> },
    }
}

impl<F> Slot<F> {
    fn fresh(place: usize, chain: F) -> Self {
        let stage = Stage::Fresh { asked: false };
        Slot::Member {
            member: Member {
                place,
                stage,
                chain,
            },
        }
    }
}

pin_project! {
    /// A member with its place in the list.
    struct Member<F> {
        place: usize,
        stage: Stage,
        #[pin]
        chain: F,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It was not polled yet.
    Fresh {
        asked: bool,
    },
    Runs,
    Asked,
    Settles,
}

impl Stage {
    fn has_begun(self) -> bool {
        !matches!(self, Stage::Fresh { .. })
    }

    fn asked(self) -> Self {
        match self {
            Stage::Fresh { .. } => Stage::Fresh { asked: true },
            Stage::Runs | Stage::Asked | Stage::Settles => Stage::Asked,
        }
    }
}

impl<F: Chain> Member<F> {
    /// `None`: the member was cancelled.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.project();
        match *this.stage {
            Stage::Fresh { asked: false } => {
                *this.stage = Stage::Runs;
                return this.chain.poll(cx).map(Some);
            }
            Stage::Runs => return this.chain.poll(cx).map(Some),
            Stage::Fresh { asked: true } | Stage::Asked | Stage::Settles => {}
        }
        settle(this.chain, this.stage, cx)
    }
}

/// Poll a member that was cancelled.
#[cold]
#[inline(never)]
fn settle<F: Chain>(
    mut chain: Pin<&mut F>,
    stage: &mut Stage,
    cx: &mut Context<'_>,
) -> Poll<Option<F::Output>> {
    let was = mem::replace(stage, Stage::Settles);
    if was != Stage::Settles {
        match chain.as_mut().cancel() {
            // What has not begun does not begin.
            Unwind::Idle if !was.has_begun() => return Poll::Ready(None),
            Unwind::Out => return Poll::Ready(None),
            Unwind::Is(out) => return Poll::Ready(Some(out)),
            Unwind::Idle | Unwind::Stays => {}
        }
    }
    chain.poll_settle(cx)
}

opaque_debug!(Members<F>);
