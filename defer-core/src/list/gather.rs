//! Every value of a list, or its first failure.

use alloc::vec::Vec;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::assemble::Assemble;
use super::members::Members;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Kind, OutOf};
use crate::passing::{self, Drawn, Event, keeps};
use crate::plan::{Draw, Node};

/// All members of a list: every value in order, or the first failure, at once.
///
/// Members whose kind is `Never` cannot fail, so that a list of outcomes
/// (`Vec<Result<T, E>>`) waits for all of them. A failure drops the members that are
/// still pending before it goes on.
#[must_use = "a chain does nothing until it is polled"]
pub struct Gather<F, K, T, A> {
    members: Members<F>,
    values: Vec<Option<T>>,
    into: Option<A>,
    settles: bool,
    gone: bool,
    kind: PhantomData<fn() -> K>,
}

impl<F, K, T, A> Unpin for Gather<F, K, T, A> {}

impl<F, K, T, A> Gather<F, K, T, A> {
    pub(crate) fn new(members: impl ExactSizeIterator<Item = F>, into: A) -> Self {
        let mut values = Vec::new();
        values.resize_with(members.len(), || None);
        Gather {
            members: members.collect(),
            values,
            into: Some(into),
            settles: false,
            gone: false,
            kind: PhantomData,
        }
    }
}

impl<F, K, T, A> Future for Gather<F, K, T, A>
where
    K: Kind,
    F: Chain<Output = OutOf<K, T>>,
    A: Assemble<T>,
{
    type Output = OutOf<K, A::Out>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves a list without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| crate::call::finished()))
    }
}

/// So many of the members that a failure drops are asked for their names.
const ASKED: usize = 64;

/// A failure that came out of a member, before the others are dropped.
#[cold]
#[inline(never)]
pub(super) fn failed<F: Chain>(members: &Members<F>, place: usize, error: &mut dyn core::any::Any) {
    let pending: Vec<_> = members
        .some(ASKED)
        .into_iter()
        .map(|chain| chain as &dyn Drawn)
        .collect();
    let more = members.len() - pending.len();
    let event = Event::Member {
        place,
        pending: &pending,
        more,
    };
    passing::tell(error, event);
}

/// Every member has yielded its value when there is none left to wait for.
pub(super) fn there<T>(value: Option<T>) -> T {
    value.unwrap_or_else(|| crate::call::finished())
}

impl<F, K, T, A> sealed::Sealed for Gather<F, K, T, A> {}

impl<F, K, T, A> Chain for Gather<F, K, T, A>
where
    K: Kind,
    F: Chain<Output = OutOf<K, T>>,
    A: Assemble<T>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.members.is_empty() {
            return Unwind::Idle;
        }
        self.settles = true;
        self.members.ask();
        Unwind::Stays
    }
    /// A failure beside other members that clean up waits for them, and has no place to
    /// wait: the list was cancelled, then.
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        while let Some((place, out)) = ready!(this.members.poll_next(cx)) {
            match out.map(K::outcome) {
                Some(Ok(value)) => this.values[place] = Some(value),
                Some(Err(mut error)) => {
                    if !this.settles || (this.members.is_empty() && !this.gone) {
                        if const { keeps::<K::Error>() } {
                            failed(&this.members, place, &mut error);
                        }
                        this.members.clear();
                        this.into = None;
                        return Poll::Ready(Some(K::out(Err(error))));
                    }
                    this.gone = true;
                }
                None => this.gone = true,
            }
        }
        let Some(into) = this.into.take() else {
            crate::call::finished()
        };
        let values = core::mem::take(&mut this.values);
        Poll::Ready(if this.gone {
            None
        } else {
            let values = values.into_iter().map(there);
            Some(K::out(Ok(into.assemble(values))))
        })
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.members.describe(Node::Named("list"), to);
    }
}

opaque_debug!(Gather<F, K, T, A>);
