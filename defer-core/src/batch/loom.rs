//! Every order in which the calls of a batch can go, be polled and be answered.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p defer-core --lib loom`

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::Mutex;
use std::task::Wake;

use loom::thread;

use super::collect::{Collector, turn};
use super::{Batched, FromWrongAnswers, Key, Returns};
use crate::{Chain, Deferred, Fails, Failure, Resolver, Unwind};

/// A task: how often it was woken since it was last asked. Not loom's atomics: wakers live in
/// std's `Arc`, which loom does not see.
struct Task(AtomicUsize);

impl Task {
    fn new() -> (Arc<Self>, Waker) {
        let task = Arc::new(Task(AtomicUsize::new(0)));
        (task.clone(), task.into())
    }
    fn woken(&self) -> bool {
        self.0.swap(0, Ordering::SeqCst) > 0
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

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

type Call = Pin<Box<Deferred<Result<u8, Failure>, Batched<u8, u8>>>>;

fn poll(call: &mut Call, waker: &Waker) -> Poll<Result<u8, Failure>> {
    call.as_mut().poll(&mut Context::from_waker(waker))
}

/// Calls for 0, 1, …, which are sent, and the resolver of their answers. What runs has woken
/// once, so that the next call to be polled has it in its hands, and waits again then.
fn sent(calls: u8) -> (Vec<Call>, Resolver<Vec<u8>>) {
    let asked = Arc::new(Mutex::new(None));
    let told = asked.clone();
    let batch: Batch<u8, u8> = made(move |_: Vec<u8>| {
        let (first, begun) = Deferred::<Result<(), Failure>, _>::new();
        let (resolver, answers) = Deferred::<Result<Vec<u8>, Failure>, _>::new();
        *told.lock().unwrap() = Some((first, resolver));
        begun.add_callback(move |()| answers)
    });
    let mut calls: Vec<Call> = (0..calls).map(|key| Box::pin(batch.get(key))).collect();
    loop {
        for call in &mut calls {
            assert!(poll(call, Waker::noop()).is_pending());
        }
        if let Some((first, resolver)) = asked.lock().unwrap().take() {
            first.callback(()).unwrap();
            return (calls, resolver);
        }
    }
}

/// Poll it as an executor does: only when it was woken.
#[track_caller]
fn finish(mut polled: Poll<Result<u8, Failure>>, call: &mut Call, task: &(Arc<Task>, Waker)) -> u8 {
    while polled.is_pending() {
        assert!(task.0.woken(), "a wake-up was lost");
        polled = poll(call, &task.1);
    }
    let Poll::Ready(outcome) = polled else {
        panic!("it is not pending")
    };
    outcome.unwrap()
}

/// Threads with some ten locks each have more orders than there is time for: those in which
/// they are interrupted three times.
fn bounded(run: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(run);
}

#[test]
fn one_that_goes_in_the_middle_of_it_all_takes_no_wake_up_along() {
    bounded(|| {
        let (mut calls, resolver) = sent(2);
        let (mut stays, mut goes) = (calls.remove(0), calls.remove(0));
        let going = thread::spawn(move || {
            let _ = poll(&mut goes, Waker::noop());
            drop(goes);
        });
        let firing = thread::spawn(move || resolver.callback(vec![7, 8]).is_ok());
        let task = Task::new();
        let polled = poll(&mut stays, &task.1);
        going.join().unwrap();
        assert!(firing.join().unwrap(), "somebody waits");
        assert_eq!(finish(polled, &mut stays, &task), 7);
    });
}

#[test]
fn both_are_answered_whoever_drives() {
    loom::model(|| {
        let (mut calls, resolver) = sent(2);
        let (mut here, mut there) = (calls.remove(0), calls.remove(0));
        let elsewhere = thread::spawn(move || {
            let task = Task::new();
            let polled = poll(&mut there, &task.1);
            (polled, there, task)
        });
        let task = Task::new();
        let polled = poll(&mut here, &task.1);
        resolver.callback(vec![7, 8]).unwrap();
        let (that, mut there, other) = elsewhere.join().unwrap();
        assert_eq!(finish(polled, &mut here, &task), 7);
        assert_eq!(finish(that, &mut there, &other), 8);
    });
}

#[test]
fn of_two_that_are_cancelled_one_is_the_last() {
    loom::model(|| {
        let (mut calls, resolver) = sent(2);
        let (mut here, mut there) = (calls.remove(0), calls.remove(0));
        // What runs waits for its answers.
        assert!(poll(&mut here, Waker::noop()).is_pending());
        let elsewhere = thread::spawn(move || {
            let unwind = there.as_mut().cancel();
            assert!(matches!(unwind, Unwind::Out));
        });
        let unwind = here.as_mut().cancel();
        assert!(matches!(unwind, Unwind::Out));
        elsewhere.join().unwrap();
        assert!(resolver.is_cancelled(), "what ran was cancelled");
    });
}

#[test]
fn the_last_one_is_dropped_while_it_is_answered() {
    loom::model(|| {
        let (calls, resolver) = sent(2);
        let dropping = thread::spawn(move || drop(calls));
        let back = resolver.callback(vec![7, 8]);
        dropping.join().unwrap();
        if let Err(back) = back {
            assert_eq!(back, [7, 8]);
        }
    });
}

#[test]
fn keys_that_are_handed_in_on_two_threads_are_all_answered() {
    bounded(|| {
        let asked = Arc::new(AtomicUsize::new(0));
        let told = asked.clone();
        let batch: Batch<u8, u8> = made(move |keys: Vec<u8>| {
            told.fetch_add(keys.len(), Ordering::SeqCst);
            keys.iter().map(|key| key + 10).collect::<Vec<_>>()
        });
        let other = batch.clone();
        let run = |batch: Batch<u8, u8>, key| {
            let mut call: Call = Box::pin(batch.get(key));
            let task = Task::new();
            let mut polled = poll(&mut call, &task.1);
            // Its own wake-ups, or those of who drives, which is the other thread.
            while polled.is_pending() {
                if !task.0.woken() {
                    thread::yield_now();
                    continue;
                }
                polled = poll(&mut call, &task.1);
            }
            finish(polled, &mut call, &task)
        };
        let elsewhere = thread::spawn(move || run(other, 2));
        assert_eq!(run(batch, 1), 11);
        assert_eq!(elsewhere.join().unwrap(), 12);
        assert_eq!(
            asked.load(Ordering::SeqCst),
            2,
            "no key is lost, none asked twice"
        );
    });
}
