//! What a boxed node costs, and a big tree of them whose leaves finish one by one.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use defer::LocalBoxed;
use defer::prelude::*;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokio::sync::oneshot;

use crate::allocations;
use crate::expression::{by_combinators, f2};
use crate::leaf::{Leaf, Out, drive};

/// Nodes one inside the other.
const NEST: u32 = 8;
const SAMPLES: usize = 2_000;
const ROUNDS: u32 = 100;

type Boxes = Deferred<Out, LocalBoxed<'static, Out>>;
type Futures = LocalBoxFuture<'static, Out>;

/// One way to put a node into a box.
pub struct Way {
    pub name: &'static str,
    nest: fn(u64, bool, u32) -> Out,
}

/// All ways.
pub fn ways() -> [Way; 3] {
    [
        Way {
            name: "ours",
            nest: |seed, pending, depth| {
                let leaf: Boxes = defer(Leaf::new(seed, pending)).boxed_local();
                let node = |inner: Boxes, _| {
                    inner
                        .add_callback(|out: u64| out.rotate_left(5))
                        .boxed_local()
                };
                drive(pin!((0..depth).fold(leaf, node)))
            },
        },
        Way {
            name: "futures: `map` and `boxed`",
            nest: |seed, pending, depth| {
                let leaf: Futures = Leaf::new(seed, pending).boxed_local();
                let node = |inner: Futures, _| {
                    inner
                        .map(|out| out.map(|out| out.rotate_left(5)))
                        .boxed_local()
                };
                drive(pin!((0..depth).fold(leaf, node)))
            },
        },
        Way {
            name: "`Box::pin(async)`",
            nest: |seed, pending, depth| {
                let leaf: Futures = Box::pin(Leaf::new(seed, pending));
                let node = |inner: Futures, _| -> Futures {
                    Box::pin(async { inner.await.map(|out| out.rotate_left(5)) })
                };
                drive(pin!((0..depth).fold(leaf, node)))
            },
        },
    ]
}

impl Way {
    /// Nanoseconds to make, poll to the end and drop one node: the least of many samples,
    /// for the machine has other work.
    pub fn node(&self, pending: bool) -> f64 {
        let of = |depth| {
            let sample = |_| {
                let start = Instant::now();
                for _ in 0..ROUNDS {
                    let _ = black_box((self.nest)(black_box(7), black_box(pending), depth));
                }
                start.elapsed()
            };
            let least = (0..SAMPLES).map(sample).min().unwrap_or_default();
            least.as_nanos() as f64 / f64::from(ROUNDS)
        };
        (of(NEST) - of(0)) / f64::from(NEST)
    }

    /// Allocations of one node.
    pub fn allocations(&self) -> usize {
        let of = |depth| allocations::of(|| (self.nest)(7, true, depth));
        (of(NEST) - of(0)) / NEST as usize
    }
}

/// Levels of calls over the leaves.
const LEVELS: u32 = 12;
/// Leaves of the tree.
pub const LEAVES: usize = 1 << LEVELS;

const TREES: usize = 20;

/// What became of a tree.
pub struct Tree {
    /// Of every leaf.
    pub polls: f64,
    /// From the first leaf that finishes to the end.
    pub took: Duration,
}

/// Ours, every node boxed. The least of several, for the machine has other work.
pub fn ours() -> Tree {
    fn tree(level: u32, leaf: &mut dyn FnMut() -> Futures) -> Boxes {
        match level {
            0 => defer(leaf()).boxed_local(),
            _ => f2(tree(level - 1, leaf), tree(level - 1, leaf)).boxed_local(),
        }
    }
    (0..TREES)
        .map(|_| one_by_one(|leaf| tree(LEVELS, leaf)))
        .min_by_key(|tree| tree.took)
        .expect("there are several")
}

/// By nested `try_join`, every node boxed.
pub fn nested() -> Tree {
    fn tree(level: u32, leaf: &mut dyn FnMut() -> Futures) -> Futures {
        match level {
            0 => leaf(),
            _ => by_combinators(tree(level - 1, leaf), tree(level - 1, leaf)).boxed_local(),
        }
    }
    one_by_one(|leaf| tree(LEVELS, leaf))
}

/// Make the tree, poll it, then let its leaves finish in an order that jumps.
fn one_by_one<F: Future<Output = Out>>(
    tree: impl FnOnce(&mut dyn FnMut() -> Futures) -> F,
) -> Tree {
    let polls = Rc::new(Cell::new(0_u64));
    let mut fire = Vec::new();
    let mut leaf = || -> Futures {
        let (sender, mut receiver) = oneshot::channel();
        fire.push(Some(sender));
        let polls = polls.clone();
        Box::pin(poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            Pin::new(&mut receiver)
                .poll(cx)
                .map(|value| Ok(value.unwrap_or(0)))
        }))
    };
    let mut tree = pin!(tree(&mut leaf));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(tree.as_mut().poll(&mut cx).is_pending());
    let start = Instant::now();
    for n in 0..LEAVES {
        let fire = fire[n * 1543 % LEAVES].take().expect("each leaf once");
        assert!(fire.send(n as u64).is_ok());
        let polled = tree.as_mut().poll(&mut cx);
        assert_eq!(matches!(polled, Poll::Ready(Ok(_))), n + 1 == LEAVES);
    }
    Tree {
        polls: polls.get() as f64 / LEAVES as f64,
        took: start.elapsed(),
    }
}
