//! Observing deferreds that are cancelled, dropped, or settle on several threads; observers
//! that panic, and that observe, append and remove.
//!
//! No attribute and no runtime, so that miri can run them.

#![cfg(feature = "std")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread;

use defer_core::list::{
    Counts, DeferredListObserver, Event, History, Memory, Observation, first_success,
};
use defer_core::{
    Abandoned, Cancelled, Deferred, Failure, HandMade, Resolver, defer, fail, succeed,
};

type Made = Deferred<Result<u8, Failure>, HandMade<u8>>;

fn made() -> (Resolver<u8>, Made) {
    Deferred::new()
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Of what is ready at its first poll.
fn now<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it is not ready"),
    }
}

/// What observers heard.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn add(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
    /// An observer that writes down each event.
    fn writes<T, E>(
        &self,
        name: &'static str,
    ) -> impl Fn(&Event<'_, T, E>) + Send + Sync + 'static {
        let heard = self.clone();
        move |event| {
            let how = match event.outcome {
                Some(Ok(_)) => "ok",
                Some(Err(_)) => "failed",
                None => "gone",
            };
            heard.add(format!("{name}{} {how}", event.index));
        }
    }
}

fn told<T, E, H: Memory<T, E>>(observer: &DeferredListObserver<T, E, H>) -> [usize; 4] {
    let Counts {
        pending,
        success,
        failure,
        gone,
        ..
    } = observer.counts();
    [pending, success, failure, gone]
}

#[test]
fn what_is_dropped_is_gone_polled_or_not() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    observer.observe(heard.writes(""));
    let never = observer.append(made().1);
    let mut begun = Box::pin(observer.append(defer(std::future::pending())));
    assert!(poll(begun.as_mut()).is_pending());
    assert_eq!(told(&observer), [2, 0, 0, 0]);
    drop(never);
    assert_eq!(told(&observer), [1, 0, 0, 1]);
    drop(begun);
    assert_eq!(told(&observer), [0, 0, 0, 2]);
    assert_eq!(heard.take(), ["0 gone", "1 gone"]);
}

#[test]
fn what_has_settled_is_told_once() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    observer.observe(heard.writes(""));
    let mut lost = Box::pin(observer.append(fail::<u8, _>("no")));
    assert_eq!(poll(lost.as_mut()), Poll::Ready(Err("no")));
    drop(lost);
    assert_eq!(heard.take(), ["0 failed"]);
    assert_eq!(told(&observer), [0, 0, 1, 0]);
}

#[test]
fn a_cancellation_that_leaves_it_makes_it_gone() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    observer.observe(heard.writes(""));
    let (_resolver, waiting) = made();
    let (waiting, canceller) = observer.append(waiting).cancellable();
    let mut waiting = pin!(waiting);
    assert!(poll(waiting.as_mut()).is_pending());
    canceller.cancel();
    let Poll::Ready(Err(failure)) = poll(waiting) else {
        panic!("it was cancelled")
    };
    assert!(failure.is_cancelled(), "made outside of what is observed");
    assert_eq!(heard.take(), ["0 gone"]);
    assert_eq!(told(&observer), [0, 0, 0, 1]);
}

#[test]
fn a_cancellation_reaches_the_deferred_and_what_comes_of_it_is_observed() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    observer.observe(heard.writes(""));
    // Its canceller makes a failure of it, inside.
    let (_resolver, inside) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| None);
    let (inside, cancel_inside) = observer.append(inside).cancellable();
    // This one recovers, after clean-up.
    let (clean, cleaning) = made();
    let (_other, recovers) = made();
    let recovers = recovers.add_errback(move |_: Failure| cleaning);
    let (recovers, cancel_recovering) = observer.append(recovers).cancellable();
    let (mut inside, mut recovers) = (pin!(inside), pin!(recovers));
    assert!(poll(inside.as_mut()).is_pending() && poll(recovers.as_mut()).is_pending());
    cancel_inside.cancel();
    cancel_recovering.cancel();
    assert!(matches!(poll(inside), Poll::Ready(Err(why)) if why.is_cancelled()));
    assert!(poll(recovers.as_mut()).is_pending(), "it cleans up");
    assert_eq!(heard.take(), ["0 failed"]);
    clean.callback(7).unwrap();
    assert_eq!(poll(recovers).map(Result::unwrap), Poll::Ready(7));
    assert_eq!(heard.take(), ["1 ok"]);
    assert_eq!(told(&observer), [0, 1, 1, 0]);
}

#[test]
fn the_losers_of_a_race_are_heard_of() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    observer.observe(heard.writes(""));
    let (_resolver, slow) = made();
    let (resolver, fast) = made();
    let members = [
        observer.append(fail(Failure::msg("no")).boxed()),
        observer.append(slow.boxed()),
        observer.append(fast.boxed()),
        observer.append(succeed(Ok(9)).boxed()),
    ];
    let mut race = pin!(first_success(members.into_iter().take(3)));
    assert!(poll(race.as_mut()).is_pending());
    resolver.callback(3).unwrap();
    assert_eq!(poll(race).map(Result::unwrap), Poll::Ready((2, 3)));
    assert_eq!(heard.take(), ["3 gone", "0 failed", "2 ok", "1 gone"]);
}

#[test]
fn what_panics_is_gone_when_it_is_dropped() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    observer.observe(heard.writes(""));
    fn no_bread() -> Result<u8, Failure> {
        panic!("no bread")
    }
    let broken = observer.append(defer(async { no_bread() }));
    assert!(catch_unwind(AssertUnwindSafe(|| now(broken))).is_err());
    assert_eq!(heard.take(), ["0 gone"]);
}

#[test]
fn an_observer_that_panics_harms_nobody() {
    let (observer, heard) = (DeferredListObserver::with_history(), Heard::default());
    observer.observe(heard.writes("first "));
    observer.observe(|event: &Event<'_, u8, Failure>| panic!("at {}", event.index));
    observer.observe(heard.writes("last "));
    // Nobody is told; the panic hook has been.
    assert_eq!(now(observer.append(succeed(Ok(1)))).unwrap(), 1);
    assert_eq!(heard.take(), ["first 0 ok", "last 0 ok"]);

    let panics = heard.clone();
    observer.on_panic(move |index, panicked| panics.add(format!("{index}: {panicked}")));
    drop(observer.append(succeed(Ok(2))));
    let (resolver, waiting) = made();
    let waiting = observer.append(waiting);
    resolver.errback(Failure::msg("no such page")).unwrap();
    assert_eq!(now(waiting).unwrap_err().to_string(), "no such page");
    assert_eq!(
        heard.take(),
        [
            "first 1 gone",
            "1: panicked: at 1",
            "last 1 gone",
            "first 2 failed",
            "2: panicked: at 2",
            "last 2 failed",
        ]
    );
    // In a replay, too.
    observer.observe_with_replay(|_| panic!("again"));
    assert_eq!(
        heard.take(),
        [
            "0: panicked: again",
            "1: panicked: again",
            "2: panicked: again"
        ]
    );
    // A hook that panics is no worse than an observer.
    observer.on_panic(|_, _| panic!("and again"));
    assert_eq!(now(observer.append(succeed(Ok(3)))).unwrap(), 3);
    assert_eq!(heard.take(), ["first 3 ok", "last 3 ok"]);
    assert_eq!(told(&observer), [0, 2, 1, 1]);
}

#[test]
fn an_observer_may_panic_while_another_panic_unwinds() {
    let (observer, heard) = (DeferredListObserver::<u8>::new(), Heard::default());
    observer.observe(|_| panic!("the observer"));
    observer.observe(heard.writes(""));
    let unwinding = catch_unwind(AssertUnwindSafe(|| {
        let _dropped = observer.append(made().1);
        panic!("the owner");
    }));
    let payload = unwinding.unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"the owner"));
    assert_eq!(heard.take(), ["0 gone"]);
}

/// A value whose clone panics.
#[derive(Debug)]
struct Unwilling;

impl Clone for Unwilling {
    fn clone(&self) -> Self {
        panic!("it is not to be cloned")
    }
}

#[test]
fn a_clone_that_panics_leaves_the_counts_right() {
    let observer = DeferredListObserver::<Unwilling, Failure, _>::with_history();
    let asked = observer.append(succeed(Ok(Unwilling)));
    assert!(catch_unwind(AssertUnwindSafe(|| now(asked))).is_err());
    assert_eq!(told(&observer), [0, 0, 0, 1]);
    assert!(observer.history()[0].outcome.is_none());
}

#[test]
fn an_observer_may_append_observe_and_count() {
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    let inside = Arc::new(Mutex::new(Vec::new()));
    let (own, writes, appended) = (observer.clone(), heard.clone(), inside.clone());
    let observing = observer.observe(move |event| {
        writes.add(format!("{} of {}", event.index, own.counts().total()));
        if event.index == 0 {
            own.observe(writes.writes("new "));
            appended
                .lock()
                .unwrap()
                .push(own.append(succeed(Ok::<u8, Failure>(1))));
            // Dropped here and now: it is told of inside this call.
            drop(own.append(succeed(Ok(2))));
        }
    });
    assert_eq!(now(observer.append(succeed(Ok(0)))).unwrap(), 0);
    assert_eq!(heard.take(), ["0 of 1", "2 of 3", "new 2 gone"]);
    let appended = inside.lock().unwrap().pop().unwrap();
    assert_eq!(now(appended).unwrap(), 1);
    assert_eq!(heard.take(), ["1 of 3", "new 1 ok"]);
    // It holds what holds it.
    observing.remove();
}

#[test]
fn observers_are_removed_from_outside_and_from_inside() {
    type Handle = Observation<u8, Failure, defer_core::list::NoHistory>;
    let (observer, heard) = (DeferredListObserver::new(), Heard::default());
    let (once, other) = (
        Arc::new(OnceLock::new()),
        Arc::new(OnceLock::<Handle>::new()),
    );
    let (itself, later, writes) = (once.clone(), other.clone(), heard.clone());
    let held = Arc::new(());
    let weak = Arc::downgrade(&held);
    let first: Handle = observer.observe(move |event| {
        let _held = &held;
        writes.add(format!("once {}", event.index));
        // Itself, and one whose turn has not come.
        itself.get().map(Handle::remove);
        later.get().map(Handle::remove);
    });
    once.set(first).unwrap();
    other.set(observer.observe(heard.writes("never "))).unwrap();
    let last = observer.observe(heard.writes("last "));
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(heard.take(), ["once 0", "last 0 ok"]);
    assert!(weak.upgrade().is_none(), "what it held is dropped");
    last.remove();
    last.remove();
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(heard.take(), [""; 0]);
    // Dropping a handle removes nothing.
    drop(observer.observe(heard.writes("stays ")));
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(heard.take(), ["stays 2 ok"]);
    drop(observer);
    last.remove();
}

#[test]
fn what_happens_during_a_replay_comes_after_it() {
    let (observer, heard) = (DeferredListObserver::with_history(), Heard::default());
    for n in 0..2 {
        now(observer.append(succeed(Ok::<u8, Failure>(n)))).unwrap();
    }
    let (own, writes) = (observer.clone(), heard.clone());
    let observing = observer.observe_with_replay(move |event| {
        writes.add(event.index.to_string());
        if event.index == 0 {
            drop(own.append(fail(Failure::msg("no"))));
        }
    });
    assert_eq!(heard.take(), ["0", "1", "2"]);
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(heard.take(), ["3"]);
    // It holds what holds it.
    observing.remove();
}

#[test]
fn replayed_events_have_the_counts_of_their_time() {
    let observer = DeferredListObserver::with_history();
    let [first, second] = [1, 2].map(|n| observer.append(succeed(Ok::<u8, Failure>(n))));
    now(second).unwrap();
    now(first).unwrap();
    let heard = Heard::default();
    let writes = heard.clone();
    observer.observe_with_replay(move |event| {
        let value = *event.outcome.unwrap().as_ref().unwrap();
        writes.add(format!(
            "{}: {value}, {} pending",
            event.index, event.counts.pending
        ));
    });
    assert_eq!(heard.take(), ["1: 2, 1 pending", "0: 1, 0 pending"]);
}

/// Few rounds are many for miri.
const EACH: usize = if cfg!(miri) { 5 } else { 500 };
const THREADS: usize = 4;

/// Settle deferreds on several threads, some of each kind.
fn settle_on_threads<H>(observer: &DeferredListObserver<usize, Failure, H>)
where
    H: Memory<usize, Failure> + Send,
    DeferredListObserver<usize, Failure, H>: Send + Sync,
{
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for n in 0..EACH {
                    match n % 3 {
                        0 => assert_eq!(now(observer.append(succeed(Ok(n)))).unwrap(), n),
                        1 => assert!(now(observer.append(fail(Failure::msg("no")))).is_err()),
                        _ => drop(observer.append(succeed(Ok(n)))),
                    }
                }
            });
        }
    });
}

#[test]
fn on_several_threads_every_event_is_told_once_and_every_count_is_made_once() {
    let observer = DeferredListObserver::new();
    let indices = Arc::new(Mutex::new(Vec::new()));
    let settled = Arc::new(Mutex::new(Vec::new()));
    let (index, count) = (indices.clone(), settled.clone());
    observer.observe(move |event| {
        index.lock().unwrap().push(event.index);
        count
            .lock()
            .unwrap()
            .push(event.counts.fired() + event.counts.gone);
    });
    settle_on_threads(&observer);
    let (mut indices, mut settled) = (indices.lock().unwrap(), settled.lock().unwrap());
    indices.sort_unstable();
    settled.sort_unstable();
    assert!(indices.iter().copied().eq(0..THREADS * EACH));
    assert!(settled.iter().copied().eq(1..=THREADS * EACH));
    let [pending, success, failure, gone] = told(&observer);
    let of = |rest| (0..EACH).filter(|n| n % 3 == rest).count() * THREADS;
    assert_eq!([pending, success, failure, gone], [0, of(0), of(1), of(2)]);
}

#[test]
fn an_observer_that_comes_late_misses_nothing_and_hears_nothing_twice() {
    let observer = DeferredListObserver::<usize, Failure, History<_, _>>::with_history();
    let heard = Arc::new(Mutex::new(Vec::new()));
    thread::scope(|scope| {
        scope.spawn(|| {
            let heard = heard.clone();
            observer.observe_with_replay(move |event| heard.lock().unwrap().push(event.index));
        });
        settle_on_threads(&observer);
    });
    let mut heard = heard.lock().unwrap();
    heard.sort_unstable();
    assert!(heard.iter().copied().eq(0..THREADS * EACH));
    assert_eq!(observer.history().len(), THREADS * EACH);
}

#[test]
fn all_done_waits_for_those_that_are_pending_and_for_no_others() {
    let observer = DeferredListObserver::new();
    assert_eq!(now(observer.all_done()).total(), 0);
    let (resolver, first) = made();
    let first = observer.append(first);
    let dropped = observer.append(made().1);
    let mut done = pin!(observer.all_done());
    assert!(poll(done.as_mut()).is_pending());
    resolver.callback(1).unwrap();
    now(first).unwrap();
    assert!(poll(done.as_mut()).is_pending());
    drop(dropped);
    let _later = observer.append(made().1);
    let Poll::Ready(counts) = poll(done) else {
        panic!("none was pending")
    };
    assert_eq!((counts.success, counts.gone, counts.pending), (1, 1, 0));
    assert_eq!(observer.all_done().plan().to_string(), "all_done\n");
}

#[test]
fn waiting_for_counts_ends_when_it_is_dropped_cancelled_or_hopeless() {
    let observer = DeferredListObserver::<u8, Failure>::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let asks = asked.clone();
    let mut waits = Box::pin(observer.when(move |_| {
        asks.fetch_add(1, SeqCst);
        false
    }));
    assert_eq!(asked.load(SeqCst), 1);
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(asked.load(SeqCst), 2);
    assert!(poll(waits.as_mut()).is_pending());
    drop(waits);
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(asked.load(SeqCst), 2);
    assert_eq!(Arc::strong_count(&asked), 1, "the condition is dropped");

    assert_eq!(now(observer.when_n(2)).unwrap().success, 2);
    let waits = observer.when_n(3);
    let waits = waits.add_errback(|_: Abandoned| Err::<Counts, Failure>(Cancelled.into()));
    let hopeless = observer.when_n(3);
    let (waits, canceller) = waits.cancellable();
    let mut waits = pin!(waits);
    assert!(poll(waits.as_mut()).is_pending());
    canceller.cancel();
    assert!(matches!(poll(waits), Poll::Ready(Err(why)) if why.is_cancelled()));
    // What is pending may still settle.
    let pending = observer.append(made().1);
    drop(observer);
    let mut hopeless = pin!(hopeless);
    assert!(poll(hopeless.as_mut()).is_pending());
    drop(pending);
    assert_eq!(poll(hopeless), Poll::Ready(Err(Abandoned)));
}

#[test]
fn a_condition_that_panics_does_so_in_the_call_or_as_an_observer() {
    let observer = DeferredListObserver::<u8, Failure>::new();
    let made = catch_unwind(AssertUnwindSafe(|| {
        observer.when(|counts| panic!("at {}", counts.total()))
    }));
    assert_eq!(*made.unwrap_err().downcast::<String>().unwrap(), "at 0");
    let heard = Heard::default();
    let panics = heard.clone();
    observer.on_panic(move |_, panicked| panics.add(panicked.to_string()));
    let waits = observer.when(|counts| match counts.total() {
        0 => false,
        1 => panic!("at 1"),
        _ => true,
    });
    now(observer.append(succeed(Ok(1)))).unwrap();
    now(observer.append(succeed(Ok(1)))).unwrap();
    assert_eq!(
        heard.take(),
        ["panicked: at 1"],
        "of the one that failed at once nothing is left"
    );
    assert_eq!(now(waits).unwrap().success, 2);
}

#[test]
fn the_types_are_what_threads_need() {
    fn shared<T: Send + Sync>() {}
    shared::<DeferredListObserver<std::rc::Rc<u8>, Failure>>();
    shared::<DeferredListObserver<u8, Failure, History<u8, Failure>>>();
    shared::<Observation<std::rc::Rc<u8>, Failure, defer_core::list::NoHistory>>();
}

#[test]
fn to_observe_changes_no_plan() {
    let observer = DeferredListObserver::new();
    let page = defer(async { Ok::<u8, Failure>(1) }).add_callback(|n| n + 1);
    let drawn = page.plan();
    assert_eq!(observer.append(page).plan(), drawn);
    assert!(format!("{observer:?}").contains("gone: 1"), "{observer:?}");
}
