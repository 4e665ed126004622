//! A cancellation that is raised where a chain waits, and what comes back from it.
//!
//! No attribute and no runtime: the calls are made of what the attributes expand to, so
//! that miri can run them.

#![cfg(feature = "std")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use defer_core::__private::{
    Adopts, ByInto, Call, Caught, ClosureBody, ErrbackCall, Join1, Join2, Later, Plainly, Site,
    Slot, errback,
};
use defer_core::{
    AddCallback, Arg, Chain, Deferred, Failure, Fallible, HandMade, Kind, Lift, Merge, OutOf,
    Resolver, Unwind, defer, fail, succeed,
};

static SITE: Site = Site::new("test", file!(), line!(), &[], Adopts::known());

type Made = Deferred<Result<u8, Failure>, HandMade<u8>>;

fn made() -> (Resolver<u8>, Made) {
    Deferred::new()
}

/// A future that is never done.
fn pending() -> Deferred<u8, impl Chain<Output = u8>> {
    defer(std::future::pending())
}

/// `fn add(a: u8, b: u8) -> u8` as an annotated function. The body counts its runs.
fn add<A, M, B, N, K: Kind>(
    a: A,
    b: B,
    runs: &Cell<u32>,
) -> Deferred<OutOf<K, u8>, impl Chain<Output = OutOf<K, u8>>>
where
    A: Arg<u8, M>,
    B: Arg<u8, N>,
    A::Kind: Merge<B::Kind, Kind = K> + Lift<K::Error>,
    B::Kind: Lift<K::Error>,
{
    let arguments =
        Join2::<A::Chain, A::Kind, u8, B::Chain, B::Kind, u8>::new(Slot::new(a), Slot::new(b));
    let body = |(a, b)| {
        runs.set(runs.get() + 1);
        a + b
    };
    let body = ClosureBody::new(body, &SITE);
    Deferred::from_chain(Call::<_, _, K, Plainly>::new(arguments, body))
}

/// `fn take(a: T) -> T` for one argument of any type.
fn take<T, A, M, K>(a: A) -> Deferred<OutOf<K, T>, impl Chain<Output = OutOf<K, T>>>
where
    A: Arg<T, M, Kind = K>,
    K: Kind + Lift<<K as Kind>::Error>,
{
    let arguments = Join1::<A::Chain, A::Kind, T>::of(a.into_chain());
    let body = ClosureBody::new(|(a,): (T,)| a, &SITE);
    Deferred::from_chain(Call::<_, _, K, Plainly>::new(arguments, body))
}

/// `fn later(a: u8) -> Deferred<u8, F>`: the chain waits for what the body gives.
fn later<A, M, K, F: Chain<Output = u8>>(
    a: A,
    then: Deferred<u8, F>,
) -> Deferred<OutOf<K, u8>, impl Chain<Output = OutOf<K, u8>>>
where
    A: Arg<u8, M, Kind = K>,
    K: Kind + Lift<<K as Kind>::Error>,
{
    let arguments = Join1::<A::Chain, A::Kind, u8>::of(a.into_chain());
    let body = ClosureBody::new(move |_: (u8,)| then, &SITE);
    Deferred::from_chain(Later::<_, _, K, Plainly, F>::new(arguments, body))
}

/// `fn rescue(failure: Failure, other: u8) -> u8` as an errback.
fn rescue<A, M, B, N>(
    first: A,
    other: B,
    runs: &Cell<u32>,
) -> Deferred<OutOf<B::Kind, u8>, impl Chain<Output = OutOf<B::Kind, u8>>>
where
    A: Fallible<u8, M, Error = Failure>,
    B: Arg<u8, N>,
    B::Kind: Lift<<B::Kind as Kind>::Error>,
{
    let arguments = Join1::<B::Chain, B::Kind, u8>::of(other.into_chain());
    let body = |(_, (other,)): (Failure, (u8,))| {
        runs.set(runs.get() + 1);
        other
    };
    let body = ClosureBody::new(body, &SITE);
    let chain: ErrbackCall<A::Chain, _, _, Failure, B::Kind, Plainly, ByInto> =
        errback::<u8, _, _, _, _, Failure, Call<_, Caught<_, Failure>, B::Kind, Plainly>, ByInto>(
            first, arguments, body,
        );
    Deferred::from_chain(chain)
}

fn poll<C: Chain>(chain: Pin<&mut C>) -> Poll<C::Output> {
    chain.poll(&mut Context::from_waker(Waker::noop()))
}

/// What became of a cancellation, without the outcome.
#[derive(Debug, PartialEq)]
enum Told {
    Idle,
    Is,
    Stays,
    Out,
}

trait Cancel {
    /// Cancel, and poll once if that is asked for.
    fn told(self) -> Told;
}

impl<C: Chain> Cancel for Pin<&mut C> {
    fn told(mut self) -> Told {
        match self.as_mut().cancel() {
            Unwind::Idle => Told::Idle,
            Unwind::Is(_) => Told::Is,
            Unwind::Out => Told::Out,
            Unwind::Stays => match settle(self) {
                Poll::Pending => Told::Stays,
                Poll::Ready(Some(_)) => Told::Is,
                Poll::Ready(None) => Told::Out,
            },
        }
    }
}

fn settle<C: Chain>(chain: Pin<&mut C>) -> Poll<Option<C::Output>> {
    chain.poll_settle(&mut Context::from_waker(Waker::noop()))
}

/// Raise a cancellation before the first poll.
fn cancelled<C: Chain>(chain: C) -> Told {
    pin!(chain).told()
}

/// Raise a cancellation after one poll, in which it has to be pending.
fn cancelled_waiting<C: Chain>(chain: C) -> Told {
    let mut chain = pin!(chain);
    assert!(poll(chain.as_mut()).is_pending());
    chain.told()
}

/// Raise a cancellation in a chain that waits: it fails with `Cancelled`.
fn fails<T, C: Chain<Output = Result<T, Failure>>>(mut chain: Pin<&mut C>) {
    assert!(poll(chain.as_mut()).is_pending());
    let outcome = match chain.as_mut().cancel() {
        Unwind::Is(outcome) => Some(outcome),
        Unwind::Out => None,
        Unwind::Idle => panic!("it was waiting"),
        Unwind::Stays => match settle(chain) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("nothing cleans up"),
        },
    };
    assert!(outcome.is_none_or(|outcome| outcome.is_err_and(|why| why.is_cancelled())));
}

/// Raise a cancellation in a chain that waits for what `resolver` fires, among others:
/// the resolver learns of it while the chain is still there.
fn left<T, C: Chain<Output = Result<T, Failure>>>(chain: C, resolver: Resolver<u8>) {
    let mut chain = pin!(chain);
    fails(chain.as_mut());
    assert_eq!(resolver.callback(9), Err(9), "nobody waits for it");
}

mod leaves {
    use super::*;

    #[test]
    fn a_value_stands() {
        let mut value = pin!(succeed(1));
        assert_eq!(value.as_mut().told(), Told::Idle);
        assert_eq!(poll(value.as_mut()), Poll::Ready(1), "the outcome is there");
        assert_eq!(value.told(), Told::Idle);
        assert_eq!(cancelled(fail::<u8, _>("no")), Told::Idle);
    }

    #[test]
    fn a_plain_future_is_left() {
        assert_eq!(cancelled(pending()), Told::Out);
        assert_eq!(cancelled_waiting(pending()), Told::Out);
    }

    #[test]
    fn a_plain_future_is_dropped_by_who_was_told() {
        let held = Rc::new(());
        let inside = held.clone();
        {
            let mut waiting = Box::pin(defer(async move {
                let _inside = inside;
                std::future::pending::<u8>().await
            }));
            assert!(poll(waiting.as_mut()).is_pending());
            assert_eq!(waiting.as_mut().told(), Told::Out);
            assert_eq!(
                Rc::strong_count(&held),
                2,
                "raising it drops nothing by itself"
            );
        }
        assert_eq!(Rc::strong_count(&held), 1);
    }
}

mod hand_made {
    use super::*;

    #[test]
    fn not_fired_it_is_left_and_its_resolver_is_told() {
        let (resolver, deferred) = made();
        let mut deferred = pin!(deferred);
        assert!(poll(deferred.as_mut()).is_pending());
        assert_eq!(deferred.as_mut().told(), Told::Out);
        assert_eq!(resolver.callback(7), Err(7), "nobody waits for it");
    }

    #[test]
    fn what_was_fired_before_stands() {
        for waits in [false, true] {
            let (resolver, deferred) = made();
            let mut deferred = pin!(deferred);
            if waits {
                assert!(poll(deferred.as_mut()).is_pending());
            }
            resolver.callback(7).unwrap();
            assert_eq!(deferred.as_mut().told(), Told::Idle);
            assert_eq!(
                deferred.as_mut().told(),
                Told::Idle,
                "as often as one likes"
            );
            assert!(matches!(poll(deferred.as_mut()), Poll::Ready(Ok(7))));
        }
    }

    #[test]
    fn a_failure_that_was_fired_before_stands() {
        let (resolver, deferred) = made();
        resolver.errback(Failure::msg("fired")).unwrap();
        let mut deferred = pin!(deferred);
        assert_eq!(deferred.as_mut().told(), Told::Idle);
        let Poll::Ready(Err(failure)) = poll(deferred.as_mut()) else {
            panic!("it failed")
        };
        assert_eq!(failure.to_string(), "fired");
    }

    #[test]
    fn what_was_abandoned_before_stands() {
        let (resolver, deferred) = made();
        drop(resolver);
        let mut deferred = pin!(deferred);
        // Nothing was waiting: the outcome is there, it is `Abandoned`.
        assert_eq!(deferred.as_mut().told(), Told::Idle);
        assert!(matches!(poll(deferred.as_mut()), Poll::Ready(Err(_))));
    }
}

mod calls {
    use super::*;

    #[test]
    fn with_everything_there_it_goes_on() {
        let runs = Cell::new(0);
        let mut call = pin!(add(1, succeed(2), &runs));
        assert_eq!(call.as_mut().told(), Told::Idle);
        assert_eq!(poll(call.as_mut()), Poll::Ready(3));
        assert_eq!(
            call.told(),
            Told::Idle,
            "a call that is done waits for nothing"
        );
        assert_eq!(runs.get(), 1);
    }

    #[test]
    fn one_waiting_argument_takes_the_call_with_it() {
        let runs = Cell::new(0);
        assert_eq!(cancelled_waiting(add(pending(), 1, &runs)), Told::Out);
        assert_eq!(cancelled_waiting(add(1, pending(), &runs)), Told::Out);
        assert_eq!(cancelled(add(succeed(1), pending(), &runs)), Told::Out);
        assert_eq!(cancelled_waiting(take::<u8, _, _, _>(pending())), Told::Out);
        assert_eq!(runs.get(), 0);
    }

    #[test]
    fn every_waiting_argument_is_told() {
        let runs = Cell::new(0);
        let (resolver, waiting) = made();
        left(add(waiting, pending(), &runs), resolver);
        let (resolver, waiting) = made();
        left(add(pending(), waiting, &runs), resolver);
        let (first, a) = made();
        let (second, b) = made();
        let mut call = pin!(add(a, b, &runs));
        fails(call.as_mut());
        assert_eq!((first.callback(1), second.callback(2)), (Err(1), Err(2)));
    }

    #[test]
    fn arguments_that_were_fired_in_time_stand() {
        let runs = Cell::new(0);
        let (resolver, waiting) = made();
        let mut call = pin!(add(1, waiting, &runs));
        assert!(poll(call.as_mut()).is_pending());
        resolver.callback(2).unwrap();
        assert_eq!(call.as_mut().told(), Told::Idle);
        assert!(matches!(poll(call.as_mut()), Poll::Ready(Ok(3))));
    }

    #[test]
    fn deep_inside() {
        let runs = Cell::new(0);
        let (resolver, waiting) = made();
        let mut call = pin!(add(1, add(2, add(3, waiting, &runs), &runs), &runs));
        fails(call.as_mut());
        assert_eq!(resolver.callback(4), Err(4));
        assert_eq!(runs.get(), 0);
    }

    #[test]
    fn a_body_that_waits_is_left() {
        assert_eq!(cancelled_waiting(later(succeed(1), pending())), Told::Out);
        // Before the arguments are there the body's deferred does not exist.
        assert_eq!(cancelled(later(succeed(1), pending())), Told::Idle);
        assert_eq!(cancelled(later(pending(), succeed(1))), Told::Out);
    }
}

mod errbacks {
    use super::*;

    #[test]
    fn waiting_for_the_outcome_the_errback_runs() {
        let runs = Cell::new(0);
        let (resolver, waiting) = made();
        let mut call = pin!(rescue(waiting, 1, &runs));
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(call.as_mut().told(), Told::Is);
        assert_eq!(resolver.callback(1), Err(1));
        assert_eq!(runs.get(), 1, "its error type takes a cancellation");
    }

    #[test]
    fn what_it_has_not_begun_to_wait_for_is_not_told() {
        let runs = Cell::new(0);
        let (resolver, other) = made();
        let mut call = pin!(rescue(fail::<u8, _>(Failure::msg("no")), other, &runs));
        assert_eq!(call.as_mut().told(), Told::Idle, "the failure is there");
        resolver.callback(5).unwrap();
        assert!(matches!(poll(call.as_mut()), Poll::Ready(Ok(5))));
        assert_eq!(runs.get(), 1);
    }

    #[test]
    fn waiting_for_its_arguments_it_is_left() {
        let runs = Cell::new(0);
        let (resolver, other) = made();
        let mut call = pin!(rescue(fail::<u8, _>(Failure::msg("no")), other, &runs));
        fails(call.as_mut());
        assert_eq!(resolver.callback(5), Err(5));
        assert_eq!(runs.get(), 0);
    }

    #[test]
    fn of_the_fluent_form() {
        let (resolver, waiting) = made();
        let chain = waiting
            .add_callback(|n| n)
            .add_errback(|why| {
                assert!(why.is_cancelled());
                0
            })
            .add_callback(|n| n + 1);
        let mut chain = pin!(chain);
        assert!(poll(chain.as_mut()).is_pending());
        assert!(matches!(chain.as_mut().cancel(), Unwind::Stays));
        assert!(matches!(settle(chain), Poll::Ready(Some(1))));
        assert_eq!(resolver.callback(9), Err(9));
        // What followed is where it waits now.
        assert_eq!(
            cancelled_waiting(succeed(1).add_callback(|_| pending())),
            Told::Out
        );
        assert_eq!(cancelled(succeed(1).add_callback(|n| n)), Told::Idle);
        let (resolver, waiting) = made();
        let mut chain = pin!(fail::<u8, _>(Failure::msg("no")).add_callbacks(|n| n, |_| waiting));
        assert!(poll(chain.as_mut()).is_pending());
        resolver.callback(3).unwrap();
        assert_eq!(chain.as_mut().told(), Told::Idle);
        assert!(matches!(poll(chain.as_mut()), Poll::Ready(Ok(3))));
    }
}

mod containers {
    use super::*;

    #[test]
    fn every_waiting_member_of_a_list_is_told() {
        let (resolvers, list): (Vec<_>, Vec<_>) = (0..5).map(|_| made()).unzip();
        let mut call = pin!(take::<Vec<u8>, _, _, _>(list));
        fails(call.as_mut());
        for resolver in resolvers {
            assert_eq!(resolver.callback(1), Err(1));
        }
    }

    #[test]
    fn a_list_whose_members_were_fired_in_time_stands() {
        let (resolvers, list): (Vec<_>, Vec<_>) = (0..5).map(|_| made()).unzip();
        let mut call = pin!(take::<Vec<u8>, _, _, _>(list));
        assert!(poll(call.as_mut()).is_pending());
        for (resolver, n) in resolvers.into_iter().zip(0..) {
            resolver.callback(n).unwrap();
        }
        assert!(matches!(call.as_mut().cancel(), Unwind::Stays));
        let list = loop {
            if let Poll::Ready(list) = settle(call.as_mut()) {
                break list.expect("nothing was cancelled");
            }
        };
        assert_eq!(list.unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn one_member_that_waits_takes_the_list_with_it() {
        let (fired, a) = made();
        let (waits, b) = made();
        fired.callback(1).unwrap();
        left(take::<Vec<u8>, _, _, _>(vec![a, b]), waits);
    }

    #[test]
    fn an_empty_list_is_there() {
        assert_eq!(
            cancelled(take::<Vec<u8>, _, _, _>(Vec::<Made>::new())),
            Told::Idle
        );
    }

    #[test]
    fn maps_tuples_and_options() {
        let map = BTreeMap::from([(1, pending()), (2, pending())]);
        assert_eq!(
            cancelled_waiting(take::<BTreeMap<u8, u8>, _, _, _>(map)),
            Told::Out
        );

        let (resolver, waiting) = made();
        left(take::<(u8, u8), _, _, _>((pending(), waiting)), resolver);
        let pair = (succeed(1), succeed(2));
        assert_eq!(cancelled(take::<(u8, u8), _, _, _>(pair)), Told::Idle);

        let some = Some(pending());
        assert_eq!(
            cancelled_waiting(take::<Option<u8>, _, _, _>(some)),
            Told::Out
        );
        let none = None::<Made>;
        assert_eq!(cancelled(take::<Option<u8>, _, _, _>(none)), Told::Idle);
    }
}

mod boxed {
    use super::*;

    #[test]
    fn a_box_is_where_its_content_is() {
        assert_eq!(cancelled(succeed(1).boxed()), Told::Idle);
        assert_eq!(cancelled_waiting(pending().boxed_local()), Told::Out);
        let runs = Cell::new(0);
        let (resolver, waiting) = made();
        let call = add(1, add(2, waiting.boxed(), &runs).boxed_local(), &runs).boxed_local();
        left(call, resolver);
        let (resolver, waiting) = made();
        let mut waiting = pin!(waiting.boxed());
        resolver.callback(1).unwrap();
        assert_eq!(waiting.as_mut().told(), Told::Idle);
        assert!(matches!(poll(waiting), Poll::Ready(Ok(1))));
    }
}
