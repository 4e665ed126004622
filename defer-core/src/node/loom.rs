//! Every order in which a box and its wakers can meet.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p defer-core --lib loom`

use alloc::sync::Arc;
use core::task::{Context, Waker};

use loom::thread;

use super::Raw;
use crate::AddCallback;
use crate::gates::{Gate, Task};

fn poll(boxed: &mut Raw<'_, ()>, waker: &Waker) -> bool {
    boxed
        .poll(&mut Context::from_waker(waker), false)
        .is_ready()
}

#[test]
fn no_wake_is_lost() {
    loom::model(|| {
        let gate = Gate::new();
        let mut boxed = Raw::new(gate.wait().into_chain());
        let (_, first) = Task::new();
        assert!(!poll(&mut boxed, &first));
        let (waker, opens) = (gate.waker(), gate.clone());
        let thread = thread::spawn(move || {
            opens.open();
            waker.wake();
        });
        // Another task polls now, and sleeps until it is woken.
        let (task, second) = Task::new();
        let mut ready = poll(&mut boxed, &second);
        if !ready && task.woken() {
            ready = poll(&mut boxed, &second);
        }
        thread.join().unwrap();
        assert!(ready || task.woken() && poll(&mut boxed, &second));
    });
}

#[test]
fn no_wake_is_lost_while_it_is_polled() {
    loom::model(|| {
        let gate = Gate::new();
        let mut boxed = Raw::new(gate.wait().into_chain());
        let (task, waker) = Task::new();
        assert!(!poll(&mut boxed, &waker));
        let (inner, opens) = (gate.waker(), gate.clone());
        let thread = thread::spawn(move || {
            inner.wake_by_ref();
            opens.open();
            inner.wake();
        });
        let mut ready = false;
        for _ in 0..2 {
            if !ready && task.woken() {
                ready = poll(&mut boxed, &waker);
            }
        }
        thread.join().unwrap();
        while !ready {
            assert!(task.woken());
            ready = poll(&mut boxed, &waker);
        }
    });
}

#[test]
fn two_wakers_and_another_task() {
    let mut model = loom::model::Builder::new();
    // Three threads have too many orders to try them all.
    model.preemption_bound = Some(2);
    model.check(|| {
        let gate = Gate::new();
        let mut boxed = Raw::new(gate.wait().into_chain());
        let (_, first) = Task::new();
        assert!(!poll(&mut boxed, &first));
        let threads = [(), ()].map(|()| {
            let (waker, opens) = (gate.waker(), gate.clone());
            thread::spawn(move || {
                opens.open();
                waker.wake();
            })
        });
        let (task, second) = Task::new();
        let mut ready = poll(&mut boxed, &second);
        for thread in threads {
            thread.join().unwrap();
        }
        while !ready {
            assert!(task.woken());
            ready = poll(&mut boxed, &second);
        }
        drop((boxed, second));
        gate.forget();
        assert_eq!(Arc::strong_count(&task), 1);
    });
}

#[test]
fn no_wake_is_lost_through_two_boxes() {
    loom::model(|| {
        let gate = Gate::new();
        // The callback keeps the outer box from becoming the inner one.
        let calls = gate.wait().boxed_local().add_callback(|()| ());
        let mut boxed = Raw::new(calls.into_chain());
        let (task, waker) = Task::new();
        assert!(!poll(&mut boxed, &waker));
        let (inner, opens) = (gate.waker(), gate.clone());
        let thread = thread::spawn(move || {
            opens.open();
            inner.wake_by_ref();
        });
        let mut ready = false;
        if task.woken() {
            ready = poll(&mut boxed, &waker);
        }
        thread.join().unwrap();
        assert!(ready || task.woken() && poll(&mut boxed, &waker));
    });
}

#[test]
fn dropped_while_it_is_woken() {
    loom::model(|| {
        let gate = Gate::new();
        let mut boxed = Raw::new(gate.wait().into_chain());
        let (task, waker) = Task::new();
        assert!(!poll(&mut boxed, &waker));
        let kept = gate.waker();
        gate.forget();
        let thread = thread::spawn(move || {
            kept.wake_by_ref();
            kept.clone().wake();
            kept
        });
        drop(boxed);
        assert!(gate.is_dropped(), "here and now");
        let kept = thread.join().unwrap();
        drop(waker);
        // The waker that was left does not hold the task.
        assert_eq!(Arc::strong_count(&task), 1);
        drop(kept);
    });
}
