//! What a deferred takes from the heap: nothing, unless it is asked to.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use defer::prelude::*;
use defer::{Chain, list};

#[derive(Debug, PartialEq)]
struct Oops;

/// Pending for a number of polls.
struct Later<T>(u8, Option<T>);

impl<T: Unpin> Future for Later<T> {
    type Output = T;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if self.0 == 0 {
            return Poll::Ready(self.1.take().expect("polled once too often"));
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

type Leaf = Deferred<Result<u64, Oops>, defer::Wrapped<Later<Result<u64, Oops>>>>;

fn later(n: u64) -> Leaf {
    defer(Later(2, Some(Ok(n))))
}

fn run<O, F: Chain<Output = O>>(deferred: Deferred<O, F>) -> O {
    let mut deferred = pin!(deferred);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(out) = deferred.as_mut().poll(&mut cx) {
            return black_box(out);
        }
    }
}

/// Allocations made by building and polling to the end.
fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    let mut out = None;
    let info = measure(|| out = Some(black_box(work())));
    drop(out);
    info.count_total
}

#[callback]
fn one(a: u64) -> u64 {
    a + 1
}

#[callback]
fn two(a: u64, b: u64) -> u64 {
    a + b
}

#[callback]
fn check(a: u64) -> Result<u64, Oops> {
    if a == 0 { Err(Oops) } else { Ok(a) }
}

#[callback]
async fn asynchronous(a: u64) -> u64 {
    Later(1, Some(())).await;
    a + 1
}

#[errback]
fn rescue(failure: Oops, other: u64) -> u64 {
    let _ = failure;
    other
}

struct Adder(u64);

impl Adder {
    #[callback]
    fn add(&self, a: u64, b: u64) -> u64 {
        self.0 + a + b
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Box::new(1)), 1);
    assert_eq!(allocations(|| vec![1, 2, 3]), 1);
}

#[test]
fn eight_calls_deep() {
    let count = allocations(|| run(one(one(one(one(one(one(one(one(succeed(0)))))))))));
    assert_eq!(count, 0);
    let count = allocations(|| {
        let outcome = run(one(check(one(check(one(check(one(check(later(1))))))))));
        assert_eq!(outcome, Ok(5));
    });
    assert_eq!(count, 0);
}

#[test]
fn a_tree_of_eight_leaves() {
    let count = allocations(|| {
        let left = two(two(later(1), later(2)), two(later(3), 4));
        let right = two(two(succeed(5), later(6)), two(7, later(8)));
        assert_eq!(run(two(left, right)), Ok(36));
    });
    assert_eq!(count, 0);
}

#[test]
fn methods() {
    let adder = Adder(1);
    let count = allocations(|| {
        let whole = adder.add(adder.add(adder.add(later(1), 2), succeed(3)), later(4));
        assert_eq!(run(whole), Ok(13));
    });
    assert_eq!(count, 0);
}

#[test]
fn twelve_arguments() {
    #[callback]
    #[allow(clippy::too_many_arguments, reason = "as many as can be")]
    fn sum(
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
        f: u64,
        g: u64,
        h: u64,
        i: u64,
        j: u64,
        k: u64,
        l: u64,
    ) -> u64 {
        a + b + c + d + e + f + g + h + i + j + k + l
    }
    let count = allocations(|| {
        let whole = sum(
            later(1),
            2,
            later(3),
            succeed(4),
            later(5),
            6,
            later(7),
            8,
            later(9),
            10,
            later(11),
            later(12),
        );
        assert_eq!(run(whole), Ok(78));
    });
    assert_eq!(count, 0);
}

#[test]
fn tuples_and_options() {
    #[callback]
    fn sum(pair: (u64, u64), maybe: Option<u64>) -> u64 {
        pair.0 + pair.1 + maybe.unwrap_or(0)
    }
    let count = allocations(|| {
        assert_eq!(run(sum((later(1), succeed(2)), Some(later(3)))), Ok(6));
        assert_eq!(run(sum((1, 2), None::<u64>)), 3);
    });
    assert_eq!(count, 0);
}

#[test]
fn errbacks() {
    let count = allocations(|| {
        let failing = || defer(Later(1, Some(Err::<u64, _>(Oops))));
        assert_eq!(run(one(rescue(one(failing()), 1))), 2);
        assert_eq!(run(rescue(later(1), 0)), 1);
        assert_eq!(run(rescue(failing(), later(3))), Ok(3));
    });
    assert_eq!(count, 0);
}

#[test]
fn asynchronous_bodies() {
    let count = allocations(|| {
        assert_eq!(
            run(asynchronous(asynchronous(asynchronous(later(1))))),
            Ok(4)
        );
    });
    assert_eq!(count, 0);
    #[inline_callbacks]
    fn inline(n: u64) -> Result<u64, Oops> {
        let a = one(later(n)).await?;
        let b = two(a, later(a)).await?;
        Ok(b - a)
    }
    let count = allocations(|| assert_eq!(run(inline(3)), Ok(4)));
    assert_eq!(count, 0);
}

#[test]
fn the_fluent_form() {
    let count = allocations(|| {
        let chain = later(1)
            .add_callback(|n| n + 1)
            .add_callback(|_| Err::<u64, _>(Oops))
            .add_callbacks(|n| n, |_| 7)
            .add_callback(|n| succeed(n + 1));
        assert_eq!(run(chain), 8);
    });
    assert_eq!(count, 0);
}

#[test]
fn a_box_is_one() {
    assert_eq!(allocations(|| run(one(one(later(1))).boxed())), 1);
    assert_eq!(allocations(|| run(one(one(later(1))).boxed_local())), 1);
    assert_eq!(allocations(|| run(one(one(later(1)).boxed()).boxed())), 2);
    #[callback(boxed)]
    fn boxed(a: u64) -> u64 {
        a
    }
    assert_eq!(allocations(|| run(boxed(later(1)))), 1);
}

#[test]
fn a_hand_made_one_is_one() {
    let count = allocations(|| {
        let (resolver, deferred) = Deferred::<Result<u64, Failure>, _>::new();
        resolver.callback(1).unwrap();
        assert_eq!(run(two(deferred, 1)).unwrap(), 2);
    });
    assert_eq!(count, 1);
}

#[callback]
fn total(list: Vec<u64>) -> u64 {
    list.into_iter().sum()
}

fn of_a_list(n: u64) -> u64 {
    let members: Vec<_> = (0..n).map(later).collect();
    allocations(|| assert_eq!(run(total(members)), Ok(n * (n - 1) / 2)))
}

#[test]
fn a_list_is_a_few_however_many_members() {
    for n in [1, 10, 100, 1000] {
        let few = of_a_list(n);
        assert!(few <= 4, "{few} for {n} members");
    }
}

#[test]
fn the_functions_of_lists_are_a_few_however_many_members() {
    let of = |n: u64| (0..n).map(later).collect::<Vec<_>>();
    for n in [10, 100, 1000] {
        let (a, b, c, d, e) = (of(n), of(n), of(n), of(n), of(n));
        let few = [
            allocations(|| run(list::gather(a))),
            allocations(|| run(list::with().limit(5).gather(b))),
            allocations(|| run(list::deferred_list(c))),
            allocations(|| run(list::first_success(d))),
            allocations(|| run(list::race(e))),
        ];
        // A container that grows does so by doubling.
        assert!(few.iter().all(|few| *few <= 18), "{few:?} for {n}");
    }
}

#[test]
fn a_tuple_that_is_gathered_takes_none() {
    let count = allocations(|| assert_eq!(run(list::gather((later(1), later(2)))), Ok((1, 2))));
    assert_eq!(count, 0);
}

#[test]
fn nothing_is_left_when_a_pending_deferred_is_dropped() {
    let info = measure(|| {
        let waits = two(later(1), later(2)).boxed();
        let mut waits = pin!(waits);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut cx).is_pending());
    });
    assert_eq!((info.count_total, info.count_current), (1, 0));
}

mod with_failures {
    use super::*;

    #[callback]
    fn checked(a: u64) -> Result<u64, Failure> {
        if a == 0 {
            Err(Failure::msg("none"))
        } else {
            Ok(a)
        }
    }

    #[errback]
    fn let_go(failure: Failure) -> Result<u64, Failure> {
        Err(failure)
    }

    fn value(n: u64) -> Deferred<Result<u64, Failure>, impl Chain<Output = Result<u64, Failure>>> {
        checked(defer(Later(2, Some(n))))
    }

    #[test]
    fn success_takes_nothing() {
        let nested = allocations(|| {
            let chain = let_go(two(value(1), one(two(value(2), value(3)))));
            run(chain.add_callback(|n| n + 1).add_errback(Err::<u64, _>)).unwrap()
        });
        assert_eq!(nested, 0);
    }

    /// The list of hops grows by doubling, up to its bound.
    #[test]
    fn hops_share_their_allocations() {
        let failure = run(checked(0)).unwrap_err();
        let took = allocations(move || {
            let mut outcome = Err(failure);
            for _ in 0..1_000 {
                outcome = run(one(outcome));
            }
            outcome
        });
        assert!(took <= 4, "{took} allocations for 1,000 hops");
    }
}

#[test]
fn a_limit_takes_nothing_and_a_start_one_more_than_a_spawn() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.unwrap();
    let _inside = runtime.enter();
    let limit = std::time::Duration::from_secs(3600);
    let limited = || defer(Later(2, Some(1_u64))).timeout(limit);
    // The first one may make room for others.
    assert_eq!(run(limited()), Ok(1));
    assert_eq!(allocations(|| run(limited())), 0);
    drop((tokio::spawn(async {}), succeed(1).start()));
    let spawned = allocations(|| tokio::spawn(async { 1 }));
    assert_eq!(allocations(|| succeed(1).start()), spawned + 1);
}
