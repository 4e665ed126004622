//! Every order in which a list and the wakers of its members can meet.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p defer-core --lib loom`

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};

use loom::thread;

use super::Members;
use crate::chain::Chain;
use crate::gates::{Gate, Task};

fn member(gate: &Arc<Gate>) -> impl Chain<Output = ()> + use<> {
    gate.wait().into_chain()
}

/// Poll until it waits, or has no member left; whether it has none.
fn poll(members: &mut Members<impl Chain<Output = ()>>, waker: &Waker) -> bool {
    loop {
        match members.poll_next(&mut Context::from_waker(waker)) {
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => return true,
            Poll::Pending => return false,
        }
    }
}

/// Open it on another thread.
fn opened(gate: &Arc<Gate>) -> thread::JoinHandle<()> {
    let (waker, opens) = (gate.waker(), gate.clone());
    thread::spawn(move || {
        opens.open();
        waker.wake();
    })
}

/// Three threads have too many orders to try them all.
fn model_of_three(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(test);
}

#[test]
fn no_wake_is_lost() {
    loom::model(|| {
        let gate = Gate::new();
        let mut members: Members<_> = [&gate].into_iter().map(member).collect();
        let (_, first) = Task::new();
        assert!(!poll(&mut members, &first));
        let thread = opened(&gate);
        // Another task polls now, and sleeps until it is woken.
        let (task, second) = Task::new();
        let mut done = poll(&mut members, &second);
        if !done && task.woken() {
            done = poll(&mut members, &second);
        }
        thread.join().unwrap();
        assert!(done || task.woken() && poll(&mut members, &second));
    });
}

#[test]
fn no_wake_is_lost_while_it_is_polled() {
    loom::model(|| {
        let gate = Gate::new();
        let mut members: Members<_> = [&gate].into_iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        let (inner, opens) = (gate.waker(), gate.clone());
        let thread = thread::spawn(move || {
            inner.wake_by_ref();
            opens.open();
            inner.wake();
        });
        let mut done = false;
        for _ in 0..2 {
            if !done && task.woken() {
                done = poll(&mut members, &waker);
            }
        }
        thread.join().unwrap();
        while !done {
            assert!(task.woken());
            done = poll(&mut members, &waker);
        }
    });
}

#[test]
fn two_members_wake_at_once() {
    model_of_three(|| {
        let gates = [Gate::new(), Gate::new()];
        let mut members: Members<_> = gates.iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        let threads = gates.each_ref().map(opened);
        let mut done = task.woken() && poll(&mut members, &waker);
        for thread in threads {
            thread.join().unwrap();
        }
        while !done {
            assert!(task.woken());
            done = poll(&mut members, &waker);
        }
    });
}

#[test]
fn the_task_is_told_once_for_both() {
    model_of_three(|| {
        let gates = [Gate::new(), Gate::new()];
        let mut members: Members<_> = gates.iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        for thread in gates.each_ref().map(opened) {
            thread.join().unwrap();
        }
        assert_eq!(task.times(), 1);
        assert!(poll(&mut members, &waker));
    });
}

#[test]
fn dropped_while_it_is_woken() {
    loom::model(|| {
        let gate = Gate::new();
        let mut members: Members<_> = [&gate].into_iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        let kept = gate.waker();
        gate.forget();
        let thread = thread::spawn(move || {
            kept.wake_by_ref();
            kept.clone().wake();
            kept
        });
        drop(members);
        assert!(gate.is_dropped(), "here and now");
        let kept = thread.join().unwrap();
        drop(waker);
        // The waker that was left does not hold the task.
        assert_eq!(Arc::strong_count(&task), 1);
        kept.wake();
    });
}

#[test]
fn cleared_while_it_is_woken() {
    loom::model(|| {
        let gates = [Gate::new(), Gate::new()];
        let mut members: Members<_> = gates[..1].iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        let thread = opened(&gates[0]);
        members.clear();
        assert!(gates[0].is_dropped(), "here and now");
        // It goes on with others, in the same task.
        assert_eq!(members.push(member(&gates[1])), 1);
        assert!(!poll(&mut members, &waker));
        thread.join().unwrap();
        task.woken();
        opened(&gates[1]).join().unwrap();
        assert!(task.woken() && poll(&mut members, &waker));
    });
}

#[test]
fn a_waker_of_one_that_had_the_slot_before_loses_no_wake() {
    model_of_three(|| {
        let gates = [Gate::new(), Gate::new()];
        let mut members: Members<_> = gates[..1].iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        let late = gates[0].waker();
        opened(&gates[0]).join().unwrap();
        assert!(task.woken() && poll(&mut members, &waker));
        let mut late = Some(thread::spawn(move || late.wake()));
        members.push(member(&gates[1]));
        assert!(!poll(&mut members, &waker));
        if !gates[1].is_polled() {
            // The late one is about to put it into the queue.
            late.take().unwrap().join().unwrap();
            assert!(task.woken() && !poll(&mut members, &waker));
        }
        let thread = opened(&gates[1]);
        let mut done = task.woken() && poll(&mut members, &waker);
        for thread in late.into_iter().chain([thread]) {
            thread.join().unwrap();
        }
        while !done {
            assert!(task.woken());
            done = poll(&mut members, &waker);
        }
    });
}

#[test]
fn asked_while_it_is_woken() {
    loom::model(|| {
        let gates = [Gate::new(), Gate::new()];
        let mut members: Members<_> = gates.iter().map(member).collect();
        let (task, waker) = Task::new();
        assert!(!poll(&mut members, &waker));
        let mut thread = Some(opened(&gates[0]));
        members.ask();
        let mut all = Vec::new();
        while !members.is_empty() {
            match members.poll_next(&mut Context::from_waker(&waker)) {
                Poll::Ready(next) => all.extend(next),
                Poll::Pending => {
                    // It is about to put the first one into the queue.
                    thread.take().unwrap().join().unwrap();
                    assert!(task.woken());
                }
            }
        }
        // The one that wakes now may come after.
        all.sort_unstable();
        assert_eq!(all, [(0, None), (1, None)]);
        if let Some(thread) = thread {
            thread.join().unwrap();
            assert!(task.woken(), "by one or the other");
        }
    });
}
