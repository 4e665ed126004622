//! The dictionary in which a missing key waits.

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use defer::list::gather;
use defer::prelude::*;
use defer::sync::{DeferredDict, DictClosed, InsertError, LookUp};
use defer::{Chain, TimedOut, Unwind};
use futures::executor::block_on;
use support::{Wakes, poll_once};

type Got<V> = Pin<Box<Deferred<Result<V, Failure>, LookUp<&'static str, V>>>>;

/// A get that waits.
fn waits<V: Clone>(dict: &DeferredDict<&'static str, V>, key: &'static str) -> Got<V> {
    let mut get = Box::pin(dict.get(key));
    assert!(poll_once(get.as_mut()).is_pending());
    get
}

/// What it has come to.
fn outcome<V: Clone>(mut get: Got<V>) -> Result<V, DictClosed> {
    match poll_once(get.as_mut()) {
        Poll::Ready(outcome) => outcome.map_err(|failure| *failure.check().expect("it is closed")),
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn a_key_that_is_there_is_there_at_once() {
    let dict = DeferredDict::new();
    dict.insert("a", 1).unwrap();
    let mut get = Box::pin(dict.get("a"));
    assert!(matches!(poll_once(get.as_mut()), Poll::Ready(Ok(1))));
    assert_eq!(dict.waiting(), 0);
}

#[test]
fn it_looks_when_it_is_polled() {
    let dict = DeferredDict::new();
    dict.insert("a", 1).unwrap();
    let get = dict.get("a");
    dict.insert("a", 2).unwrap();
    assert_eq!(block_on(get).unwrap(), 2);
}

#[test]
fn insertion_wakes_all_who_wait_for_the_key_once() {
    let dict = DeferredDict::new();
    let mut gets: Vec<_> = ["a", "b", "a"]
        .map(|key| {
            let (wakes, waker) = Wakes::new();
            let mut get = Box::pin(dict.get(key));
            for _ in 0..2 {
                let mut cx = Context::from_waker(&waker);
                assert!(get.as_mut().poll(&mut cx).is_pending());
            }
            (get, wakes)
        })
        .into();
    assert_eq!(dict.waiting(), 3);
    assert_eq!(dict.insert("a", 1), Ok(None));
    let woken: Vec<_> = gets.iter().map(|(_, wakes)| wakes.count()).collect();
    assert_eq!((woken, dict.waiting()), (vec![1, 0, 1], 1));
    let (last, _) = gets.pop().unwrap();
    assert_eq!(outcome(last), Ok(1));
    assert!(poll_once(gets[1].0.as_mut()).is_pending());
    assert!(matches!(poll_once(gets[0].0.as_mut()), Poll::Ready(Ok(1))));
}

#[test]
fn who_waits_has_the_value_that_was_inserted_whatever_comes_after() {
    let dict = DeferredDict::new();
    let (first, second) = (waits(&dict, "a"), waits(&dict, "a"));
    dict.insert("a", 1).unwrap();
    assert_eq!(dict.insert("a", 2), Ok(Some(1)));
    assert_eq!(outcome(first), Ok(1));
    assert_eq!(dict.remove("a"), Some(2));
    // Others wait for the key meanwhile.
    let third = waits(&dict, "a");
    assert_eq!(outcome(second), Ok(1));
    dict.insert("a", 3).unwrap();
    assert_eq!(outcome(third), Ok(3));
}

#[test]
fn the_last_waker_is_the_one_that_counts() {
    let dict = DeferredDict::new();
    let mut get = Box::pin(dict.get("a"));
    let (first, first_waker) = Wakes::new();
    let (second, second_waker) = Wakes::new();
    for waker in [first_waker, second_waker] {
        let mut cx = Context::from_waker(&waker);
        assert!(get.as_mut().poll(&mut cx).is_pending());
    }
    dict.insert("a", 1).unwrap();
    assert_eq!((first.count(), second.count()), (0, 1));
}

#[test]
fn removing() {
    let dict = DeferredDict::new();
    assert_eq!(dict.remove("a"), None);
    dict.insert("a", 1).unwrap();
    assert!(dict.contains_key("a"));
    assert_eq!(dict.remove("a"), Some(1));
    assert!(!dict.contains_key("a"));
    let get = waits(&dict, "a");
    assert_eq!(
        dict.remove("a"),
        None,
        "there is nothing, and who waits goes on"
    );
    dict.insert("a", 2).unwrap();
    assert_eq!(outcome(get), Ok(2));
}

#[test]
fn closing_fails_those_who_wait_and_those_who_come() {
    let dict = DeferredDict::new();
    dict.insert("there", 1).unwrap();
    let mut waiting = [waits(&dict, "a"), waits(&dict, "b")].into_iter();
    let given = waits(&dict, "c");
    dict.insert("c", 3).unwrap();
    dict.close();
    assert!(dict.is_closed());
    assert_eq!((dict.waiting(), dict.wanted().len()), (0, 0));
    assert!(waiting.all(|get| outcome(get) == Err(DictClosed)));
    assert_eq!(outcome(given), Ok(3), "it came before");
    assert_eq!(outcome(Box::pin(dict.get("a"))), Err(DictClosed));
    assert_eq!(outcome(Box::pin(dict.get("there"))), Ok(1));
    let (key, value) = ("a", 1);
    assert_eq!(dict.insert(key, value), Err(InsertError { key, value }));
    assert_eq!(dict.get_or_insert("there", 7), Ok(1));
    assert_eq!(
        dict.get_or_insert(key, value),
        Err(InsertError { key, value })
    );
    assert_eq!(dict.remove("there"), Some(1));
}

#[test]
fn dropping_the_last_clone_closes_it() {
    let dict = DeferredDict::<_, u8>::new();
    let mut get = waits(&dict, "a");
    let clone = dict.clone();
    drop(dict);
    assert!(poll_once(get.as_mut()).is_pending());
    drop(clone);
    assert_eq!(outcome(get), Err(DictClosed));
}

#[test]
fn who_goes_leaves_nothing_behind() {
    let dict = DeferredDict::<_, u8>::new();
    let (first, second) = (waits(&dict, "a"), waits(&dict, "a"));
    drop(first);
    assert_eq!((dict.waiting(), dict.wanted()), (1, vec!["a"]));
    drop(second);
    assert_eq!((dict.waiting(), dict.wanted().len()), (0, 0));

    let (get, canceller) = dict.get("a").cancellable();
    let mut get = Box::pin(get);
    assert!(poll_once(get.as_mut()).is_pending());
    canceller.cancel();
    assert!(block_on(get).unwrap_err().is_cancelled());
    assert_eq!((dict.waiting(), dict.wanted().len()), (0, 0));
    dict.insert("a", 1).unwrap();
    assert_eq!(dict.len(), 1);
}

#[test]
fn a_cancellation_after_the_insertion_changes_nothing() {
    let dict = DeferredDict::new();
    let mut get = waits(&dict, "a");
    dict.insert("a", 1).unwrap();
    dict.remove("a");
    // The key is missing again, and waited for by somebody else.
    let other = waits(&dict, "a");
    assert!(matches!(get.as_mut().cancel(), Unwind::Idle));
    assert_eq!(outcome(get), Ok(1));
    assert_eq!(dict.waiting(), 1);
    drop(other);

    let mut get = waits(&dict, "a");
    dict.close();
    assert!(matches!(get.as_mut().cancel(), Unwind::Idle));
    assert_eq!(outcome(get), Err(DictClosed));
}

#[test]
fn what_else_a_dictionary_does() {
    let dict: DeferredDict<&str, u8> = [("a", 1), ("b", 2)].into_iter().collect();
    let mut keys = dict.keys();
    keys.sort_unstable();
    assert_eq!((keys, dict.len()), (vec!["a", "b"], 2));
    assert_eq!((dict.try_get("a"), dict.try_get("z")), (Some(1), None));
    assert_eq!(dict.snapshot()["b"], 2);
    let get = waits(&dict, "c");
    assert_eq!(dict.get_or_insert("c", 3), Ok(3));
    assert_eq!(outcome(get), Ok(3), "it is an insertion");
    assert_eq!(dict.get_or_insert("c", 4), Ok(3));
    let get = waits(&dict, "d");
    assert_eq!(dict.clear().len(), 3);
    assert!(dict.is_empty());
    dict.insert("d", 4).unwrap();
    assert_eq!(outcome(get), Ok(4));
}

#[callback]
fn less(one: u32, other: u32) -> u32 {
    one - other
}

#[test]
fn gets_are_arguments() {
    let dict = DeferredDict::new();
    let mut call = Box::pin(less(dict.get("whole"), dict.get("part")));
    assert!(poll_once(call.as_mut()).is_pending());
    dict.insert("part", 8).unwrap();
    assert!(poll_once(call.as_mut()).is_pending());
    dict.insert("whole", 50).unwrap();
    assert_eq!(block_on(call).unwrap(), 42);
}

#[tokio::test(start_paused = true)]
async fn gets_have_limits_of_time() {
    let dict = DeferredDict::<_, u8>::new();
    let failure = dict
        .get("a")
        .timeout(Duration::from_secs(5))
        .await
        .unwrap_err();
    assert!(failure.check::<TimedOut>().is_some());
    assert_eq!(dict.waiting(), 0);
}

/// A waker that uses the dictionary from where it is called.
struct Meddles(DeferredDict<u8, u8>);

impl std::task::Wake for Meddles {
    fn wake(self: Arc<Self>) {
        let seen = self.0.try_get(&1).unwrap_or_default();
        self.0.insert(2, seen + 1).unwrap();
    }
}

#[test]
fn no_waker_is_called_under_the_lock() {
    let dict = DeferredDict::new();
    let mut get = Box::pin(dict.get(1));
    let waker = Arc::new(Meddles(dict.clone())).into();
    assert!(
        get.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    dict.insert(1, 41).unwrap();
    assert_eq!(dict.try_get(&2), Some(42));
}

/// A value that counts how often it was cloned, and panics at one of these times.
#[derive(Debug)]
struct Counts(Arc<AtomicUsize>, usize);

impl Clone for Counts {
    fn clone(&self) -> Self {
        let before = self.0.fetch_add(1, SeqCst);
        assert_ne!(before + 1, self.1, "not this time");
        Counts(self.0.clone(), self.1)
    }
}

#[test]
fn a_value_is_cloned_for_each_who_asks() {
    let clones = Arc::new(AtomicUsize::new(0));
    let dict = DeferredDict::new();
    let gets = [waits(&dict, "a"), waits(&dict, "a")];
    dict.insert("a", Counts(clones.clone(), 0)).unwrap();
    assert_eq!(clones.load(SeqCst), 1, "one for all who wait");
    for get in gets {
        outcome(get).unwrap();
    }
    assert_eq!(clones.load(SeqCst), 3);
}

#[test]
fn a_clone_that_panics_takes_nobody_along() {
    let dict = DeferredDict::new();
    let get = waits(&dict, "a");
    let value = |at| Counts(Arc::default(), at);
    let insert = || dict.insert("a", value(1)).map(drop);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(insert)).unwrap_err();
    assert_eq!((dict.waiting(), dict.len()), (1, 0));
    dict.insert("a", value(0)).unwrap();
    outcome(get).unwrap();
}

#[test]
fn a_hundred_thousand_wait_for_one_key() {
    const N: usize = 100_000;
    let dict = DeferredDict::new();
    let mut all: Vec<Got<u8>> = (0..N).map(|_| waits(&dict, "a")).collect();
    all.truncate(N / 2);
    assert_eq!(dict.waiting(), N / 2);
    dict.insert("a", 1).unwrap();
    assert!(all.into_iter().all(|get| outcome(get) == Ok(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn producers_and_consumers_in_different_orders() {
    const N: u32 = 10_000;
    let dict = DeferredDict::new();
    let consumer = gather((0..N).map(|n| dict.get(n))).start();
    let producers: Vec<_> = (0..2)
        .map(|part| {
            let dict = dict.clone();
            tokio::spawn(async move {
                for n in (0..N).rev().filter(|n| n % 2 == part) {
                    dict.insert(n, n * 2).unwrap();
                }
            })
        })
        .collect();
    let values = consumer.await.unwrap();
    assert!(values.into_iter().eq((0..N).map(|n| n * 2)));
    for producer in producers {
        producer.await.unwrap();
    }
    assert_eq!((dict.waiting(), dict.len()), (0, N as usize));
}

mod auto_traits {
    use super::*;
    use static_assertions::assert_impl_all;

    assert_impl_all!(DeferredDict<u8, u8>: Send, Sync, Unpin, Clone, Default, std::fmt::Debug);
    assert_impl_all!(LookUp<u8, std::cell::Cell<u8>>: Send, Sync, Unpin, std::fmt::Debug);
    assert_impl_all!(InsertError<u8, u8>: std::error::Error);
    assert_impl_all!(DictClosed: std::error::Error, Copy);
}
