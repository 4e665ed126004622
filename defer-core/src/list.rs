//! Lists of deferreds as one chain: only members that were woken are polled.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use futures::stream::{FuturesUnordered, Stream};
use pin_project_lite::pin_project;

use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Kind, OutOf};
use crate::passing::{self, Drawn, Event, keeps};
use crate::plan::{Draw, Node, node};

pin_project! {
    /// A member with its place in the list.
    pub struct Placed<F> {
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

/// The members, each with its place.
pub(crate) fn placed<F>(members: impl Iterator<Item = F>) -> FuturesUnordered<Placed<F>> {
    members
        .enumerate()
        .map(|(place, chain)| Placed {
            place,
            chain,
            waker: None,
            stage: Stage::Runs,
        })
        .collect()
}

/// Cancel all members that are pending, in order, when they are polled next.
pub(crate) fn ask<F: Chain>(members: &mut FuturesUnordered<Placed<F>>) {
    let mut wakers = Vec::with_capacity(members.len());
    for member in Pin::new(members).iter_pin_mut() {
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

/// Draw the members that are pending, in order.
pub(crate) fn describe<F: Chain>(
    members: &FuturesUnordered<Placed<F>>,
    list: Node,
    to: &mut dyn Draw,
) {
    node(to, list, |to| {
        let mut members: Vec<_> = Pin::new(members).iter_pin_ref().collect();
        members.sort_by_key(|member| member.place);
        for member in members {
            member.chain.describe(to);
        }
    });
}

/// All members of a list: every value in order, or the first failure, at once.
///
/// Members whose kind is `Never` cannot fail, so that a list of outcomes
/// (`Vec<Result<T, E>>`) waits for all of them. A failure drops the members that are
/// still pending before it goes on.
#[must_use = "a chain does nothing until it is polled"]
pub struct Gather<F, K, T, A> {
    // One allocation a member: its own waker, so that a wake-up polls that member only.
    members: FuturesUnordered<Placed<F>>,
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
            members: placed(members),
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
fn failed<F: Chain>(
    members: &FuturesUnordered<Placed<F>>,
    place: usize,
    error: &mut dyn core::any::Any,
) {
    let mut some: Vec<_> = Pin::new(members).iter_pin_ref().take(ASKED).collect();
    some.sort_by_key(|member| member.place);
    let pending: Vec<_> = some
        .iter()
        .map(|member| &member.get_ref().chain as &dyn Drawn)
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
fn there<T>(value: Option<T>) -> T {
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
        ask(&mut self.members);
        Unwind::Stays
    }
    /// A failure beside other members that clean up waits for them, and has no place to
    /// wait: the list was cancelled, then.
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        while let Some((place, out)) = ready!(Pin::new(&mut this.members).poll_next(cx)) {
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
        describe(&self.members, Node::Named("list"), to);
    }
}

opaque_debug!(Placed<F>, Gather<F, K, T, A>);

/// How the values of a list become the container that the parameter asks for.
pub trait Assemble<T> {
    /// The container.
    type Out;
    /// From the values, in order.
    fn assemble(self, values: impl Iterator<Item = T>) -> Self::Out;
}

/// Into a `Vec`.
#[derive(Debug)]
pub struct IntoVec;
/// Into an array.
#[derive(Debug)]
pub struct IntoArray<const N: usize>;
/// Into a `BTreeMap`, by these keys.
#[derive(Debug)]
pub struct IntoBTreeMap<Key>(pub(crate) Vec<Key>);
/// Into a `HashMap`, by these keys, with this hasher.
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct IntoHashMap<Key, S>(pub(crate) Vec<Key>, pub(crate) S);

impl<T> Assemble<T> for IntoVec {
    type Out = Vec<T>;
    fn assemble(self, values: impl Iterator<Item = T>) -> Vec<T> {
        values.collect()
    }
}

impl<T, const N: usize> Assemble<T> for IntoArray<N> {
    type Out = [T; N];
    fn assemble(self, mut values: impl Iterator<Item = T>) -> [T; N] {
        core::array::from_fn(|_| {
            values
                .next()
                .expect("an array has as many values as members")
        })
    }
}

impl<T, Key: Ord> Assemble<T> for IntoBTreeMap<Key> {
    type Out = BTreeMap<Key, T>;
    fn assemble(self, values: impl Iterator<Item = T>) -> BTreeMap<Key, T> {
        self.0.into_iter().zip(values).collect()
    }
}

#[cfg(feature = "std")]
impl<T, Key, S> Assemble<T> for IntoHashMap<Key, S>
where
    Key: Eq + core::hash::Hash,
    S: core::hash::BuildHasher,
{
    type Out = std::collections::HashMap<Key, T, S>;
    fn assemble(self, values: impl Iterator<Item = T>) -> Self::Out {
        let mut map = std::collections::HashMap::with_capacity_and_hasher(self.0.len(), self.1);
        map.extend(self.0.into_iter().zip(values));
        map
    }
}
