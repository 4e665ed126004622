//! Boxed chains: who is polled after which wake-up, what outlives what, nests that are
//! deeper than the stack is used for.
//!
//! For miri: no attribute and no runtime.

#![cfg(feature = "std")]

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};

use defer_core::__private::{Adopts, Call, ClosureBody, Join2, Later, Plainly, Site, Slot};
use defer_core::{
    AddCallback, Arg, CancelExt, Chain, Deferred, Failure, Kind, Lift, LocalBoxed, Merge, OutOf,
    Unwind, defer, succeed,
};

static SITE: Site = Site::new("test", file!(), line!(), &[], Adopts::known());

/// More boxes than are polled one inside the other.
const DEEP: u32 = 40;
/// With the depths at which the manner changes.
const DEPTHS: [u32; 8] = [0, 1, 15, 16, 17, 18, 20, DEEP];

/// A waker that counts.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Wakes::default());
        (wakes.clone(), wakes.into())
    }
    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Something to wait for, opened from outside. A clone is the same gate.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    open: bool,
    polls: usize,
    waker: Option<Waker>,
    dropped: Option<ThreadId>,
}

struct Waiting(Gate);

impl Future for Waiting {
    type Output = u32;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        let mut inside = self.0.0.lock().unwrap();
        inside.polls += 1;
        if inside.open {
            return Poll::Ready(1);
        }
        inside.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().dropped = Some(thread::current().id());
    }
}

impl Gate {
    fn wait(&self) -> Deferred<u32, impl Chain<Output = u32> + 'static + use<>> {
        defer(Waiting(self.clone()))
    }
    fn polls(&self) -> usize {
        self.0.lock().unwrap().polls
    }
    fn dropped(&self) -> Option<ThreadId> {
        self.0.lock().unwrap().dropped
    }
    fn waker(&self) -> Waker {
        self.0.lock().unwrap().waker.clone().expect("it was polled")
    }
    fn open(&self) {
        self.0.lock().unwrap().open = true;
        self.waker().wake();
    }
}

/// A future that calls a closure in each poll.
fn each<O>(poll: impl FnMut(&mut Context<'_>) -> Poll<O>) -> Deferred<O, impl Chain<Output = O>> {
    defer(std::future::poll_fn(poll))
}

fn poll_with<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    poll_with(future, Waker::noop())
}

/// `fn add(a: u32, b: u32) -> u32` as an annotated function.
fn add<A, M, B, N, K: Kind>(
    a: A,
    b: B,
) -> Deferred<OutOf<K, u32>, impl Chain<Output = OutOf<K, u32>>>
where
    A: Arg<u32, M>,
    B: Arg<u32, N>,
    A::Kind: Merge<B::Kind, Kind = K> + Lift<K::Error>,
    B::Kind: Lift<K::Error>,
{
    let arguments =
        Join2::<A::Chain, A::Kind, u32, B::Chain, B::Kind, u32>::new(Slot::new(a), Slot::new(b));
    let body = ClosureBody::new(|(a, b)| a + b, &SITE);
    Deferred::from_chain(Call::<_, _, K, Plainly>::new(arguments, body))
}

/// `innermost`, in so many boxes, each in the first argument of a call.
fn nest<'a>(
    innermost: Deferred<u32, LocalBoxed<'a, u32>>,
    depth: u32,
) -> Deferred<u32, LocalBoxed<'a, u32>> {
    (0..depth).fold(innermost, |inner, _| add(inner, succeed(1)).boxed_local())
}

mod waking {
    use super::*;

    #[test]
    fn a_box_is_polled_inside_when_something_inside_woke() {
        let gates = [Gate::default(), Gate::default()];
        let calls = add(gates[0].wait().boxed(), gates[1].wait().boxed()).boxed();
        let mut calls = pin!(calls);
        let (wakes, waker) = Wakes::new();
        for _ in 0..3 {
            assert!(poll_with(calls.as_mut(), &waker).is_pending());
        }
        assert_eq!([gates[0].polls(), gates[1].polls()], [1, 1]);
        gates[1].open();
        assert_eq!(wakes.count(), 1);
        assert!(poll_with(calls.as_mut(), &waker).is_pending());
        assert_eq!([gates[0].polls(), gates[1].polls()], [1, 2]);
        gates[0].open();
        assert_eq!(wakes.count(), 2);
        assert_eq!(poll_with(calls.as_mut(), &waker), Poll::Ready(2));
        assert_eq!([gates[0].polls(), gates[1].polls()], [2, 2]);
    }

    #[test]
    fn the_newest_task_is_woken() {
        let gate = Gate::default();
        let mut boxed = pin!(gate.wait().boxed());
        let (old, old_waker) = Wakes::new();
        let (new, new_waker) = Wakes::new();
        assert!(poll_with(boxed.as_mut(), &old_waker).is_pending());
        assert!(poll_with(boxed.as_mut(), &new_waker).is_pending());
        assert_eq!(gate.polls(), 1, "nothing inside woke");
        gate.open();
        assert_eq!((old.count(), new.count()), (0, 1));
        assert_eq!(poll_with(boxed.as_mut(), &new_waker), Poll::Ready(1));
    }

    #[test]
    fn woken_twice_it_tells_once() {
        let gate = Gate::default();
        let mut boxed = pin!(gate.wait().boxed());
        let (wakes, waker) = Wakes::new();
        assert!(poll_with(boxed.as_mut(), &waker).is_pending());
        gate.waker().wake();
        gate.waker().wake_by_ref();
        assert_eq!(wakes.count(), 1);
        assert!(poll_with(boxed.as_mut(), &waker).is_pending());
        gate.waker().wake();
        assert_eq!((wakes.count(), gate.polls()), (2, 2));
    }

    #[test]
    fn woken_in_its_own_poll() {
        let mut polls = 0;
        let boxed = each(|cx| {
            polls += 1;
            if polls == 4 {
                return Poll::Ready(polls);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .boxed_local();
        let mut boxed = pin!(boxed);
        let (wakes, waker) = Wakes::new();
        for polled in 1..4 {
            assert!(poll_with(boxed.as_mut(), &waker).is_pending());
            assert!(wakes.count() >= polled, "each poll asks for the next");
        }
        assert_eq!(poll_with(boxed.as_mut(), &waker), Poll::Ready(4));
    }

    #[test]
    fn what_never_wakes_is_not_polled_again() {
        let polls = Cell::new(0);
        let silent = each::<u32>(|_| {
            polls.set(polls.get() + 1);
            Poll::Pending
        })
        .boxed_local();
        let mut silent = pin!(silent);
        for _ in 0..3 {
            assert!(poll(silent.as_mut()).is_pending());
        }
        assert_eq!(polls.get(), 1);
    }

    #[test]
    fn from_another_thread() {
        let gate = Gate::default();
        let calls = add(add(gate.wait().boxed(), succeed(1)).boxed(), succeed(1));
        let woken = gate.clone();
        let thread = thread::spawn(move || {
            while woken.polls() == 0 {
                thread::yield_now();
            }
            woken.open();
        });
        assert_eq!(futures::executor::block_on(calls), 3);
        thread.join().unwrap();
    }

    #[test]
    fn a_box_moves_to_another_thread_between_polls() {
        let gate = Gate::default();
        let mut calls = add(gate.wait().boxed(), succeed(1)).boxed();
        assert!(poll(Pin::new(&mut calls)).is_pending());
        let woken = gate.clone();
        let thread = thread::spawn(move || futures::executor::block_on(calls));
        woken.open();
        assert_eq!(thread.join().unwrap(), 2);
        assert!(gate.dropped().is_some());
    }

    #[test]
    fn the_nodes_above_are_not_kept_by_a_waker() {
        // The task's waker would be kept alive, and with it the task.
        let gate = Gate::default();
        let mut calls = nest(gate.wait().boxed_local(), 3);
        let (wakes, waker) = Wakes::new();
        assert!(poll_with(Pin::new(&mut calls), &waker).is_pending());
        let kept = gate.waker();
        drop((calls, waker));
        assert_eq!(Arc::strong_count(&wakes), 1);
        kept.wake();
        assert_eq!(wakes.count(), 0);
    }
}

mod dropping {
    use super::*;

    #[test]
    fn the_chain_goes_with_the_box() {
        let gate = Gate::default();
        let mut boxed = gate.wait().boxed();
        assert!(poll(Pin::new(&mut boxed)).is_pending());
        let waker = gate.waker();
        drop(boxed);
        assert_eq!(gate.dropped(), Some(thread::current().id()));
        // The waker still works, here and elsewhere.
        waker.wake_by_ref();
        let clone = waker.clone();
        thread::spawn(move || clone.wake()).join().unwrap();
        assert!(waker.will_wake(&waker.clone()));
    }

    #[test]
    fn a_local_chain_is_dropped_here_wherever_its_waker_is() {
        let mine = Rc::new(Cell::new(0));
        let (gate, held) = (Gate::default(), mine.clone());
        let mut boxed = gate.wait().add_callback(move |n| held.set(n)).boxed_local();
        assert!(poll(Pin::new(&mut boxed)).is_pending());
        let waker = gate.waker();
        gate.0.lock().unwrap().waker = None;
        let (tell, told) = std::sync::mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            told.recv().unwrap_err();
            drop(waker);
        });
        drop(boxed);
        assert_eq!(Rc::strong_count(&mine), 1);
        drop(tell);
        thread.join().unwrap();
        assert_eq!(gate.dropped(), Some(thread::current().id()));
    }

    #[test]
    fn never_polled() {
        let gate = Gate::default();
        drop(nest(gate.wait().boxed_local(), DEEP));
        assert!(gate.dropped().is_some());
        assert_eq!(gate.polls(), 0);
    }

    #[test]
    fn a_chain_that_borrows() {
        let text = String::from("abc");
        let boxed: Deferred<usize, defer_core::Boxed<'_, usize>> =
            defer(async { text.len() }).boxed();
        let shorter = |boxed| -> Deferred<usize, defer_core::Boxed<'_, usize>> { boxed };
        assert_eq!(poll(pin!(shorter(boxed))), Poll::Ready(3));
    }

    #[test]
    #[cfg_attr(miri, ignore = "leaks, as it is meant to: `-Zmiri-ignore-leaks`")]
    fn a_forgotten_box_is_never_touched_again() {
        let gate = Gate::default();
        let waiting = gate.clone();
        let mut outer = nest(
            each(move |cx| {
                // Polled with the right task, at depth, and then forgotten with its borrow.
                let local = String::from("local");
                let inner = async { local.len() as u32 + waiting.wait().await };
                let mut inner = Box::new(nest(defer(inner).boxed_local(), 3));
                let polled = poll_with(Pin::new(&mut *inner), cx.waker());
                std::mem::forget(inner);
                polled
            })
            .boxed_local(),
            DEEP,
        );
        assert!(poll(Pin::new(&mut outer)).is_pending());
        gate.waker().wake();
        assert!(poll(Pin::new(&mut outer)).is_pending());
    }
}

mod cancelling {
    use super::*;

    #[test]
    fn counts_as_a_wake() {
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        let silent = each::<Result<u32, Failure>>(|_| Poll::Pending);
        let cleans = silent.add_errback(move |_: Failure| {
            each(move |_| {
                counted.set(counted.get() + 1);
                Poll::Ready(7)
            })
        });
        let mut calls = pin!(add(cleans.boxed_local(), succeed(1)).boxed_local());
        assert!(poll(calls.as_mut()).is_pending());
        assert!(poll(calls.as_mut()).is_pending());
        assert_eq!(calls.as_mut().cancel(), Unwind::Stays);
        assert_eq!(polls.get(), 0);
        let settled = calls
            .as_mut()
            .poll_settle(&mut Context::from_waker(Waker::noop()));
        assert_eq!((settled, polls.get()), (Poll::Ready(Some(8)), 1));
    }

    #[test]
    fn leaves_a_box_as_it_leaves_a_chain() {
        let gate = Gate::default();
        let mut boxed = pin!(add(gate.wait().boxed(), succeed(1)).boxed());
        assert!(poll(boxed.as_mut()).is_pending());
        assert_eq!(boxed.as_mut().cancel(), Unwind::Out);
    }

    #[test]
    fn wakes_the_task_through_boxes() {
        let gate = Gate::default();
        let inner = gate.wait().boxed();
        let (call, canceller) = add(inner, succeed(1)).boxed().cancellable();
        let mut call = pin!(add(call, succeed(1)).boxed());
        let (wakes, waker) = Wakes::new();
        assert!(poll_with(call.as_mut(), &waker).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(
            poll_with(call.as_mut(), &waker),
            Poll::Ready(Err(_))
        ));
        assert!(gate.dropped().is_some());
    }
}

mod panics {
    use super::*;

    fn panicking(depth: u32) -> Deferred<u32, LocalBoxed<'static, u32>> {
        let panics = each(|_| panic!("inside"));
        nest(panics.boxed_local(), depth)
    }

    #[test]
    fn go_through_and_come_again() {
        for depth in [0, 3, DEEP] {
            let mut boxed = panicking(depth);
            for _ in 0..2 {
                let polled = catch_unwind(AssertUnwindSafe(|| poll(Pin::new(&mut boxed))));
                assert!(polled.is_err(), "depth {depth}");
            }
        }
    }

    #[test]
    fn leave_the_thread_as_it_was() {
        for _ in 0..3 {
            let mut boxed = panicking(DEEP);
            catch_unwind(AssertUnwindSafe(|| poll(Pin::new(&mut boxed)))).unwrap_err();
        }
        let order = Rc::new(RefCell::new(Vec::new()));
        let said = order.clone();
        let leaf = each(move |_| {
            said.borrow_mut().push("inner");
            Poll::Ready(1)
        });
        // Polled at once, from within the call: nothing is put off any more.
        let said = order.clone();
        let right = each(move |_| {
            said.borrow_mut().push("right");
            Poll::Ready(1)
        });
        assert_eq!(poll(pin!(add(leaf.boxed_local(), right))), Poll::Ready(2));
        assert_eq!(*order.borrow(), ["inner", "right"]);
    }

    #[test]
    fn another_nest_can_be_driven_meanwhile() {
        struct Drives<'o>(&'o Cell<Option<u32>>);
        impl Drop for Drives<'_> {
            fn drop(&mut self) {
                if let Poll::Ready(out) = poll(pin!(nest(succeed(1).boxed_local(), DEEP))) {
                    self.0.set(Some(out));
                }
            }
        }
        let out = Cell::new(None);
        let unwinds = catch_unwind(AssertUnwindSafe(|| {
            let _drives = Drives(&out);
            panic!("on the way");
        }));
        assert!(unwinds.is_err());
        assert_eq!(out.get(), Some(DEEP + 1));
    }

    #[test]
    fn a_box_that_is_done_says_so() {
        for depth in [0, DEEP] {
            let mut boxed = nest(succeed(1).boxed_local(), depth);
            assert_eq!(poll(Pin::new(&mut boxed)), Poll::Ready(depth + 1));
            let again = catch_unwind(AssertUnwindSafe(|| poll(Pin::new(&mut boxed))));
            assert!(again.is_err());
        }
    }
}

mod deep {
    use super::*;

    #[test]
    fn ready_at_once() {
        for depth in DEPTHS {
            assert_eq!(
                poll(pin!(nest(succeed(1).boxed_local(), depth))),
                Poll::Ready(depth + 1)
            );
        }
    }

    #[test]
    fn pending_and_woken() {
        for depth in DEPTHS {
            let gate = Gate::default();
            let mut calls = pin!(nest(gate.wait().boxed_local(), depth));
            let (wakes, waker) = Wakes::new();
            for _ in 0..2 {
                assert!(poll_with(calls.as_mut(), &waker).is_pending());
            }
            assert_eq!(gate.polls(), 1);
            for spurious in 1..3 {
                gate.waker().wake();
                assert_eq!(wakes.count(), spurious);
                assert!(poll_with(calls.as_mut(), &waker).is_pending());
                assert_eq!(gate.polls(), 1 + spurious);
            }
            gate.open();
            assert_eq!(wakes.count(), 3);
            assert_eq!(poll_with(calls.as_mut(), &waker), Poll::Ready(depth + 1));
        }
    }

    #[test]
    fn several_gates_on_the_way() {
        // A gate beside each box; opened from the outside in, then from the inside out.
        for inward in [true, false] {
            let gates: Vec<_> = (0..DEEP).map(|_| Gate::default()).collect();
            let calls = gates.iter().fold(succeed(0).boxed_local(), |inner, gate| {
                add(inner, gate.wait().boxed_local()).boxed_local()
            });
            let mut calls = pin!(calls);
            let (wakes, waker) = Wakes::new();
            assert!(poll_with(calls.as_mut(), &waker).is_pending());
            let mut order: Vec<_> = gates.iter().collect();
            if inward {
                order.reverse();
            }
            for (opened, gate) in order.iter().enumerate() {
                assert_eq!(wakes.count(), opened);
                gate.open();
                let polled = poll_with(calls.as_mut(), &waker);
                assert_eq!(polled.is_ready(), opened + 1 == gates.len());
            }
            assert!(gates.iter().all(|gate| gate.polls() == 2));
        }
    }

    #[test]
    fn arguments_begin_in_their_order() {
        let order = Rc::new(RefCell::new(Vec::new()));
        let said = |n: u32| {
            let order = order.clone();
            each(move |_| {
                order.borrow_mut().push(n);
                Poll::Ready(1)
            })
        };
        // Two boxes at each level, with the nest on the left: the innermost is first.
        let calls = (1..DEEP).fold(said(0).boxed_local(), |inner, n| {
            add(inner, said(n).boxed_local()).boxed_local()
        });
        assert_eq!(poll(pin!(calls)), Poll::Ready(DEEP));
        let order = order.borrow();
        let deep = &order[..order.len() - 20];
        assert_eq!(order.len(), DEEP as usize);
        assert!(deep.is_sorted(), "{deep:?}");
    }

    #[test]
    fn out_of_sight_in_futures_of_somebody_s() {
        fn hidden(depth: u32) -> Deferred<u32, LocalBoxed<'static, u32>> {
            if depth == 0 {
                return succeed(1).boxed_local();
            }
            defer(async move { hidden(depth - 1).await + 1 }).boxed_local()
        }
        assert_eq!(poll(pin!(hidden(DEEP))), Poll::Ready(DEEP + 1));
        // In and out of sight by turns.
        let calls = (0..DEEP).fold(hidden(3), |inner, _| {
            let inner = nest(inner, 2);
            defer(async move { inner.await + 1 }).boxed_local()
        });
        assert_eq!(poll(pin!(calls)), Poll::Ready(4 + 3 * DEEP));
    }

    #[test]
    fn a_gate_out_of_sight_is_heard() {
        let gate = Gate::default();
        let calls = (0..DEEP).fold(gate.wait().boxed_local(), |inner, n| {
            if n % 5 == 0 {
                defer(async move { inner.await + 1 }).boxed_local()
            } else {
                add(inner, succeed(1)).boxed_local()
            }
        });
        let mut calls = pin!(calls);
        let (wakes, waker) = Wakes::new();
        assert!(poll_with(calls.as_mut(), &waker).is_pending());
        gate.waker().wake();
        assert!(poll_with(calls.as_mut(), &waker).is_pending());
        gate.open();
        assert_eq!(wakes.count(), 2);
        assert_eq!(poll_with(calls.as_mut(), &waker), Poll::Ready(DEEP + 1));
        assert_eq!(gate.polls(), 3);
    }

    #[test]
    fn an_executor_inside_gets_its_outcome_in_one_poll() {
        let inner = each(|_| poll(pin!(nest(succeed(1).boxed_local(), DEEP))));
        let calls = nest(inner.boxed_local(), DEEP);
        assert_eq!(poll(pin!(calls)), Poll::Ready(2 * DEEP + 1));
    }

    #[test]
    fn a_list_on_the_way() {
        let member = || nest(succeed(1).boxed_local(), DEEP);
        let first = |list: Vec<_>| {
            let list = <Vec<_> as Arg<Vec<u32>, _>>::into_chain(list);
            Deferred::<Vec<u32>, _>::from_chain(list)
                .add_callback(|list: Vec<u32>| list.into_iter().sum::<u32>())
                .boxed_local()
        };
        let calls = nest(first(vec![member(), member()]), DEEP);
        assert_eq!(poll(pin!(calls)), Poll::Ready(2 * (DEEP + 1) + DEEP));
    }

    #[test]
    fn dropped_while_it_waits() {
        let gates: Vec<_> = (0..DEEP).map(|_| Gate::default()).collect();
        let mut calls = gates.iter().fold(succeed(0).boxed_local(), |inner, gate| {
            add(inner, gate.wait().boxed_local()).boxed_local()
        });
        assert!(poll(Pin::new(&mut calls)).is_pending());
        let wakers: Vec<_> = gates.iter().map(Gate::waker).collect();
        drop(calls);
        assert!(gates.iter().all(|gate| gate.dropped().is_some()));
        wakers.into_iter().for_each(Waker::wake);
    }

    #[test]
    fn a_failure_drops_the_others() {
        let gates: Vec<_> = (0..DEEP).map(|_| Gate::default()).collect();
        let fails = defer_core::fail::<u32, _>("no").boxed_local();
        let calls = gates.iter().fold(fails, |inner, gate| {
            add(inner, gate.wait().boxed_local()).boxed_local()
        });
        let mut calls = pin!(calls);
        assert_eq!(poll(calls.as_mut()), Poll::Ready(Err("no")));
        // Those that have begun are gone though the deferred is not.
        let begun = |gate: &Gate| gate.polls() > 0;
        assert!(
            gates
                .iter()
                .filter(|gate| begun(gate))
                .all(|gate| gate.dropped().is_some())
        );
    }

    #[test]
    fn cancelled() {
        for depth in DEPTHS {
            let gate = Gate::default();
            let mut calls = pin!(nest(gate.wait().boxed_local(), depth));
            assert!(poll(calls.as_mut()).is_pending());
            assert_eq!(calls.as_mut().cancel(), Unwind::Out);
        }
    }

    #[test]
    fn cancelled_where_it_is_caught() {
        let gate = Gate::default();
        let waits = gate.wait().add_callback(Ok::<u32, Failure>);
        let caught = waits.add_errback(|_| 7).boxed_local();
        let mut calls = pin!(nest(caught, DEEP));
        assert!(poll(calls.as_mut()).is_pending());
        assert_eq!(calls.as_mut().cancel(), Unwind::Stays);
        let mut cx = Context::from_waker(Waker::noop());
        let settled = calls.as_mut().poll_settle(&mut cx);
        assert_eq!(settled, Poll::Ready(Some(7 + DEEP)));
    }

    #[test]
    fn cancelled_where_a_call_takes_it_in() {
        let gate = Gate::default();
        let waits = gate.wait().add_callback(Ok::<u32, Failure>).boxed_local();
        let calls = (0..DEEP).fold(waits, |inner, _| add(inner, succeed(1)).boxed_local());
        let mut calls = pin!(calls);
        assert!(poll(calls.as_mut()).is_pending());
        let Unwind::Is(Err(failure)) = calls.as_mut().cancel() else {
            panic!("the innermost call fails with it")
        };
        assert!(failure.is_cancelled());
    }

    #[test]
    fn cancelled_where_it_cleans_up() {
        let (gate, cleans) = (Gate::default(), Gate::default());
        let waits = gate.wait().add_callback(Ok::<u32, Failure>);
        let cleaning = cleans.clone();
        let caught = waits.add_errback(move |_| cleaning.wait()).boxed_local();
        let mut calls = pin!(nest(caught, DEEP));
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        assert!(calls.as_mut().poll(&mut cx).is_pending());
        assert_eq!(calls.as_mut().cancel(), Unwind::Stays);
        for _ in 0..2 {
            assert!(calls.as_mut().poll_settle(&mut cx).is_pending());
        }
        assert_eq!(cleans.polls(), 1);
        cleans.open();
        assert_eq!(wakes.count(), 1);
        assert_eq!(
            calls.as_mut().poll_settle(&mut cx),
            Poll::Ready(Some(1 + DEEP))
        );
    }

    #[test]
    fn cancelled_before_it_has_begun() {
        let mut calls = pin!(nest(succeed(1).boxed_local(), DEEP));
        assert_eq!(calls.as_mut().cancel(), Unwind::Idle);
        assert_eq!(poll(calls.as_mut()), Poll::Ready(DEEP + 1));
    }

    #[test]
    fn drawn() {
        for depth in [0, 3, DEEP] {
            let plan = nest(succeed(1).boxed_local(), depth).plan();
            let depths: Vec<_> = plan.nodes().map(|(depth, _)| depth).collect();
            // Each call, then what is inside; the plain arguments on the way back.
            let inward = 0..=depth as usize;
            let outward = (1..=depth as usize).rev();
            assert_eq!(depths, inward.chain(outward).collect::<Vec<_>>());
        }
    }
}

mod tails {
    use super::*;

    type Local = Deferred<u32, LocalBoxed<'static, u32>>;

    /// Waits before each round; how many boxes there are, is told by how many `Rc`s.
    fn countdown(n: u32, gate: &Gate, live: &Rc<()>) -> Local {
        if n == 0 {
            return succeed(0).boxed_local();
        }
        let (again, held) = (gate.clone(), live.clone());
        let waits = yields(gate.clone());
        waits
            .add_callback(move |_| countdown(n - 1, &again, &held))
            .boxed_local()
    }

    /// Pending until the gate's waker has been woken once.
    fn yields(gate: Gate) -> Deferred<u32, impl Chain<Output = u32>> {
        let mut polled = false;
        each(move |cx| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(0);
            }
            gate.0.lock().unwrap().waker = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    #[test]
    fn a_box_becomes_the_one_it_waits_for_last() {
        let (gate, live) = (Gate::default(), Rc::new(()));
        let mut calls = pin!(countdown(50, &gate, &live));
        let (wakes, waker) = Wakes::new();
        for round in 0..50 {
            assert!(poll_with(calls.as_mut(), &waker).is_pending());
            assert_eq!(Rc::strong_count(&live), 2, "one closure waits");
            assert_eq!(wakes.count(), round);
            gate.waker().wake();
        }
        assert_eq!(poll_with(calls.as_mut(), &waker), Poll::Ready(0));
    }

    #[test]
    fn the_newest_task_is_woken_after_it() {
        let (gate, live) = (Gate::default(), Rc::new(()));
        let mut calls = pin!(countdown(3, &gate, &live));
        for _ in 0..3 {
            let (wakes, waker) = Wakes::new();
            assert!(poll_with(calls.as_mut(), &waker).is_pending());
            assert!(poll_with(calls.as_mut(), &waker).is_pending());
            gate.waker().wake();
            assert_eq!(wakes.count(), 1);
        }
        assert_eq!(poll(calls), Poll::Ready(0));
    }

    #[test]
    fn ready_at_once() {
        fn down(n: u32) -> Deferred<u32> {
            if n == 0 {
                return succeed(0).boxed();
            }
            succeed(n).add_callback(|n| down(n - 1)).boxed()
        }
        assert_eq!(poll(pin!(down(300))), Poll::Ready(0));
        // Not at the top either.
        assert_eq!(poll(pin!(add(down(30), down(50)).boxed())), Poll::Ready(0));
    }

    #[test]
    fn a_round_that_wakes_itself_lets_others_run() {
        fn down(n: u32) -> Local {
            if n == 0 {
                return succeed(0).boxed_local();
            }
            let mut polled = false;
            each(move |cx| {
                if std::mem::replace(&mut polled, true) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .add_callback(move |()| down(n - 1))
            .boxed_local()
        }
        let mut calls = pin!(down(30));
        let (wakes, waker) = Wakes::new();
        for round in 0..30 {
            assert!(wakes.count() >= round);
            assert!(poll_with(calls.as_mut(), &waker).is_pending());
        }
        assert_eq!(poll_with(calls.as_mut(), &waker), Poll::Ready(0));
    }

    #[test]
    fn a_failure_and_an_errback_as_the_last_deed() {
        fn down(n: u32) -> Deferred<Result<u32, Failure>> {
            if n == 0 {
                return defer_core::fail(Failure::msg("the end")).boxed();
            }
            let next = succeed(Ok::<u32, Failure>(n)).add_callback(|n| down(n - 1));
            next.boxed()
        }
        fn retry(n: u32) -> Deferred<u32> {
            if n == 0 {
                return succeed(0).boxed();
            }
            down(30).add_errback(move |_| retry(n - 1)).boxed()
        }
        let Poll::Ready(Err(failure)) = poll(pin!(down(100))) else {
            panic!("it fails")
        };
        assert_eq!(failure.to_string(), "the end");
        assert_eq!(poll(pin!(retry(30))), Poll::Ready(0));
    }

    /// `fn call(then: Deferred<Result<u32, E>>) -> Deferred<Result<u32, E>>`, as an
    /// annotated function whose errors take cancellations in, or do not.
    fn call<E: 'static>(
        then: Deferred<Result<u32, E>>,
        site: &'static Site,
    ) -> Deferred<Result<u32, E>, LocalBoxed<'static, Result<u32, E>>> {
        use defer_core::__private::{Fallibly, Join0};
        let body = ClosureBody::new(move |()| then, site);
        let call = Later::<_, _, defer_core::Fails<E>, Fallibly, _>::new(Join0::new(), body);
        Deferred::from_chain(call).boxed_local()
    }

    #[test]
    fn a_call_that_is_gone_still_takes_the_cancellation_in() {
        #[derive(Debug, PartialEq)]
        struct Mine;
        impl From<defer_core::Cancelled> for Mine {
            fn from(_: defer_core::Cancelled) -> Self {
                Mine
            }
        }
        use defer_core::__private::Probe;
        static TAKES: Site = Site::new("takes", file!(), line!(), &[], Probe::<Mine>::ADOPTS);
        let gate = Gate::default();
        let waits = gate.wait().add_callback(Ok::<u32, Mine>).boxed();
        let mut taken = pin!(call(waits, &TAKES));
        assert!(poll(taken.as_mut()).is_pending());
        assert_eq!(taken.as_mut().cancel(), Unwind::Is(Err(Mine)));

        let waits = gate.wait().add_callback(Ok::<u32, Mine>).boxed();
        let mut passed = pin!(call(waits, &SITE));
        assert!(poll(passed.as_mut()).is_pending());
        assert_eq!(passed.as_mut().cancel(), Unwind::Out);
    }

    #[test]
    fn an_error_that_is_converted_stays_with_its_call() {
        // Not a tail: the outcome of the last box is not the outcome of the chain.
        let gate = Gate::default();
        let waits = gate.clone();
        let chain = succeed(1)
            .add_callback(move |n| waits.wait().add_callback(move |m| n + m).boxed())
            .add_callback(|n| if n > 9 { Err("big") } else { Ok(n) })
            .boxed();
        let mut chain = pin!(chain);
        assert!(poll(chain.as_mut()).is_pending());
        gate.open();
        assert_eq!(poll(chain), Poll::Ready(Ok(2)));
    }
}
