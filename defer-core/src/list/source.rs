//! Where the members of a list come from.

use core::iter;
use core::marker::PhantomData;
use core::task::{Context, Poll};

use crate::chain::{Chain, opaque_debug};

/// Where the members of a list come from, one after another.
pub trait Source {
    /// What is inside of a member.
    type Member: Chain;
    /// The next one. Not asked again after it has said that there are no more.
    fn poll_member(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Member>>;
    /// How many there are still to come.
    fn size_hint(&self) -> (usize, Option<usize>);
    /// Whether dropping it leaves out a member that is there, as far as is known.
    fn leaves_out(&self) -> bool {
        self.size_hint().1 != Some(0)
    }
}

/// No more members: those of the list have been taken in when it was made.
pub struct Given<F>(PhantomData<fn() -> F>);

impl<F> Given<F> {
    pub(super) const fn new() -> Self {
        Given(PhantomData)
    }
}

impl<F: Chain> Source for Given<F> {
    type Member = F;
    fn poll_member(&mut self, _: &mut Context<'_>) -> Poll<Option<F>> {
        Poll::Ready(None)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}

/// Members that are taken from an iterator when there is room for them, and then from
/// wherever more come from.
pub struct Lazy<I: Iterator, S> {
    now: iter::Fuse<I>,
    later: S,
}

impl<I: Iterator, S> Lazy<I, S> {
    pub(super) fn new(now: I, later: S) -> Self {
        Lazy {
            now: now.fuse(),
            later,
        }
    }

    /// The next one of those that are there.
    pub(super) fn take_now(&mut self) -> Option<I::Item> {
        self.now.next()
    }
}

impl<I, S> Source for Lazy<I, S>
where
    S: Source,
    I: Iterator<Item = S::Member>,
{
    type Member = S::Member;
    fn poll_member(&mut self, cx: &mut Context<'_>) -> Poll<Option<S::Member>> {
        match self.now.next() {
            Some(member) => Poll::Ready(Some(member)),
            None => self.later.poll_member(cx),
        }
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (now, later) = (self.now.size_hint(), self.later.size_hint());
        let most = now.1.zip(later.1).and_then(|(a, b)| a.checked_add(b));
        (now.0.saturating_add(later.0), most)
    }
    fn leaves_out(&self) -> bool {
        self.now.size_hint().1 != Some(0) || self.later.leaves_out()
    }
}

impl<I: Iterator, S> core::fmt::Debug for Lazy<I, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Lazy").finish_non_exhaustive()
    }
}

opaque_debug!(Given<F>);
