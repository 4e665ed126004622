//! Boxed deferreds that scale: big trees, recursion without an end, nests deeper than the
//! stack.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use allocation_counter::{AllocationInfo, measure};
use defer::prelude::*;
use defer::{LocalBoxed, Resolver};
use futures::executor::block_on;

/// Run on a thread with so much stack.
fn with_stack(bytes: usize, run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(bytes);
    thread.spawn(run).unwrap().join().unwrap();
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

mod trees {
    use super::*;

    const LEVELS: u32 = 12;
    const LEAVES: usize = 1 << LEVELS;

    #[derive(Default)]
    struct Counts {
        leaves: Cell<usize>,
        nodes: Cell<usize>,
    }

    type Tree = Deferred<u32, LocalBoxed<'static, u32>>;

    /// Waits for its resolver; each poll is counted.
    fn leaf(counts: &Rc<Counts>, fires: &mut Vec<Option<Resolver<u32>>>) -> Tree {
        let (resolver, mut deferred) = Deferred::<Result<u32, Failure>, _>::new();
        fires.push(Some(resolver));
        let counts = counts.clone();
        let counted = poll_fn(move |cx| {
            counts.leaves.set(counts.leaves.get() + 1);
            Pin::new(&mut deferred).poll(cx).map(Result::unwrap)
        });
        defer(counted).boxed_local()
    }

    /// `observer` is an argument, polled whenever the call is.
    #[callback]
    fn call(a: u32, b: u32, observer: u32) -> u32 {
        a + b + observer
    }

    fn tree(levels: u32, counts: &Rc<Counts>, fires: &mut Vec<Option<Resolver<u32>>>) -> Tree {
        if levels == 0 {
            return leaf(counts, fires);
        }
        let there = Rc::new(Cell::new(0));
        let mut branch = || {
            let there = there.clone();
            tree(levels - 1, counts, fires).add_callback(move |n| {
                there.set(there.get() + 1);
                n
            })
        };
        let (left, right) = (branch(), branch());
        let counts = counts.clone();
        let observer = poll_fn(move |_| {
            counts.nodes.set(counts.nodes.get() + 1);
            if there.get() == 2 {
                Poll::Ready(0)
            } else {
                Poll::Pending
            }
        });
        call(left, right, defer(observer)).boxed_local()
    }

    #[test]
    fn a_wake_costs_the_depth() {
        let (counts, mut fires) = (Rc::<Counts>::default(), Vec::new());
        let mut whole = pin!(tree(LEVELS, &counts, &mut fires));
        assert!(poll(whole.as_mut()).is_pending());
        assert_eq!(counts.leaves.get(), LEAVES);
        assert_eq!(counts.nodes.replace(0), LEAVES - 1);
        for n in 0..LEAVES {
            // Neighbours are far from each other.
            let fires = fires[n * 1543 % LEAVES].take();
            fires.unwrap().callback(1).unwrap();
            let polled = poll(whole.as_mut());
            assert_eq!(polled.is_ready(), n + 1 == LEAVES);
            assert_eq!(counts.leaves.get(), LEAVES + n + 1, "two polls a leaf");
            assert_eq!(counts.nodes.replace(0), LEVELS as usize);
        }
    }

    #[test]
    fn leaves_that_fire_together_are_polled_together() {
        let (counts, mut fires) = (Rc::<Counts>::default(), Vec::new());
        let mut whole = pin!(tree(LEVELS, &counts, &mut fires));
        assert!(poll(whole.as_mut()).is_pending());
        for fires in fires.into_iter().flatten() {
            fires.callback(1).unwrap();
        }
        let polled = poll(whole.as_mut());
        assert_eq!(polled, Poll::Ready(LEAVES as u32));
        assert_eq!(counts.leaves.get(), 2 * LEAVES);
        assert_eq!(counts.nodes.get(), 2 * (LEAVES - 1));
    }
}

mod recursion {
    use super::*;

    const ROUNDS: u32 = 1_000_000;
    /// Far less than a round each could have.
    const STACK: usize = 128 << 10;

    /// Pending once, for the task that polls it.
    async fn tick() {
        let mut polled = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    fn ready(n: u32) -> Deferred<u32> {
        if n == 0 {
            return succeed(7).boxed();
        }
        succeed(n).add_callback(|n| ready(n - 1)).boxed()
    }

    fn pending(n: u32) -> Deferred<u32> {
        if n == 0 {
            return succeed(7).boxed();
        }
        defer(tick()).add_callback(move |()| pending(n - 1)).boxed()
    }

    fn fallible(n: u32) -> Deferred<Result<u32, Failure>> {
        if n == 0 {
            return succeed(7).add_callback(Ok::<_, Failure>).boxed();
        }
        let waits = defer(tick()).add_callback(Ok::<_, Failure>);
        waits.add_callback(move |()| fallible(n - 1)).boxed()
    }

    #[callback(boxed)]
    fn called(n: u32) -> Deferred<u32> {
        if n == 0 {
            return succeed(7).boxed();
        }
        called(defer(async move {
            tick().await;
            n - 1
        }))
    }

    #[callback(boxed)]
    fn called_fallible(n: u32) -> Deferred<Result<u32, Failure>> {
        if n == 0 {
            return succeed(7).add_callback(Ok::<_, Failure>).boxed();
        }
        called_fallible(n - 1)
    }

    #[callback(boxed)]
    fn even(n: u32) -> Deferred<bool> {
        if n == 0 {
            succeed(true).boxed()
        } else {
            odd(n - 1)
        }
    }

    #[callback(boxed)]
    fn odd(n: u32) -> Deferred<bool> {
        if n == 0 {
            succeed(false).boxed()
        } else {
            even(n - 1)
        }
    }

    fn again(n: u32) -> Deferred<u32> {
        if n == 0 {
            return succeed(7).boxed();
        }
        fail::<u32, _>(n).add_errback(|n| again(n - 1)).boxed()
    }

    fn measured(run: impl FnOnce()) -> AllocationInfo {
        // What a thread allocates once.
        block_on(ready(100));
        measure(run)
    }

    fn constant(name: &str, run: impl FnOnce()) {
        let info = measured(run);
        assert!(info.count_max < 100, "{name}: {} at once", info.count_max);
        assert!(info.bytes_max < 16 << 10, "{name}: {} B", info.bytes_max);
        assert_eq!(info.count_current, 0, "{name}");
    }

    #[test]
    fn a_million_rounds_ready_at_once() {
        with_stack(STACK, || {
            constant("fluent", || assert_eq!(block_on(ready(ROUNDS)), 7));
            constant("errback", || assert_eq!(block_on(again(ROUNDS)), 7));
        });
    }

    #[test]
    fn a_million_calls_ready_at_once() {
        with_stack(STACK, || {
            constant("call", || {
                assert_eq!(block_on(called_fallible(ROUNDS)).unwrap(), 7);
            });
            constant("two", || assert!(!block_on(even(ROUNDS + 1))));
        });
    }

    #[test]
    fn a_million_rounds_each_pending() {
        with_stack(STACK, || {
            constant("fluent", || assert_eq!(block_on(pending(ROUNDS)), 7));
            constant("fails", || {
                assert_eq!(block_on(fallible(ROUNDS)).unwrap(), 7)
            });
        });
    }

    #[test]
    fn a_million_calls_each_pending() {
        with_stack(STACK, || {
            constant("call", || assert_eq!(block_on(called(ROUNDS)), 7));
        });
    }

    #[test]
    fn below_other_boxes() {
        with_stack(STACK, || {
            let below = |n| add(add(ready(n), pending(n)).boxed(), 1).boxed();
            constant("below", || assert_eq!(block_on(below(100_000)), 15));
        });
    }

    #[test]
    fn cancelled_in_the_middle() {
        let (call, canceller) = fallible(ROUNDS).cancellable();
        let mut call = pin!(call);
        for _ in 0..1_000 {
            assert!(poll(call.as_mut()).is_pending());
        }
        canceller.cancel();
        let Poll::Ready(Err(failure)) = poll(call.as_mut()) else {
            panic!("nothing cleans up")
        };
        assert!(failure.is_cancelled());
    }
}

mod nests {
    use super::*;

    const DEPTH: u32 = 100_000;
    /// What threads of the standard library have.
    const STACK: usize = 2 << 20;

    #[callback]
    fn next(a: u32) -> u32 {
        a + 1
    }

    fn nest(innermost: Deferred<u32>) -> Deferred<u32> {
        (0..DEPTH).fold(innermost, |inner, n| match n % 3 {
            0 => next(inner).boxed(),
            1 => add(inner, 1).boxed(),
            _ => inner.add_callback(|n| n + 1).boxed(),
        })
    }

    fn made() -> (Resolver<u32>, Deferred<u32>) {
        let (resolver, deferred) = Deferred::<Result<u32, Failure>, _>::new();
        (resolver, deferred.add_errback(|_| 0).boxed())
    }

    #[test]
    fn ready_at_once() {
        with_stack(STACK, || {
            assert_eq!(block_on(nest(succeed(1).boxed())), DEPTH + 1);
        });
    }

    #[test]
    fn fired_later() {
        with_stack(STACK, || {
            let (resolver, innermost) = made();
            let mut whole = pin!(nest(innermost));
            for _ in 0..3 {
                assert!(poll(whole.as_mut()).is_pending());
            }
            resolver.callback(1).unwrap();
            assert_eq!(poll(whole.as_mut()), Poll::Ready(DEPTH + 1));
        });
    }

    #[test]
    fn dropped() {
        with_stack(STACK, || {
            let (resolver, innermost) = made();
            drop(nest(innermost));
            assert!(resolver.is_cancelled());
            let (resolver, innermost) = made();
            let mut whole = nest(innermost);
            assert!(poll(Pin::new(&mut whole)).is_pending());
            drop(whole);
            assert!(resolver.is_cancelled());
        });
    }

    #[test]
    fn cancelled() {
        with_stack(STACK, || {
            let (resolver, innermost) = made();
            let (whole, canceller) = nest(innermost).cancellable();
            let mut whole = pin!(whole);
            assert!(poll(whole.as_mut()).is_pending());
            canceller.cancel();
            assert_eq!(poll(whole.as_mut()), Poll::Ready(Ok(DEPTH)));
            assert!(resolver.is_cancelled());
        });
    }

    #[test]
    fn drawn() {
        with_stack(STACK, || {
            let plan = nest(succeed(1).boxed()).plan();
            let deepest = plan.nodes().map(|(depth, _)| depth).max();
            assert_eq!(deepest, Some(DEPTH as usize));
        });
    }

    #[test]
    fn a_failure_from_the_bottom() {
        with_stack(STACK, || {
            let fails = fail::<u32, _>("no such page").boxed();
            let whole = (0..DEPTH).fold(fails, |inner, _| add(inner, 1).boxed());
            assert_eq!(block_on(whole), Err("no such page"));
        });
    }

    #[test]
    fn errbacks_on_the_way() {
        #[errback]
        fn up(failure: u32) -> Result<u32, u32> {
            Err(failure + 1)
        }
        with_stack(STACK, || {
            let whole = (0..DEPTH).fold(fail(0).boxed(), |inner, _| up(inner).boxed());
            assert_eq!(block_on(whole), Err(DEPTH));
        });
    }
}
