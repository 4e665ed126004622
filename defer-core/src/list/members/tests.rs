//! Lists that grow while they run, and slots that are used again. For miri, small.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::{Context, Poll, Waker};
use std::sync::Mutex;
use std::task::Wake;

use super::Members;
use crate::chain::Chain;
use crate::defer;

/// A task that counts how often it is woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Something to wait for. A clone is the same.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<(bool, usize, Option<Waker>)>>);

impl Gate {
    fn open(&self) {
        self.0.lock().unwrap().0 = true;
        self.waker().wake();
    }
    fn polls(&self) -> usize {
        self.0.lock().unwrap().1
    }
    fn waker(&self) -> Waker {
        self.0.lock().unwrap().2.clone().expect("it was polled")
    }
}

impl Future for Gate {
    type Output = ();
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut inside = self.0.lock().unwrap();
        inside.1 += 1;
        if inside.0 {
            return Poll::Ready(());
        }
        inside.2 = Some(cx.waker().clone());
        Poll::Pending
    }
}

fn member(gate: &Gate) -> impl Chain<Output = ()> + use<> {
    defer(gate.clone()).into_chain()
}

fn gates(many: usize) -> Vec<Gate> {
    (0..many).map(|_| Gate::default()).collect()
}

/// The places of those that have come to something, in that order.
fn done(members: &mut Members<impl Chain<Output = ()>>) -> Vec<usize> {
    done_in(members, Waker::noop())
}

fn done_in(members: &mut Members<impl Chain<Output = ()>>, waker: &Waker) -> Vec<usize> {
    let mut done = Vec::new();
    while let Poll::Ready(Some((place, out))) = members.poll_next(&mut Context::from_waker(waker)) {
        assert_eq!(out, Some(()));
        done.push(place);
    }
    done
}

#[test]
fn it_grows_while_it_runs_and_moves_nobody() {
    let gates = gates(70);
    let mut members: Members<_> = gates[..3].iter().map(member).collect();
    for (place, gate) in gates.iter().enumerate().skip(3) {
        assert!(done(&mut members).is_empty());
        assert_eq!(members.push(member(gate)), place);
    }
    assert!(done(&mut members).is_empty());
    assert_eq!(members.len(), 70);
    assert!(gates.iter().all(|gate| gate.polls() == 1));
    for place in [69, 0, 33, 3, 2, 4, 68] {
        gates[place].open();
        assert_eq!(done(&mut members), [place]);
        assert_eq!(gates[place].polls(), 2);
    }
    assert_eq!(members.len(), 63);
}

#[test]
fn the_slots_of_those_that_are_done_are_used_again() {
    let gates = gates(100);
    let mut members = Members::new();
    for gate in &gates[..3] {
        members.push(member(gate));
    }
    for (place, gate) in gates.iter().enumerate().skip(3) {
        assert!(done(&mut members).is_empty());
        gates[place - 2].open();
        assert_eq!(done(&mut members), [place - 2]);
        assert_eq!(members.push(member(gate)), place);
    }
    assert_eq!((members.len(), members.slots.len()), (3, 3));
    assert!(members.wakes.len() <= 4, "no more heads either");
}

#[test]
fn those_in_other_slots_are_asked_and_drawn_by_their_places() {
    let gates = gates(6);
    let mut members: Members<_> = gates[..4].iter().map(member).collect();
    assert!(done(&mut members).is_empty());
    for place in [1, 0] {
        gates[place].open();
    }
    assert_eq!(done(&mut members), [1, 0]);
    // They get the slots that became vacant, the last one first.
    members.push(member(&gates[4]));
    members.push(member(&gates[5]));
    assert!(members.mixed);
    assert!(done(&mut members).is_empty());
    assert_eq!(members.some(9).len(), 4);
    assert_eq!(members.some(2).len(), 2);
    members.ask();
    let mut gone = Vec::new();
    while let Poll::Ready(Some(next)) = members.poll_next(&mut Context::from_waker(Waker::noop())) {
        gone.push(next);
    }
    assert_eq!(gone, [(2, None), (3, None), (4, None), (5, None)]);
}

#[test]
fn who_is_added_comes_after_those_that_woke_before() {
    let gates = gates(4);
    let mut members: Members<_> = gates[..2].iter().map(member).collect();
    assert!(done(&mut members).is_empty());
    gates[1].open();
    gates[2].0.lock().unwrap().0 = true;
    members.push(member(&gates[2]));
    gates[0].open();
    gates[3].0.lock().unwrap().0 = true;
    members.push(member(&gates[3]));
    assert_eq!(done(&mut members), [1, 2, 0, 3]);
}

#[test]
fn a_wake_up_after_one_was_added_tells_the_task() {
    let gates = gates(2);
    let task = Arc::new(Task::default());
    let waker = Waker::from(task.clone());
    let mut members: Members<_> = gates[..1].iter().map(member).collect();
    assert!(done_in(&mut members, &waker).is_empty());
    members.push(member(&gates[1]));
    assert_eq!(task.0.load(SeqCst), 0, "who adds polls");
    gates[0].open();
    assert_eq!(task.0.load(SeqCst), 1);
    assert_eq!(done_in(&mut members, &waker), [0]);
    assert_eq!(gates[1].polls(), 1);
}

#[test]
fn a_waker_that_was_left_by_the_one_before_does_no_harm() {
    let gates = gates(3);
    let mut members: Members<_> = gates[..1].iter().map(member).collect();
    assert!(done(&mut members).is_empty());
    let late = gates[0].waker();
    gates[0].open();
    assert_eq!(done(&mut members), [0]);
    // To nobody, and to the next one in the slot.
    late.wake_by_ref();
    members.push(member(&gates[1]));
    late.wake_by_ref();
    assert!(done(&mut members).is_empty());
    late.wake_by_ref();
    assert!(done(&mut members).is_empty());
    gates[1].open();
    assert_eq!(done(&mut members), [1]);
    members.clear();
    late.wake_by_ref();
    assert_eq!(members.push(member(&gates[2])), 2);
    late.wake();
    assert!(done(&mut members).is_empty());
    assert_eq!(gates[2].polls(), 1);
    gates[2].open();
    assert_eq!(done(&mut members), [2]);
}

#[test]
fn the_places_go_on_after_all_were_dropped() {
    let gates = gates(5);
    let mut members: Members<_> = gates[..3].iter().map(member).collect();
    assert!(done(&mut members).is_empty());
    members.clear();
    assert!(members.is_empty() && members.some(9).is_empty());
    assert!(
        members
            .poll_next(&mut Context::from_waker(Waker::noop()))
            .is_ready(),
        "there is none"
    );
    // Of those that are gone.
    gates[0].waker().wake();
    assert_eq!(members.push(member(&gates[3])), 3);
    assert_eq!(members.push(member(&gates[4])), 4);
    assert!(done(&mut members).is_empty());
    gates[4].open();
    gates[3].open();
    assert_eq!(done(&mut members), [4, 3]);
}
