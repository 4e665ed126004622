//! The members of a list that run, and those that are still to come.

use core::future::Future;
use core::task::{Context, Poll};

use super::losers::{Left, LetGo, Losers};
use super::members::Members;
use super::source::{Given, Lazy, Source};
use crate::plan::{Draw, Node};

/// What comes out of a member, with its place. `None`: it was cancelled.
pub(crate) type Placed<O> = (usize, Option<O>);
/// What a member of `S` yields.
pub(crate) type OutputOf<S> = <<S as Source>::Member as Future>::Output;

/// So many run at once where no limit is set.
pub(super) const NO_LIMIT: usize = usize::MAX;

/// Members that run, at most so many at once, and where more of them come from.
pub(crate) struct Run<S: Source> {
    members: Members<S::Member>,
    // `None` when there are no more, or no more are wanted.
    source: Option<S>,
    limit: usize,
    asked: bool,
}

impl<S: Source> Run<S> {
    /// All of `now` run at once, and what `later` brings.
    pub(super) fn of(now: impl Iterator<Item = S::Member>, later: S) -> Self {
        Run {
            members: now.collect(),
            source: open(later),
            limit: NO_LIMIT,
            asked: false,
        }
    }

    /// The next one to come to something; it is dropped before. `None`: there are no more.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Placed<OutputOf<S>>>> {
        self.take_in(cx);
        match self.members.poll_next(cx) {
            // Nothing runs, and more may come: the source wakes.
            Poll::Ready(None) if self.source.is_some() => Poll::Pending,
            polled => polled,
        }
    }

    /// Fill the room that there is.
    fn take_in(&mut self, cx: &mut Context<'_>) {
        while self.members.len() < self.limit {
            let Some(source) = &mut self.source else {
                return;
            };
            match source.poll_member(cx) {
                Poll::Ready(Some(member)) => {
                    self.members.push(member);
                }
                Poll::Ready(None) => self.source = None,
                Poll::Pending => return,
            }
        }
    }

    /// Whether there is nothing to wait for any more.
    pub(super) fn is_done(&self) -> bool {
        self.members.is_empty() && self.source.is_none()
    }

    /// Cancel all that run; no more are taken in. Whether there would have been more.
    pub(super) fn ask(&mut self) -> bool {
        self.asked = true;
        let left_out = self.close();
        self.members.ask();
        left_out
    }

    /// Whether its members have been cancelled.
    pub(super) fn is_asked(&self) -> bool {
        self.asked
    }

    /// It is decided: no more are taken in, and what runs is left to the rule.
    pub(super) fn let_go<L: LetGo<S::Member>>(&mut self, rule: &mut Rule<L>) {
        self.close();
        if self.members.is_empty() {
            return;
        }
        let losers = core::mem::replace(&mut self.members, Members::new());
        if let Some(losers) = rule.let_go(Left::of(losers)) {
            self.members = losers.into_members();
        }
    }

    /// It was decided before any of them began: none does, whatever becomes of losers.
    pub(super) fn drop_all(&mut self) {
        self.close();
        self.members.clear();
    }

    /// What there is to come is not wanted. Whether there was any.
    fn close(&mut self) -> bool {
        let source = self.source.take();
        source.is_some_and(|source| source.leaves_out())
    }

    /// The members that run, of which the source has no part.
    pub(super) fn members(&self) -> &Members<S::Member> {
        &self.members
    }

    /// How many there are still to be heard of.
    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        let pending = self.members.len();
        let to_come = self.source.as_ref().map_or((0, Some(0)), S::size_hint);
        let most = to_come.1.and_then(|most| most.checked_add(pending));
        (to_come.0.saturating_add(pending), most)
    }

    /// Draw those that run, in order, in a node that tells of the rest.
    pub(super) fn describe(&self, name: &'static str, to: &mut dyn Draw) {
        let (size, most) = self.size_hint();
        let list = Node::List {
            name,
            size,
            exact: most == Some(size),
            limit: Some(self.limit).filter(|limit| *limit != NO_LIMIT),
        };
        self.members.describe(list, to);
    }
}

/// A source, if it may have a member.
fn open<S: Source>(source: S) -> Option<S> {
    Some(source).filter(|source| source.size_hint().1 != Some(0))
}

impl<I, S> Run<Lazy<I, S>>
where
    S: Source,
    I: Iterator<Item = S::Member>,
{
    /// At most so many run at once; the first of them are taken in, so that they are drawn.
    pub(super) fn lazily(mut source: Lazy<I, S>, limit: usize) -> Self {
        let mut members = Members::new();
        while members.len() < limit {
            let Some(member) = source.take_now() else {
                break;
            };
            members.push(member);
        }
        Run {
            members,
            source: open(source),
            limit,
            asked: false,
        }
    }
}

impl<F: crate::Chain> Run<Given<F>> {
    pub(super) fn of_members(members: Members<F>) -> Self {
        Run {
            members,
            source: None,
            limit: NO_LIMIT,
            asked: false,
        }
    }

    pub(super) fn into_members(self) -> Members<F> {
        self.members
    }
}

/// What becomes of the losers: as was chosen, or what the function does without a choice.
pub(crate) struct Rule<L> {
    usual: Losers,
    chosen: Option<L>,
}

impl<L> Rule<L> {
    pub(super) fn new(usual: Losers, chosen: Option<L>) -> Self {
        Rule { usual, chosen }
    }

    fn let_go<F: crate::Chain>(&mut self, losers: Left<F>) -> Option<Left<F>>
    where
        L: LetGo<F>,
    {
        match &mut self.chosen {
            Some(rule) => rule.let_go(losers),
            None => self.usual.let_go(losers),
        }
    }
}
