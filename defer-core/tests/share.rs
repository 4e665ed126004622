//! Clones of one deferred: one run, no wake-up lost, cancelled one by one.

#![cfg(feature = "std")]

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use defer_core::share::Shared;
use defer_core::{
    AddCallback, CancelExt, Cancelled, Chain, Deferred, Failure, Resolver, Unwind, defer, succeed,
};
use futures::executor::block_on;

/// Counts the wake-ups of one task.
#[derive(Default)]
struct Task(AtomicUsize);

impl Task {
    fn new() -> (Arc<Self>, Waker) {
        let task = Arc::new(Task::default());
        (task.clone(), task.into())
    }
    /// Since it was last asked.
    fn woken(&self) -> usize {
        self.0.swap(0, SeqCst)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// Work that is woken and finished by hand, and counts its polls and its drop.
#[derive(Clone, Default)]
struct Work(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    value: Option<u8>,
    waker: Option<Waker>,
    polls: usize,
    dropped: bool,
    during: Option<Box<dyn FnOnce() + Send>>,
}

type Watched = Deferred<u8, Shared<Box0>>;
type Box0 = defer_core::Boxed<'static, u8>;

impl Work {
    fn shared(&self) -> Watched {
        struct Dropped(Work);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.0.lock().unwrap().dropped = true;
            }
        }
        let held = Dropped(self.clone());
        // The box would swallow a poll that nobody woke; it is there for its name.
        defer(poll_fn(move |cx| {
            let mut state = held.0.0.lock().unwrap();
            state.polls += 1;
            state.waker = Some(cx.waker().clone());
            let (during, value) = (state.during.take(), state.value);
            drop(state);
            if let Some(during) = during {
                during();
            }
            value.map_or(Poll::Pending, Poll::Ready)
        }))
        .boxed()
        .shared()
    }
    fn finish(&self, value: u8) {
        self.0.lock().unwrap().value = Some(value);
        self.wake();
    }
    fn wake(&self) {
        let waker = self.0.lock().unwrap().waker.clone();
        // By reference: a box leaks its own reference where a waker panics that is used up.
        waker.expect("it was polled").wake_by_ref();
    }
    fn polls(&self) -> usize {
        self.0.lock().unwrap().polls
    }
    fn dropped(&self) -> bool {
        self.0.lock().unwrap().dropped
    }
}

#[test]
fn one_run_for_every_clone_also_for_one_that_comes_later() {
    let runs = Cell::new(0);
    let first = defer(async {
        runs.set(runs.get() + 1);
        "page".to_string()
    })
    .shared();
    let second = first.clone();
    assert_eq!(runs.get(), 0, "nothing runs before it is polled");
    assert_eq!(block_on(first.clone()), "page");
    let third = second.clone();
    assert_eq!(block_on(second), "page");
    assert_eq!(block_on(third), "page");
    assert_eq!(block_on(first), "page");
    assert_eq!(runs.get(), 1);
}

#[test]
fn a_clone_of_one_that_has_yielded_has_the_outcome_at_once() {
    let mut shared = succeed(3).shared();
    assert_eq!(block_on(&mut shared), 3);
    assert_eq!(block_on(shared.clone()), 3);
    let again = catch_unwind(AssertUnwindSafe(|| block_on(&mut shared)));
    assert!(
        again.is_err(),
        "it is a future: polled after its end it panics"
    );
}

#[test]
fn every_task_is_woken_once_and_the_work_is_polled_once() {
    let work = Work::default();
    let shared = work.shared();
    let mut clones: Vec<_> = (0..5).map(|_| Box::pin(shared.clone())).collect();
    let tasks: Vec<_> = clones.iter().map(|_| Task::new()).collect();
    for (clone, (_, waker)) in clones.iter_mut().zip(&tasks) {
        assert!(poll(clone.as_mut(), waker).is_pending());
    }
    assert_eq!(work.polls(), 1, "it has woken nobody since");
    work.wake();
    work.wake();
    for (clone, (task, waker)) in clones.iter_mut().zip(&tasks) {
        assert_eq!(task.woken(), 1);
        assert!(poll(clone.as_mut(), waker).is_pending());
    }
    assert_eq!(work.polls(), 2);
    work.finish(7);
    assert!(tasks.iter().all(|(task, _)| task.woken() == 1));
    for (clone, (_, waker)) in clones.iter_mut().zip(&tasks) {
        assert_eq!(poll(clone.as_mut(), waker), Poll::Ready(7));
    }
    assert!(tasks.iter().all(|(task, _)| task.woken() == 0));
    assert_eq!(work.polls(), 3);
    assert!(work.dropped(), "what has yielded holds nothing");
}

#[test]
fn the_clone_that_polled_is_dropped_and_the_others_are_woken_all_the_same() {
    let work = Work::default();
    let shared = work.shared();
    let (task, waker) = Task::new();
    let mut stays = Box::pin(shared.clone());
    let mut goes = Box::pin(shared);
    assert!(poll(goes.as_mut(), Waker::noop()).is_pending());
    assert!(poll(stays.as_mut(), &waker).is_pending());
    drop(goes);
    work.finish(7);
    assert_eq!(task.woken(), 1);
    assert_eq!(poll(stays.as_mut(), &waker), Poll::Ready(7));
}

#[test]
fn woken_while_it_is_polled_and_then_the_clone_that_polled_is_dropped() {
    let work = Work::default();
    let shared = work.shared();
    let (task, waker) = Task::new();
    let stays = Box::pin(shared.clone());
    let mut polls = Box::pin(shared);
    assert!(poll(polls.as_mut(), Waker::noop()).is_pending());
    work.wake();
    // In the middle of the next poll the other task runs on another thread, and has to wait;
    // then the work is woken before that poll ends.
    let (inside, woken) = (work.clone(), waker.clone());
    let stays = Arc::new(Mutex::new(stays));
    let polled = stays.clone();
    work.0.lock().unwrap().during = Some(Box::new(move || {
        thread::spawn(move || {
            assert!(poll(polled.lock().unwrap().as_mut(), &woken).is_pending());
            inside.0.lock().unwrap().value = Some(7);
            inside.wake();
        })
        .join()
        .unwrap();
    }));
    assert!(poll(polls.as_mut(), Waker::noop()).is_pending());
    drop(polls);
    assert_eq!(task.woken(), 1, "the one that polled may never come back");
    assert_eq!(poll(stays.lock().unwrap().as_mut(), &waker), Poll::Ready(7));
}

#[test]
fn places_of_those_who_left_are_used_again() {
    let work = Work::default();
    let shared = work.shared();
    let (task, waker) = Task::new();
    let mut stays = Box::pin(shared.clone());
    assert!(poll(stays.as_mut(), &waker).is_pending());
    for _ in 0..50 {
        let mut some: Vec<_> = (0..3).map(|_| Box::pin(shared.clone())).collect();
        for clone in &mut some {
            let (gone, other) = Task::new();
            assert!(poll(clone.as_mut(), &other).is_pending());
            assert!(poll(clone.as_mut(), Waker::noop()).is_pending());
            drop(other);
            assert_eq!(Arc::strong_count(&gone), 1, "only the last waker is kept");
        }
        drop(some.swap_remove(1));
    }
    assert_eq!(
        Arc::strong_count(&task),
        3,
        "the test, its waker and the list"
    );
    work.finish(7);
    assert_eq!(task.woken(), 1);
    drop(shared);
    assert_eq!(poll(stays.as_mut(), &waker), Poll::Ready(7));
}

#[test]
fn the_last_clone_to_be_dropped_drops_the_work() {
    let work = Work::default();
    let shared = work.shared();
    let weak = shared.downgrade();
    let mut polled = Box::pin(shared.clone());
    assert!(poll(polled.as_mut(), Waker::noop()).is_pending());
    drop(polled);
    assert!(!work.dropped());
    assert!(weak.upgrade().is_some());
    drop(shared);
    assert!(work.dropped());
    assert!(weak.clone().upgrade().is_none());
    // Its waker is still there, and wakes nobody.
    work.wake();
}

#[test]
fn a_waker_that_panics_keeps_nobody_else_from_being_woken() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker");
        }
    }
    let work = Work::default();
    let shared = work.shared();
    let mut first = Box::pin(shared.clone());
    let mut second = Box::pin(shared);
    let (task, waker) = Task::new();
    assert!(poll(first.as_mut(), &Arc::new(Panics).into()).is_pending());
    assert!(poll(second.as_mut(), &waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| work.finish(7))).is_err());
    assert_eq!(task.woken(), 1);
    assert_eq!(poll(second.as_mut(), &waker), Poll::Ready(7));
}

#[test]
fn a_panic_of_the_work_wakes_the_others_which_panic_too() {
    let (task, waker) = Task::new();
    let wakes = Rc::new(Cell::new(None::<Waker>));
    let kept = wakes.clone();
    let shared = defer(poll_fn(move |cx| -> Poll<u8> {
        if kept.replace(Some(cx.waker().clone())).is_some() {
            panic!("the work");
        }
        Poll::Pending
    }))
    .shared();
    let mut polls = Box::pin(shared.clone());
    let mut waits = Box::pin(shared.clone());
    assert!(poll(polls.as_mut(), Waker::noop()).is_pending());
    assert!(poll(waits.as_mut(), &waker).is_pending());
    let inside = wakes.replace(None).unwrap();
    wakes.set(Some(inside.clone()));
    inside.wake();
    assert_eq!(task.woken(), 1);
    // Registered again before the panic comes.
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _ = poll(polls.as_mut(), Waker::noop());
    }));
    assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "the work");
    assert_eq!(Rc::strong_count(&wakes), 1, "the work is gone");
    for clone in [waits, Box::pin(shared.clone())].iter_mut() {
        let panic = catch_unwind(AssertUnwindSafe(|| {
            let _ = poll(clone.as_mut(), &waker);
        }));
        let said = *panic.unwrap_err().downcast::<&str>().unwrap();
        assert!(said.contains("has panicked"), "{said}");
    }
}

#[test]
fn an_outcome_that_panics_when_it_is_cloned_harms_one_clone_only() {
    struct Odd(Rc<Cell<bool>>);
    impl Clone for Odd {
        fn clone(&self) -> Self {
            if self.0.replace(false) {
                panic!("clone");
            }
            Odd(self.0.clone())
        }
    }
    let panics = Rc::new(Cell::new(true));
    let shared = succeed(Odd(panics.clone())).shared();
    let first = catch_unwind(AssertUnwindSafe(|| block_on(shared.clone())));
    assert!(first.is_err());
    block_on(shared);
    assert_eq!(Rc::strong_count(&panics), 1);
}

#[test]
fn work_that_awaits_itself_panics_and_says_why() {
    type Own = Deferred<u8, Shared<defer_core::LocalBoxed<'static, u8>>>;
    let slot: Rc<Cell<Option<Own>>> = Rc::default();
    let own = slot.clone();
    let shared = defer(async move {
        let own = own.take().expect("put there before it runs");
        own.await + 1
    })
    .boxed_local()
    .shared();
    slot.set(Some(shared.clone()));
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(shared)));
    let said = *panic.unwrap_err().downcast::<&str>().unwrap();
    assert!(said.contains("awaits itself"), "{said}");
}

#[test]
fn drawn_once_also_when_it_holds_a_clone_of_itself() {
    let shared = succeed(1).add_callback(|n| n + 1).shared();
    let drawn = "shared #1\n  add_callback\n    value\n";
    assert_eq!(shared.plan().to_string(), drawn);
    let both = defer_core::list::first_success([
        shared.clone().add_callback(Ok::<u8, u8>),
        shared.add_callback(Ok::<u8, u8>),
    ]);
    assert_eq!(
        both.plan().to_string(),
        "first_success of 2, 2 at once\n  add_callback\n    shared #1\n      add_callback\n        value\n  \
         add_callback\n    shared #1\n"
    );
}

#[test]
fn drawn_from_inside_while_it_is_polled() {
    type Own = Deferred<u8, Shared<defer_core::LocalBoxed<'static, u8>>>;
    let slot: Rc<Cell<Option<Own>>> = Rc::default();
    let own = slot.clone();
    let drawn = Rc::new(Cell::new(String::new()));
    let to = drawn.clone();
    let shared = defer(async move {
        let own = own.take().expect("put there before it runs");
        to.set(own.plan().to_string());
        3
    })
    .boxed_local()
    .shared();
    slot.set(Some(shared.clone()));
    assert_eq!(block_on(shared.clone()), 3);
    assert_eq!(drawn.take(), "shared #1\n");
    assert_eq!(
        shared.plan().to_string(),
        "shared #1\n",
        "nothing is left to draw"
    );
}

#[test]
fn each_follower_has_errbacks_of_its_own() {
    let (resolver, page) = Deferred::<Result<u8, Failure>, _>::new();
    let [one, two, three] = page.split();
    resolver.errback(Failure::msg("no such page")).unwrap();
    assert_eq!(block_on(one.add_errback(|_| 1)), 1);
    assert_eq!(
        block_on(two.add_callback(|n| n + 1))
            .unwrap_err()
            .to_string(),
        "no such page"
    );
    drop(three);

    let followers = succeed(2).tee(3);
    assert_eq!(followers.len(), 3);
    assert!(
        followers
            .into_iter()
            .all(|follower| block_on(follower) == 2)
    );
    assert!(succeed(2).tee(0).is_empty());
}

type Fired = Result<u8, Failure>;

/// A hand-made deferred with an errback that takes a cancellation and cleans up.
fn cleans_up() -> (
    Resolver<u8>,
    Arc<Work>,
    Deferred<Fired, Shared<impl Chain<Output = Fired>>>,
) {
    let (resolver, made) = Deferred::<Fired, _>::new();
    let cleanup = Arc::new(Work::default());
    let work = cleanup.clone();
    let shared = made
        .add_errback(move |why: Failure| work.shared().add_callback(move |_| Err::<u8, _>(why)));
    (resolver, cleanup, shared.shared())
}

#[test]
fn a_cancelled_clone_leaves_alone() {
    let (resolver, cleanup, shared) = cleans_up();
    let (first, canceller) = shared.clone().cancellable();
    let mut first = Box::pin(first);
    let mut second = Box::pin(shared);
    let (task, waker) = Task::new();
    assert!(poll(first.as_mut(), Waker::noop()).is_pending());
    assert!(poll(second.as_mut(), &waker).is_pending());
    canceller.cancel();
    let Poll::Ready(Err(why)) = poll(first.as_mut(), Waker::noop()) else {
        panic!("it leaves at once");
    };
    assert!(why.is_cancelled());
    assert_eq!(cleanup.polls(), 0);
    resolver.callback(7).unwrap();
    assert_eq!(task.woken(), 1);
    assert!(matches!(poll(second.as_mut(), &waker), Poll::Ready(Ok(7))));
}

#[test]
fn the_last_clone_to_be_cancelled_cancels_the_work_and_waits_for_its_clean_up() {
    let (resolver, cleanup, shared) = cleans_up();
    let weak = shared.downgrade();
    let (first, cancels_first) = shared.clone().cancellable();
    let (second, cancels_second) = shared.cancellable();
    let mut first = Box::pin(first);
    let mut second = Box::pin(second);
    let (task, waker) = Task::new();
    assert!(poll(first.as_mut(), Waker::noop()).is_pending());
    assert!(poll(second.as_mut(), &waker).is_pending());
    cancels_first.cancel();
    assert!(poll(first.as_mut(), Waker::noop()).is_ready());
    assert!(!resolver.is_cancelled());
    cancels_second.cancel();
    assert_eq!(task.woken(), 1);
    assert!(poll(second.as_mut(), &waker).is_pending(), "it cleans up");
    assert!(resolver.is_cancelled());
    assert!(weak.upgrade().is_none(), "nobody joins what cleans up");
    assert_eq!(cleanup.polls(), 1);
    cleanup.finish(0);
    assert_eq!(task.woken(), 1);
    let Poll::Ready(Err(why)) = poll(second.as_mut(), &waker) else {
        panic!("it has cleaned up");
    };
    assert!(why.is_cancelled());
}

#[test]
fn cancelled_again_what_cleans_up_is_cancelled() {
    let (_resolver, cleanup, shared) = cleans_up();
    let (only, canceller) = shared.cancellable();
    let mut only = Box::pin(only);
    assert!(poll(only.as_mut(), Waker::noop()).is_pending());
    canceller.cancel();
    assert!(poll(only.as_mut(), Waker::noop()).is_pending());
    canceller.cancel();
    assert!(poll(only.as_mut(), Waker::noop()).is_ready());
    assert!(cleanup.dropped());
}

#[test]
fn a_clone_that_was_never_polled_keeps_the_work_from_being_cancelled() {
    let work = Work::default();
    let kept = work.shared();
    let mut goes = pin!(kept.clone());
    assert!(poll(goes.as_mut(), Waker::noop()).is_pending());
    assert_eq!(goes.as_mut().cancel(), Unwind::Out);
    assert!(!work.dropped());
    work.finish(7);
    assert_eq!(block_on(kept), 7);
}

#[test]
fn what_has_not_begun_is_not_cancelled_and_can_be_polled() {
    let work = Work::default();
    let mut only = pin!(work.shared());
    assert_eq!(only.as_mut().cancel(), Unwind::Idle);
    assert!(poll(only.as_mut(), Waker::noop()).is_pending());
    // One that has not begun where others wait has not begun either.
    let mut other = pin!(only.clone());
    assert_eq!(other.as_mut().cancel(), Unwind::Idle);
    assert!(poll(other.as_mut(), Waker::noop()).is_pending());
}

#[test]
fn a_clone_that_was_never_polled_cancels_work_that_others_have_begun_and_left() {
    let (resolver, made) = Deferred::<Fired, _>::new();
    let mut last = pin!(made.shared());
    let mut begins = Box::pin(last.clone());
    assert!(poll(begins.as_mut(), Waker::noop()).is_pending());
    drop(begins);
    assert!(matches!(last.as_mut().cancel(), Unwind::Out));
    assert!(resolver.is_cancelled());
}

#[test]
fn an_outcome_that_is_there_stands() {
    let work = Work::default();
    let mut waits = Box::pin(work.shared());
    let mut polls = Box::pin((*waits).clone());
    assert!(poll(polls.as_mut(), Waker::noop()).is_pending());
    assert!(poll(waits.as_mut(), Waker::noop()).is_pending());
    work.finish(7);
    assert_eq!(poll(polls.as_mut(), Waker::noop()), Poll::Ready(7));
    drop(polls);
    assert_eq!(waits.as_mut().cancel(), Unwind::Idle);
    assert_eq!(poll(waits.as_mut(), Waker::noop()), Poll::Ready(7));
}

#[test]
fn a_plain_future_is_dropped_when_the_last_clone_is_cancelled() {
    let work = Work::default();
    let (only, canceller) = work.shared().cancellable();
    let mut only = Box::pin(only);
    assert!(poll(only.as_mut(), Waker::noop()).is_pending());
    canceller.cancel();
    assert_eq!(
        poll(only.as_mut(), Waker::noop()),
        Poll::Ready(Err(Cancelled))
    );
    assert!(work.dropped());
}

#[test]
fn threads_share_one_run() {
    for _ in 0..if cfg!(miri) { 3 } else { 200 } {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = runs.clone();
        let (resolver, made) = Deferred::<Fired, _>::new();
        let shared = made
            .add_callback(move |n| {
                counted.fetch_add(1, SeqCst);
                n + 1
            })
            .shared();
        let threads: Vec<_> = (0..3)
            .map(|n| {
                let clone = shared.clone();
                thread::spawn(move || {
                    if n == 0 {
                        // Polls once and goes.
                        let _ = poll(pin!(clone), Waker::noop());
                        return 7;
                    }
                    block_on(clone).unwrap()
                })
            })
            .collect();
        resolver.callback(6).unwrap();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == 7)
        );
        assert_eq!(runs.load(SeqCst), 1);
    }
}

#[test]
fn sendable_if_the_work_is_and_local_if_not() {
    fn sendable<T: Send + Sync + Unpin>(_: &T) {}
    sendable(&Work::default().shared());
    sendable(&Work::default().shared().downgrade());
    let local = Rc::new(3);
    assert_eq!(*block_on(succeed(local).shared()), 3);
    let borrowed = "a".to_string();
    assert_eq!(block_on(defer(async { borrowed.as_str() }).shared()), "a");
}
