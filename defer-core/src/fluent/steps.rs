//! What each form does with the outcome of the chain it is added to.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;

use super::Returned;
use super::either::{Either, Sided};
use crate::adopt::Adopts;
use crate::arg::Arg;
use crate::boxed::Tail;
use crate::chain::{Chain, opaque_debug};
use crate::kind::{ContinuedBy, ErrOf, Kind, Lift, Merge, Merged, OutOf};
use crate::passing::{Event, note};
use crate::plan::Node;
use crate::step::{Step, Turn};

/// The step of [`add_callback`](crate::Deferred::add_callback).
pub struct OnCallback<C, M>(pub(super) C, pub(super) PhantomData<fn() -> M>);
/// The step of [`add_errback`](crate::Deferred::add_errback).
pub struct OnErrback<C, M>(pub(super) C, pub(super) PhantomData<fn() -> M>);
/// The step of [`add_both`](crate::Deferred::add_both).
pub struct OnBoth<C, M>(pub(super) C, pub(super) PhantomData<fn() -> M>);
/// The step of [`add_callbacks`](crate::Deferred::add_callbacks).
pub struct OnPair<C, D, M>(
    pub(super) C,
    pub(super) D,
    pub(super) PhantomData<fn() -> M>,
);
/// The step of [`add_callback`](crate::AddCallback::add_callback).
pub struct OnValue<C, M>(pub(super) C, pub(super) PhantomData<fn() -> M>);
opaque_debug!(OnCallback<C, M>, OnErrback<C, M>, OnBoth<C, M>, OnPair<C, D, M>, OnValue<C, M>);

const CALLBACK: Node = Node::Named("add_callback");
const ERRBACK: Node = Node::Named("add_errback");
const BOTH: Node = Node::Named("add_both");
const PAIR: Node = Node::Named("add_callbacks");

/// The outcome of what a closure returned.
#[inline(always)]
fn returned<K: Kind, T>(out: OutOf<K, T>, by: Node) -> OutOf<K, T> {
    let mut outcome = K::outcome(out);
    note!(K::Error, in outcome, Event::Returned(by));
    K::out(outcome)
}

impl<T, E: 'static, C, R, M> Step<Result<T, E>> for OnCallback<C, M>
where
    C: FnOnce(T) -> R,
    R: Returned<M>,
    R::Kind: ContinuedBy<E> + Lift<E>,
{
    type Next = R::Chain;
    type Out = Result<R::Value, E>;
    #[inline(always)]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, R::Chain> {
        match outcome {
            Ok(value) => (self.0)(value).turn().map(Self::out),
            Err(mut error) => {
                note!(E, &mut error, Event::Skipped(CALLBACK));
                Turn::Passes(Err(error))
            }
        }
    }
    #[inline(always)]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        let mut outcome = R::Kind::outcome(next).map_err(<R::Kind as Lift<E>>::lift);
        note!(E, in outcome, Event::Returned(CALLBACK));
        outcome
    }
    fn tail<'a>(next: Pin<&mut R::Chain>) -> Option<Tail<'a, Self::Out>>
    where
        R::Chain: 'a,
    {
        <R::Kind as ContinuedBy<E>>::tail(next)
    }
    fn node(&self) -> Node {
        CALLBACK
    }
}

impl<T, E: 'static, C, R, M> Step<Result<T, E>> for OnErrback<C, M>
where
    C: FnOnce(E) -> R,
    R: Arg<T, M>,
{
    type Next = R::Chain;
    type Out = OutOf<R::Kind, T>;
    #[inline(always)]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, R::Chain> {
        match outcome {
            Ok(value) => Turn::Passes(R::Kind::out(Ok(value))),
            Err(mut error) => {
                note!(E, &mut error, Event::Caught(ERRBACK));
                Turn::Follows((self.0)(error).into_chain())
            }
        }
    }
    fn cancelled(self) -> Option<Turn<Self::Out, Self::Next>> {
        Some(self.step(Err(Adopts::known().adopt(ERRBACK)?)))
    }
    #[inline(always)]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        returned::<R::Kind, _>(next, ERRBACK)
    }
    fn tail<'a>(next: Pin<&mut Self::Next>) -> Option<Tail<'a, Self::Out>>
    where
        Self::Next: 'a,
    {
        next.tail()
    }
    fn node(&self) -> Node {
        ERRBACK
    }
}

impl<T, E: 'static, C, R, M> Step<Result<T, E>> for OnBoth<C, M>
where
    C: FnOnce(Result<T, E>) -> R,
    R: Returned<M>,
{
    type Next = R::Chain;
    type Out = OutOf<R::Kind, R::Value>;
    #[inline(always)]
    fn step(self, mut outcome: Result<T, E>) -> Turn<Self::Out, R::Chain> {
        note!(E, in outcome, Event::Caught(BOTH));
        (self.0)(outcome).turn().map(Self::out)
    }
    fn cancelled(self) -> Option<Turn<Self::Out, Self::Next>> {
        Some(self.step(Err(Adopts::known().adopt(BOTH)?)))
    }
    #[inline(always)]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        returned::<R::Kind, _>(next, BOTH)
    }
    fn tail<'a>(next: Pin<&mut Self::Next>) -> Option<Tail<'a, Self::Out>>
    where
        Self::Next: 'a,
    {
        next.tail()
    }
    fn node(&self) -> Node {
        BOTH
    }
}

impl<T, E: 'static, C, R, M, D, Q, N> Step<Result<T, E>> for OnPair<C, D, (M, N)>
where
    C: FnOnce(T) -> R,
    R: Returned<M>,
    D: FnOnce(E) -> Q,
    Q: Arg<R::Value, N>,
    R::Kind: Merge<Q::Kind>,
    R::Kind: Lift<ErrOf<Merged<R::Kind, Q::Kind>>>,
    Q::Kind: Lift<ErrOf<Merged<R::Kind, Q::Kind>>>,
{
    type Next = Either<R::Chain, Q::Chain>;
    type Out = OutOf<Merged<R::Kind, Q::Kind>, R::Value>;
    #[inline(always)]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, Self::Next> {
        Turn::Follows(match outcome {
            Ok(value) => Either::Left {
                chain: (self.0)(value).into_chain(),
            },
            Err(mut error) => {
                note!(E, &mut error, Event::Caught(PAIR));
                Either::Right {
                    chain: (self.1)(error).into_chain(),
                }
            }
        })
    }
    fn cancelled(self) -> Option<Turn<Self::Out, Self::Next>> {
        Some(self.step(Err(Adopts::known().adopt(PAIR)?)))
    }
    #[inline(always)]
    fn out(next: <Self::Next as Future>::Output) -> Self::Out {
        let mut outcome = match next {
            Sided::Left(out) => R::Kind::outcome(out).map_err(<R::Kind as Lift<_>>::lift),
            Sided::Right(out) => Q::Kind::outcome(out).map_err(<Q::Kind as Lift<_>>::lift),
        };
        note!(ErrOf<Merged<R::Kind, Q::Kind>>, in outcome, Event::Returned(PAIR));
        <Merged<R::Kind, Q::Kind> as Kind>::out(outcome)
    }
    fn node(&self) -> Node {
        PAIR
    }
}

impl<T, C, R, M> Step<T> for OnValue<C, M>
where
    C: FnOnce(T) -> R,
    R: Returned<M>,
{
    type Next = R::Chain;
    type Out = OutOf<R::Kind, R::Value>;
    #[inline(always)]
    fn step(self, outcome: T) -> Turn<Self::Out, R::Chain> {
        (self.0)(outcome).turn().map(Self::out)
    }
    #[inline(always)]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        returned::<R::Kind, _>(next, CALLBACK)
    }
    fn tail<'a>(next: Pin<&mut Self::Next>) -> Option<Tail<'a, Self::Out>>
    where
        Self::Next: 'a,
    {
        next.tail()
    }
    fn node(&self) -> Node {
        CALLBACK
    }
}
