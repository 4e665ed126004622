//! Members that are added while the list runs, and streams of outcomes.

mod support;

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::thread;

use defer::list::{
    self, Growing, Handle, deferred_list, first_success, gather, growing, race, select_all,
};
use defer::prelude::*;
use defer::{Boxed, Cancelled, Value, Wrapped};
use futures::executor::block_on;
use futures::stream::{FusedStream, Stream, StreamExt};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use support::{Wakes, Watched, leaf, never, poll_once, poll_to_end};

type Member = Boxed<'static, u8>;

assert_impl_all!(Handle<u8, Member>: Send, Sync, Clone, Unpin);
assert_impl_all!(Growing<u8, Member>: Send, Sync, Unpin);
assert_not_impl_any!(Handle<u8, defer::LocalBoxed<'static, u8>>: Send, Sync);
assert_not_impl_any!(Growing<u8, defer::LocalBoxed<'static, u8>>: Send, Sync);

#[test]
fn a_list_waits_for_what_may_be_added() {
    let (handle, members) = growing::<u8, Member>();
    let mut all = pin!(deferred_list(members));
    assert!(poll_once(all.as_mut()).is_pending(), "it may grow");
    assert_eq!(handle.push(succeed(1).boxed()).unwrap(), 0);
    assert_eq!(handle.push(leaf(1, 2).0.boxed()).unwrap(), 1);
    assert!(poll_once(all.as_mut()).is_pending());
    assert!(
        poll_once(all.as_mut()).is_pending(),
        "all are there, and it may grow"
    );
    assert_eq!(handle.push(succeed(3).boxed()).unwrap(), 2);
    drop(handle);
    assert_eq!(block_on(all), [1, 2, 3]);
}

#[test]
fn pushing_and_closing_wake_the_list() {
    let (handle, members) = growing::<u8, Value<u8>>();
    let mut all = pin!(deferred_list(members));
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(all.as_mut().poll(&mut cx).is_pending());
    handle.push(succeed(1)).unwrap();
    assert_eq!(wakes.count(), 1);
    handle.push(succeed(2)).unwrap();
    assert_eq!(wakes.count(), 1, "it is awake");
    assert!(all.as_mut().poll(&mut cx).is_pending());
    let before = wakes.count();
    let other = handle.clone();
    drop(other);
    assert_eq!(wakes.count(), before, "a handle is left");
    handle.close();
    assert_eq!(wakes.count(), before + 1);
    assert_eq!(all.as_mut().poll(&mut cx), Poll::Ready(vec![1, 2]));
}

#[test]
fn the_last_handle_ends_the_list() {
    let (handle, members) = growing::<u8, Value<u8>>();
    let other = handle.clone();
    drop(handle);
    let mut all = pin!(deferred_list(members));
    assert!(poll_once(all.as_mut()).is_pending());
    other.push(succeed(5)).unwrap();
    drop(other);
    assert_eq!(poll_once(all), Poll::Ready(vec![5]));
}

#[test]
fn a_handle_that_was_closed_closes_all() {
    let (handle, members) = growing::<u8, Value<u8>>();
    let other = handle.clone();
    other.close();
    assert!(handle.is_done());
    assert!(handle.clone().push(succeed(1)).is_err());
    assert_eq!(poll_to_end(deferred_list(members)), (vec![], 1));
}

#[test]
fn what_nobody_wants_comes_back() {
    // Dropped.
    let (handle, members) = growing::<u8, Value<u8>>();
    drop(deferred_list(members));
    assert_eq!(block_on(handle.push(succeed(1)).unwrap_err()), 1);
    // Decided.
    let (handle, members) = growing::<u8, Value<u8>>();
    handle.push(succeed(7)).unwrap();
    let mut call = pin!(race(members));
    assert_eq!(poll_once(call.as_mut()), Poll::Ready(Some((0, 7))));
    assert!(handle.is_done());
    assert_eq!(block_on(handle.push(succeed(2)).unwrap_err()), 2);
    // Cancelled, with what it has.
    let (handle, members) = growing::<Result<u8, Cancelled>, Value<_>>();
    handle.push(succeed(Ok(3))).unwrap();
    let (call, canceller) = deferred_list(members).cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert_eq!(block_on(call), Ok(vec![Ok(3)]));
    assert!(handle.push(succeed(Ok(4))).is_err());
}

#[test]
fn cancelled_before_all_were_taken_in_it_goes_on_outward() {
    let (handle, members) = growing::<Result<u8, Cancelled>, Value<_>>();
    let (call, canceller) = deferred_list(members).cancellable();
    handle.push(succeed(Ok(3))).unwrap();
    canceller.cancel();
    assert_eq!(block_on(call), Err(Cancelled));
}

#[test]
fn dropping_the_list_drops_what_was_added() {
    let (handle, members) = growing::<u8, _>();
    let (waiting, seen) = never::<u8>();
    handle.push(waiting).unwrap();
    let (taken, seen_taken) = never::<u8>();
    let mut all = Box::pin(list::with().limit(1).deferred_list(members));
    assert!(poll_once(all.as_mut()).is_pending());
    handle.push(taken).unwrap();
    assert!(poll_once(all.as_mut()).is_pending());
    assert_eq!(
        (seen.polls(), seen_taken.polls()),
        (2, 0),
        "there is room for one"
    );
    drop(all);
    assert!(seen.dropped() && seen_taken.dropped());
    assert!(handle.is_done());
}

#[test]
fn members_add_members() {
    // A member that is dropped with the list has a handle of it.
    let (handle, members) = growing::<u8, Member>();
    fn countdown(n: u8, handle: Handle<u8, Member>) -> Deferred<u8> {
        defer(async move {
            if n > 0 {
                let next = countdown(n - 1, handle.clone());
                assert!(handle.push(next).is_ok());
            }
            n
        })
        .boxed()
    }
    let first = countdown(5, handle.clone());
    handle.push(first).unwrap();
    drop(handle);
    assert_eq!(block_on(deferred_list(members)), [5, 4, 3, 2, 1, 0]);
}

#[test]
fn every_function_takes_it() {
    type Fallible = Result<u8, &'static str>;
    fn members() -> Growing<Fallible, Value<Fallible>> {
        let (handle, members) = growing();
        for outcome in [Err("a"), Ok(1), Ok(2)] {
            handle.push(succeed(outcome)).unwrap();
        }
        members
    }
    assert_eq!(block_on(gather(members())), Err("a"));
    assert_eq!(block_on(list::with().limit(1).gather(members())), Err("a"));
    assert_eq!(block_on(first_success(members())), Ok((1, 1)));
    assert_eq!(block_on(list::n_of(members(), 2)), Ok(vec![(1, 1), (2, 2)]));
    let any = list::any_success_or_last_failure(members());
    assert_eq!(block_on(any), Ok(Some((1, 1))));
    let all: Vec<_> = block_on(select_all(members()).collect());
    assert_eq!(all, [(0, Err("a")), (1, Ok(1)), (2, Ok(2))]);
    let (handle, members) = growing::<u8, Value<u8>>();
    handle.push(succeed(1)).unwrap();
    drop(handle);
    assert_eq!(block_on(gather(members)), [1], "members that cannot fail");
}

#[test]
fn threads_add_members() {
    const EACH: usize = if cfg!(miri) { 10 } else { 500 };
    let (handle, members) = growing::<usize, Wrapped<std::future::Ready<usize>>>();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let handle = handle.clone();
            thread::spawn(move || {
                for n in 0..EACH {
                    let value = thread * EACH + n;
                    handle.push(defer(std::future::ready(value))).unwrap();
                }
            })
        })
        .collect();
    drop(handle);
    let mut all = block_on(deferred_list(members));
    for thread in threads {
        thread.join().unwrap();
    }
    all.sort_unstable();
    assert_eq!(all, (0..4 * EACH).collect::<Vec<_>>());
}

type One = Watched<Result<u8, Cancelled>>;

#[test]
fn a_stream_tells_how_long_it_is_and_when_it_ends() {
    let mut stream = select_all([leaf(1, 'a').0, leaf(0, 'b').0]);
    assert_eq!(
        (stream.size_hint(), stream.is_terminated()),
        ((2, Some(2)), false)
    );
    assert_eq!(block_on(stream.next()), Some((1, 'b')));
    assert_eq!(
        (stream.size_hint(), stream.is_terminated()),
        ((1, Some(1)), false)
    );
    assert_eq!(block_on(stream.next()), Some((0, 'a')));
    assert!(stream.is_terminated());
    assert_eq!(block_on(stream.next()), None);
    assert_eq!(block_on(stream.next()), None, "it is fused");
    assert_eq!(stream.size_hint(), (0, Some(0)));
    let none: Vec<One> = Vec::new();
    assert!(select_all(none).is_terminated());
    let lazy = list::with()
        .limit(2)
        .select_all((0..5).map(succeed).filter(|_| true));
    assert_eq!(lazy.size_hint(), (2, Some(5)));
    let (handle, members) = growing::<u8, Value<u8>>();
    handle.push(succeed(1)).unwrap();
    let grows = select_all(members);
    assert_eq!(grows.size_hint(), (1, None));
    drop(handle);
    assert_eq!(grows.size_hint(), (1, Some(1)));
}

#[test]
fn dropping_a_stream_drops_its_members() {
    let (pending, seen) = never::<u8>();
    let mut stream = select_all([pending, leaf(0, 1).0]);
    assert_eq!(block_on(stream.next()), Some((1, 1)));
    assert!(!seen.dropped());
    drop(stream);
    assert!(seen.dropped());
}

#[test]
fn dropping_what_waits_for_the_next_loses_nothing() {
    let mut stream = select_all([leaf(2, 'a').0, leaf(4, 'b').0]);
    let mut polls = 0;
    let first = loop {
        polls += 1;
        let next = pin!(stream.next());
        if let Poll::Ready(first) = poll_once(next) {
            break first;
        }
    };
    assert_eq!((first, polls), (Some((0, 'a')), 3));
    assert_eq!(block_on(stream.next()), Some((1, 'b')));
}

#[test]
fn a_cancelled_stream_yields_what_its_members_come_to() {
    let recovers = never::<Result<u8, Failure>>()
        .0
        .add_errback(|_| Ok::<u8, Failure>(7));
    let lost = never::<Result<u8, Failure>>().0;
    let mut stream = select_all([lost.boxed(), recovers.boxed()]);
    assert!(
        Pin::new(&mut stream)
            .poll_next(&mut Context::from_waker(std::task::Waker::noop()))
            .is_pending()
    );
    stream.cancel();
    assert_eq!(stream.size_hint(), (0, Some(2)));
    let (place, out) = block_on(stream.next()).expect("one recovers");
    assert_eq!((place, out.unwrap()), (1, 7));
    assert_eq!(block_on(stream.next()).map(|(place, _)| place), None);
    assert!(stream.is_terminated());
}
