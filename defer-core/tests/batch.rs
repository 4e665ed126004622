//! Batches without the facade: what miri looks at. The whole behaviour is in
//! `tests/batching` of the facade.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use defer_core::__private::{Collector, turn};
use defer_core::batch::{FromWrongAnswers, Key, Returns, WrongAnswers};
use defer_core::{Deferred, Fails, Failure, Resolver, defer};
use futures::executor::block_on;
use futures::future::join_all;

type Batch<K, T, E = Failure> = Collector<K, T, Fails<E>>;

fn made<K, T, E, R, M>(ask: impl Fn(Vec<K>) -> R + Send + Sync + 'static) -> Batch<K, T, E>
where
    K: Key,
    T: Clone + Send + 'static,
    E: FromWrongAnswers + Clone + Send + 'static,
    R: Returns<K, T, E, M>,
{
    Collector::fallible("made", turn, ask)
}

/// The keys that were asked for, batch by batch.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<Vec<u32>>>>);

impl Book {
    fn note(&self, keys: &[u32]) {
        self.0.lock().unwrap().push(keys.to_vec());
    }
    fn all(&self) -> Vec<Vec<u32>> {
        self.0.lock().unwrap().clone()
    }
}

fn doubles(book: &Book) -> Batch<u32, u32> {
    let book = book.clone();
    made(move |keys: Vec<u32>| {
        book.note(&keys);
        keys.iter().map(|key| key * 2).collect::<Vec<_>>()
    })
}

/// An error of the user's.
#[derive(Clone, Debug, PartialEq)]
struct Text(String);

impl Text {
    fn of(text: &str) -> Self {
        Text(text.to_string())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::of(text)
    }
}

impl From<WrongAnswers> for Text {
    fn from(wrong: WrongAnswers) -> Self {
        Text(wrong.to_string())
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn keys_are_asked_once_and_in_order() {
    let book = Book::default();
    let batch = doubles(&book);
    let all = [3, 1, 3, 2, 1].map(|key| batch.get(key));
    let all = block_on(join_all(all));
    let all: Vec<u32> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(all, [6, 2, 6, 4, 2]);
    assert_eq!(book.all(), [[3, 1, 2]]);
}

#[test]
fn a_batch_of_the_largest_size_does_not_wait_and_is_not_asked_twice() {
    let book = Book::default();
    let batch = doubles(&book).max(2);
    let all = (0..5).chain(0..5).map(|key| batch.get(key));
    let all = block_on(join_all(all));
    let all: Vec<u32> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(all, [0, 2, 4, 6, 8, 0, 2, 4, 6, 8]);
    assert_eq!(book.all(), [vec![0, 1], vec![2, 3], vec![4]]);
}

#[test]
fn maps_answer_by_key_and_leave_their_own_calls_without() {
    let known: BTreeMap<u32, u32> = [(1, 10), (3, 30), (9, 90)].into();
    let batch: Batch<u32, u32> = made(move |_: Vec<u32>| known.clone()).named("tens");
    let all = block_on(join_all([1, 2, 3, 4].map(|key| batch.get(key))));
    let told: Vec<_> = all
        .iter()
        .map(|outcome| outcome.as_ref().map_err(|why| why.to_string()))
        .collect();
    let missing = "`tens` gave no answer for 2 of 4 keys: 2, 4".to_string();
    assert_eq!(told, [Ok(&10), Err(missing.clone()), Ok(&30), Err(missing)]);
}

#[test]
fn a_list_of_another_length_fails_every_call() {
    let batch: Batch<u32, u32> = made(|_: Vec<u32>| vec![1, 2, 3]).named("three");
    for keys in [vec![1, 2], vec![1, 2, 3, 4, 5, 6, 7]] {
        let all = block_on(join_all(keys.iter().map(|key| batch.get(*key))));
        for outcome in all {
            let failure = outcome.unwrap_err();
            let wrong = failure.check::<WrongAnswers>().unwrap();
            assert_eq!((wrong.asked(), wrong.given()), (keys.len(), 3));
            assert_eq!(wrong.keys().len(), keys.len());
        }
    }
}

#[test]
fn every_key_gets_its_own_failure_or_all_of_them_the_same() {
    let odd: Batch<u32, u32, Text> = made(|keys: Vec<u32>| {
        let own = |key| if key % 2 == 0 { Ok(key) } else { Err("odd") };
        keys.into_iter()
            .map(|key| (key, own(key)))
            .collect::<HashMap<_, _>>()
    });
    let all = block_on(join_all([1, 2].map(|key| odd.get(key))));
    assert_eq!(all, [Err(Text::of("odd")), Ok(2)]);

    let down: Batch<u32, u32, Text> =
        made(|_: Vec<u32>| defer(async { Err::<Vec<u32>, _>("down") }));
    let all = block_on(join_all([1, 2].map(|key| down.get(key))));
    assert_eq!(all, [Err(Text::of("down")), Err(Text::of("down"))]);
}

/// A batch whose function is answered by hand, one resolver a batch.
type ByHand = Arc<Mutex<Vec<(Vec<u32>, Option<Resolver<Vec<u32>>>)>>>;

fn by_hand() -> (Batch<u32, u32>, ByHand) {
    let asked = ByHand::default();
    let told = asked.clone();
    let batch = made(move |keys: Vec<u32>| {
        let (resolver, answers) = Deferred::<Result<Vec<u32>, Failure>, _>::new();
        told.lock().unwrap().push((keys, Some(resolver)));
        answers
    });
    (batch, asked)
}

#[test]
fn who_drives_may_go_at_any_time() {
    for (leaves, drop_first) in [(0, true), (1, true), (0, false), (1, false)] {
        let (batch, asked) = by_hand();
        let mut calls: Vec<_> = (0..3).map(|key| Some(Box::pin(batch.get(key)))).collect();
        for _ in 0..20 {
            for call in calls.iter_mut().flatten() {
                assert!(poll(call.as_mut()).is_pending());
            }
        }
        if drop_first {
            calls[leaves] = None;
        }
        let (keys, resolver) = {
            let mut asked = asked.lock().unwrap();
            assert_eq!(asked.len(), 1);
            let (keys, resolver) = &mut asked[0];
            (keys.clone(), resolver.take().unwrap())
        };
        assert_eq!(keys, [0, 1, 2], "what was sent stays");
        resolver.callback(vec![10, 11, 12]).unwrap();
        calls[leaves] = None;
        for (key, call) in calls.iter_mut().enumerate() {
            let Some(call) = call else { continue };
            let Poll::Ready(outcome) = poll(call.as_mut()) else {
                panic!("its batch is answered")
            };
            assert_eq!(outcome.unwrap(), 10 + key as u32);
        }
    }
}

#[test]
fn the_last_one_to_go_drops_what_runs() {
    let (batch, asked) = by_hand();
    let mut calls: Vec<_> = (0..2).map(|key| Box::pin(batch.get(key))).collect();
    for _ in 0..20 {
        for call in &mut calls {
            assert!(poll(call.as_mut()).is_pending());
        }
    }
    let gone = |asked: &ByHand| asked.lock().unwrap()[0].1.as_ref().unwrap().is_cancelled();
    drop(calls.pop());
    assert!(!gone(&asked));
    drop(calls.pop());
    assert!(gone(&asked));
}

#[test]
fn a_call_that_is_not_polled_any_more_holds_nobody_up() {
    let (batch, asked) = by_hand();
    let mut held = pin!(batch.get(1));
    assert!(poll(held.as_mut()).is_pending());
    // Polled by its own wake-ups only.
    let answers = std::thread::spawn({
        let asked = asked.clone();
        move || loop {
            if let Some((_, resolver)) = asked.lock().unwrap().first_mut() {
                resolver.take().unwrap().callback(vec![10, 20]).unwrap();
                break;
            }
            std::thread::yield_now();
        }
    });
    assert_eq!(block_on(batch.get(2)).unwrap(), 20);
    answers.join().unwrap();
    assert_eq!(block_on(held).unwrap(), 10);
}

#[test]
fn a_panic_comes_out_of_every_call() {
    let batch: Batch<u32, u32> = made(|keys: Vec<u32>| -> Vec<u32> {
        std::panic::resume_unwind(Box::new(format!("no {}", keys.len())))
    });
    let calls = [1, 2].map(|key| batch.get(key).catch_panics());
    let told: Vec<_> = block_on(join_all(calls))
        .into_iter()
        .map(|outcome| outcome.unwrap_err().to_string())
        .collect();
    assert_eq!(told, ["panicked: no 2", "panicked: no 2"]);
}

#[test]
fn a_key_that_was_withdrawn_is_not_sent() {
    let book = Book::default();
    let batch = doubles(&book);
    let mut first = Box::pin(batch.get(1));
    assert!(poll(first.as_mut()).is_pending());
    let mut second = Box::pin(batch.get(2));
    assert!(poll(second.as_mut()).is_pending());
    drop(first);
    assert_eq!(block_on(second).unwrap(), 4);
    assert_eq!(book.all(), [[2]]);
}

#[test]
fn a_value_is_cloned_for_those_who_share_it_and_for_nobody_else() {
    thread_local!(static CLONES: Cell<usize> = const { Cell::new(0) });
    struct Value;
    impl Clone for Value {
        fn clone(&self) -> Self {
            CLONES.set(CLONES.get() + 1);
            Value
        }
    }
    let batch: Batch<u32, Value> =
        made(|keys: Vec<u32>| keys.iter().map(|_| Value).collect::<Vec<_>>());
    let calls = [1, 2, 2, 2].map(|key| batch.get(key).add_callback(|_| ()));
    block_on(join_all(calls));
    assert_eq!(CLONES.get(), 2);
}
