//! One deferred for many: cloning it, and waking all who wait for it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use defer::prelude::*;
use futures::FutureExt;

use crate::case::Case;
use crate::leaf::{Leaf, Out, drive};

pub const CLONES: &str = "shared: 100 clones, made and dropped, one awaited";
pub const WAKES: &str = "shared: 10 clones that wait are woken and have the outcome";
pub const RIVAL: &str = "`futures::future::Shared`";

/// Makes clones and drops them, then awaits one.
fn clones(shared: impl Future<Output = Out> + Clone) -> Out {
    for _ in 0..100 {
        drop(black_box(shared.clone()));
    }
    drive(std::pin::pin!(shared))
}

/// Something that wakes when it is told to.
#[derive(Default)]
struct Gate {
    open: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// The work of a gate.
fn work(gate: Arc<Mutex<Gate>>, seed: u64) -> impl Future<Output = Out> + Send {
    poll_fn(move |cx| {
        let gate = gate.lock().expect("nobody panics");
        if gate.open.get() {
            return Poll::Ready(Ok(seed));
        }
        gate.waker.set(Some(cx.waker().clone()));
        Poll::Pending
    })
}

/// All clones wait, if it is pending; then the work is woken, and each of them is polled.
fn woken<S: Future<Output = Out> + Clone + Unpin>(
    seed: u64,
    pending: bool,
    share: impl Fn(Arc<Mutex<Gate>>, u64) -> S,
) -> Out {
    let gate = Arc::new(Mutex::new(Gate::default()));
    let shared = share(gate.clone(), seed);
    let mut all: Vec<S> = (0..10).map(|_| shared.clone()).collect();
    let mut cx = Context::from_waker(Waker::noop());
    if pending {
        for clone in &mut all {
            assert!(Pin::new(clone).poll(&mut cx).is_pending());
        }
    }
    let waker = {
        let gate = gate.lock().expect("nobody panics");
        gate.open.set(true);
        gate.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
    let mut sum = 0_u64;
    for clone in &mut all {
        let Poll::Ready(out) = Pin::new(clone).poll(&mut cx) else {
            unreachable!("the gate is open")
        };
        sum = sum.rotate_left(1) ^ out?;
    }
    Ok(sum)
}

pub fn cases() -> Vec<Case> {
    let case = |what, way, run| Case { what, way, run };
    vec![
        case(CLONES, "ours", |seed, pending| {
            clones(defer(Leaf::new(seed, pending)).shared())
        }),
        case(CLONES, RIVAL, |seed, pending| {
            clones(Leaf::new(seed, pending).shared())
        }),
        case(WAKES, "ours", |seed, pending| {
            woken(seed, pending, |gate, seed| defer(work(gate, seed)).shared())
        }),
        case(WAKES, RIVAL, |seed, pending| {
            woken(seed, pending, |gate, seed| work(gate, seed).shared())
        }),
    ]
}
