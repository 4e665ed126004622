//! Every interleaving of a resolver and its deferred on two threads, and of observers, by loom:
//! `RUSTFLAGS="--cfg loom" cargo test -p defer-core --release --test loom`.
#![cfg(loom)]

#[path = "loom/observer.rs"]
mod observer;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use defer_core::{Abandoned, CancelExt, Cancelled, Deferred, Failure, HandMade, Resolver, succeed};
use loom::thread;

type Made = Deferred<Result<u8, Failure>, HandMade<u8>>;

fn made() -> (Resolver<u8>, Made) {
    Deferred::new()
}

/// Counts wake-ups. Not loom's atomics: wakers live in std's `Arc`, which loom does not see.
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn wakes() -> (Arc<Wakes>, Waker) {
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    (wakes.clone(), Waker::from(wakes))
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn fired_before_while_or_after_it_is_polled_it_is_woken_or_ready() {
    loom::model(|| {
        let (resolver, deferred) = made();
        let firing = thread::spawn(move || resolver.callback(7).is_ok());
        let (woken, waker) = wakes();
        let mut deferred = pin!(deferred);
        let first = poll(deferred.as_mut(), &waker);
        assert!(firing.join().unwrap(), "somebody waits");
        match first {
            Poll::Ready(outcome) => assert_eq!(outcome.unwrap(), 7),
            Poll::Pending => {
                assert_eq!(woken.0.load(Ordering::SeqCst), 1, "never lost, never twice");
                let Poll::Ready(outcome) = poll(deferred, &waker) else {
                    panic!("it was fired")
                };
                assert_eq!(outcome.unwrap(), 7);
            }
        }
    });
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    loom::model(|| {
        let (resolver, deferred) = made();
        let firing = thread::spawn(move || drop(resolver));
        let (_, before) = wakes();
        let (woken, waker) = wakes();
        let mut deferred = pin!(deferred);
        let mut outcome = poll(deferred.as_mut(), &before);
        if outcome.is_pending() {
            outcome = poll(deferred.as_mut(), &waker);
        }
        firing.join().unwrap();
        if outcome.is_pending() {
            assert_eq!(woken.0.load(Ordering::SeqCst), 1);
            outcome = poll(deferred, &waker);
        }
        let Poll::Ready(Err(failure)) = outcome else {
            panic!("it was abandoned")
        };
        assert_eq!(failure.check(), Some(&Abandoned));
    });
}

#[test]
fn dropped_while_it_is_fired_the_value_comes_back_or_is_dropped_once() {
    loom::model(|| {
        let value = Arc::new(());
        let seen = value.clone();
        let (resolver, deferred) = Deferred::<Result<Arc<()>, Failure>, _>::new();
        let firing = thread::spawn(move || resolver.callback(value).err());
        drop(deferred);
        let back = firing.join().unwrap();
        assert_eq!(Arc::strong_count(&seen), 1 + usize::from(back.is_some()));
    });
}

#[test]
fn dropped_while_its_resolver_waits_for_that() {
    loom::model(|| {
        let (mut resolver, deferred) = made();
        let dropping = thread::spawn(move || drop(deferred));
        let (woken, waker) = wakes();
        let first = {
            let cancelled = pin!(resolver.cancelled());
            poll(cancelled, &waker)
        };
        dropping.join().unwrap();
        if first.is_pending() {
            assert_eq!(woken.0.load(Ordering::SeqCst), 1);
        }
        assert!(resolver.is_cancelled());
        assert_eq!(resolver.callback(1), Err(1));
    });
}

#[test]
fn cancelled_while_it_is_fired_one_of_them_wins() {
    loom::model(|| {
        let (resolver, deferred) = made();
        let firing = thread::spawn(move || resolver.callback(7));
        let (deferred, canceller) = deferred.cancellable();
        let (_, waker) = wakes();
        let mut deferred = pin!(deferred);
        let outcome = match poll(deferred.as_mut(), &waker) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => {
                canceller.cancel();
                let Poll::Ready(outcome) = poll(deferred, &waker) else {
                    panic!("cancelled, or fired")
                };
                outcome
            }
        };
        match (outcome, firing.join().unwrap()) {
            (Ok(7), Ok(())) => {}
            (Err(failure), Err(7)) => assert!(failure.is_cancelled()),
            (outcome, fired) => panic!("{outcome:?} and {fired:?}"),
        }
    });
}

#[test]
fn cancelled_from_another_thread() {
    loom::model(|| {
        let (resolver, deferred) = made();
        let (deferred, canceller) = deferred.add_callback(Ok::<u8, Failure>).cancellable();
        let cancelling = thread::spawn(move || canceller.cancel());
        let (_, waker) = wakes();
        let mut deferred = pin!(deferred);
        let first = poll(deferred.as_mut(), &waker);
        cancelling.join().unwrap();
        let outcome = match first {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => match poll(deferred, &waker) {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => panic!("cancelled"),
            },
        };
        assert!(outcome.unwrap_err().check::<Cancelled>().is_some());
        drop(resolver);
    });
}

#[test]
fn a_deferred_that_cannot_fail_is_cancelled_before_it_begins() {
    loom::model(|| {
        let (deferred, canceller) = succeed(1).cancellable();
        let cancelling = thread::spawn(move || canceller.cancel());
        let (_, waker) = wakes();
        let outcome = poll(pin!(deferred), &waker);
        cancelling.join().unwrap();
        assert!(matches!(outcome, Poll::Ready(Ok(1) | Err(Cancelled))));
    });
}

mod growing_lists {
    use super::*;
    use defer_core::Value;
    use defer_core::list::{Growing, Handle, deferred_list, growing};

    fn open() -> (Handle<u8, Value<u8>>, Growing<u8, Value<u8>>) {
        growing()
    }

    #[test]
    fn what_is_pushed_while_the_list_is_polled_is_taken_in() {
        loom::model(|| {
            let (handle, members) = open();
            let pushing = thread::spawn(move || {
                assert_eq!(handle.push(succeed(7)).ok(), Some(0));
                // The handle is dropped here.
            });
            let (woken, waker) = wakes();
            let mut list = pin!(deferred_list(members));
            let mut polled = poll(list.as_mut(), &waker);
            let first = woken.0.load(Ordering::SeqCst);
            pushing.join().unwrap();
            if polled.is_pending() {
                // Pushed, or closed, or both: after the last of them nothing is left to tell.
                let told = woken.0.load(Ordering::SeqCst);
                assert!(told > 0 || first > 0, "a wake-up was lost");
                polled = poll(list, &waker);
            }
            assert_eq!(polled, Poll::Ready(vec![7]));
        });
    }

    #[test]
    fn a_member_is_in_the_list_or_comes_back() {
        loom::model(|| {
            let value = Arc::new(());
            let (handle, members) = growing();
            let member = succeed(value.clone());
            let pushing = thread::spawn(move || match handle.push(member) {
                Ok(place) => assert_eq!(place, 0),
                Err(back) => assert!(poll(pin!(back), Waker::noop()).is_ready()),
            });
            let (_, waker) = wakes();
            {
                let mut list = pin!(deferred_list(members));
                let _ = poll(list.as_mut(), &waker);
            }
            pushing.join().unwrap();
            assert_eq!(Arc::strong_count(&value), 1, "nothing keeps it");
        });
    }

    #[test]
    fn the_last_of_two_handles_ends_the_list() {
        loom::model(|| {
            let (handle, members) = open();
            let other = handle.clone();
            let dropping = thread::spawn(move || drop(other));
            drop(handle);
            let (woken, waker) = wakes();
            let mut list = pin!(deferred_list(members));
            let polled = poll(list.as_mut(), &waker);
            dropping.join().unwrap();
            if polled.is_pending() {
                assert_eq!(woken.0.load(Ordering::SeqCst), 1, "never lost, never twice");
                assert_eq!(poll(list, &waker), Poll::Ready(vec![]));
            }
        });
    }
}
