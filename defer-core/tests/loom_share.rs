//! Every order in which clones of a shared deferred and its waker can meet, by loom:
//! `RUSTFLAGS="--cfg loom" cargo test -p defer-core --release --test loom_share`.
#![cfg(loom)]

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use defer_core::share::Shared;
use defer_core::{Chain, Deferred, Failure, HandMade, Resolver, Unwind, defer};
use loom::sync::Mutex;
use loom::thread;

/// Counts wake-ups. Not loom's atomics: wakers live in std's `Arc`, which loom does not see.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    fn new() -> (Arc<Self>, Waker) {
        let task = Arc::new(Task::default());
        (task.clone(), task.into())
    }
    fn woken(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// A gate: work that is pending until it is opened.
#[derive(Clone)]
struct Gate(Arc<Mutex<(bool, Option<Waker>)>>);

impl Gate {
    /// Not boxed: loom does not see the atomics of a box from here.
    fn shared() -> (Gate, Deferred<u8, Shared<impl Chain<Output = u8>>>) {
        let gate = Gate(Arc::new(Mutex::new((false, None))));
        let work = gate.clone();
        let shared = defer(poll_fn(move |cx| {
            let mut gate = work.0.lock().unwrap();
            gate.1 = Some(cx.waker().clone());
            if gate.0 {
                Poll::Ready(7)
            } else {
                Poll::Pending
            }
        }));
        (gate, shared.shared())
    }
    /// Wakes whoever polled last, as any leaf does.
    fn open(&self) {
        let waker = {
            let mut gate = self.0.lock().unwrap();
            gate.0 = true;
            gate.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Polled as a task is: again after it was woken, and not otherwise.
fn run<F: Chain<Output = u8>>(
    clone: &mut Deferred<u8, Shared<F>>,
    task: &Task,
    waker: &Waker,
) -> Option<u8> {
    loop {
        if let Poll::Ready(value) = poll(clone, waker) {
            return Some(value);
        }
        if task.woken() == 0 {
            return None;
        }
    }
}

/// As [`run`], after everything that could wake it has happened.
fn finish<F: Chain<Output = u8>>(
    clone: &mut Deferred<u8, Shared<F>>,
    task: &Task,
    waker: &Waker,
    before: Option<u8>,
) {
    let outcome = before.or_else(|| {
        assert!(task.woken() > 0, "a wake-up was lost");
        run(clone, task, waker)
    });
    assert_eq!(outcome, Some(7));
}

#[test]
fn a_clone_that_is_polled_on_another_thread_is_dropped() {
    loom::model(|| {
        let (gate, shared) = Gate::shared();
        let mut goes = shared.clone();
        let mut stays = shared;
        let dropping = thread::spawn(move || {
            let _ = poll(&mut goes, Waker::noop());
            drop(goes);
        });
        let (task, waker) = Task::new();
        let before = run(&mut stays, &task, &waker);
        dropping.join().unwrap();
        let before =
            before.or_else(|| (task.woken() > 0).then(|| run(&mut stays, &task, &waker))?);
        gate.open();
        finish(&mut stays, &task, &waker, before);
    });
}

#[test]
fn woken_while_a_clone_is_polled_that_is_dropped_then() {
    let mut model = loom::model::Builder::new();
    // Three threads have too many orders to try them all.
    model.preemption_bound = Some(3);
    model.check(|| {
        let (gate, shared) = Gate::shared();
        let mut goes = shared.clone();
        let mut stays = shared;
        let opening = thread::spawn(move || gate.open());
        let dropping = thread::spawn(move || {
            let _ = poll(&mut goes, Waker::noop());
            drop(goes);
        });
        let (task, waker) = Task::new();
        let before = run(&mut stays, &task, &waker);
        opening.join().unwrap();
        dropping.join().unwrap();
        finish(&mut stays, &task, &waker, before);
    });
}

#[test]
fn two_that_poll_and_one_wake_up() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let (gate, shared) = Gate::shared();
        let mut other = shared.clone();
        let mut mine = shared;
        let opening = thread::spawn(move || gate.open());
        let polling = thread::spawn(move || {
            let (task, waker) = Task::new();
            let before = run(&mut other, &task, &waker);
            (other, task, waker, before)
        });
        let (task, waker) = Task::new();
        let before = run(&mut mine, &task, &waker);
        opening.join().unwrap();
        let (mut other, others, wakes, ready) = polling.join().unwrap();
        finish(&mut other, &others, &wakes, ready);
        finish(&mut mine, &task, &waker, before);
    });
}

#[test]
fn the_last_clone_is_dropped_while_the_work_is_woken() {
    loom::model(|| {
        let (gate, mut shared) = Gate::shared();
        let (task, waker) = Task::new();
        assert!(poll(&mut shared, &waker).is_pending());
        let held = gate.clone();
        let opening = thread::spawn(move || gate.open());
        drop(shared);
        opening.join().unwrap();
        drop(waker);
        assert_eq!(Arc::strong_count(&task), 1, "nobody keeps the task");
        assert_eq!(Arc::strong_count(&held.0), 1, "the work is gone");
    });
}

#[test]
fn the_last_two_clones_are_dropped_and_polled_at_the_same_time() {
    loom::model(|| {
        let (gate, mut shared) = Gate::shared();
        let weak = shared.downgrade();
        let mut other = shared.clone();
        let dropping = thread::spawn(move || {
            let _ = poll(&mut other, Waker::noop());
            drop(other);
        });
        let _ = poll(&mut shared, Waker::noop());
        drop(shared);
        dropping.join().unwrap();
        assert!(weak.upgrade().is_none());
        assert_eq!(Arc::strong_count(&gate.0), 1, "the work is gone");
    });
}

type Fired = Deferred<Result<u8, Failure>, Shared<HandMade<u8>>>;

fn fired() -> (Resolver<u8>, Fired) {
    let (resolver, made) = Deferred::<Result<u8, Failure>, _>::new();
    (resolver, made.shared())
}

#[test]
fn of_two_that_are_cancelled_one_cancels_the_work() {
    loom::model(|| {
        let (resolver, shared) = fired();
        let cancel = |mut clone: Fired| {
            assert!(poll(&mut clone, Waker::noop()).is_pending());
            move || {
                let unwind = Pin::new(&mut clone).cancel();
                assert!(matches!(unwind, Unwind::Out), "{unwind:?}");
                // Dropping it would drop the work as well.
                clone
            }
        };
        let (other, mine) = (cancel(shared.clone()), cancel(shared));
        let cancelling = thread::spawn(other);
        let mine = mine();
        let other = cancelling.join().unwrap();
        assert!(resolver.is_cancelled());
        drop((mine, other));
    });
}

#[test]
fn cancelled_from_another_thread_while_the_other_clone_is_fired() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let (resolver, shared) = fired();
        let (mut goes, canceller) = shared.clone().cancellable();
        let mut stays = shared;
        assert!(poll(&mut goes, Waker::noop()).is_pending());
        let firing = thread::spawn(move || resolver.callback(7).is_ok());
        let cancelling = thread::spawn(move || canceller.cancel());
        let (task, waker) = Task::new();
        let first = poll(&mut stays, &waker);
        cancelling.join().unwrap();
        let left = poll(&mut goes, Waker::noop());
        assert!(left.is_ready(), "cancelled, or fired");
        drop(goes);
        assert!(firing.join().unwrap(), "somebody waits");
        if first.is_pending() {
            assert!(task.woken() > 0, "a wake-up was lost");
            assert!(matches!(poll(&mut stays, &waker), Poll::Ready(Ok(7))));
        }
    });
}
