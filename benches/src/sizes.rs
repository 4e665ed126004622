//! Bytes of the futures, by depth.

use std::future::Future;

use defer::prelude::*;
use futures::{FutureExt, TryFutureExt};

use crate::allocations;
use crate::expression::{by_combinators, by_futures, by_futures_macro, by_tokio, f2, leaves};
use crate::leaf::{Leaf, Out, drive_once};
use crate::list;

#[callback]
fn inc(x: u64) -> u64 {
    x.wrapping_add(1)
}

#[callback]
async fn inc_later(x: u64) -> u64 {
    Leaf::new(x, true).await.unwrap_or(0)
}

async fn wait(x: u64) -> Out {
    Leaf::new(x, true).await
}

#[allow(clippy::manual_async_fn, reason = "the block is what is shown")]
fn by_hand(d: impl Future<Output = Out>) -> impl Future<Output = Out> {
    async move { Ok(d.await?.wrapping_add(1)) }
}

#[allow(clippy::manual_async_fn, reason = "the block is what is shown")]
fn by_hand_later(d: impl Future<Output = Out>) -> impl Future<Output = Out> {
    async move {
        let x = d.await?;
        wait(x).await
    }
}

fn by_map_ok(d: impl Future<Output = Out>) -> impl Future<Output = Out> {
    d.map_ok(|x| x.wrapping_add(1))
}

fn boxed(d: impl Future<Output = Out> + Send + 'static) -> impl Future<Output = Out> + Send {
    d.map_ok(|x| x.wrapping_add(1)).boxed()
}

/// `$f` so many times around a leaf.
macro_rules! deep {
    (1, $f:ident, $d:expr) => {
        $f($d)
    };
    (2, $f:ident, $d:expr) => {
        deep!(1, $f, $f($d))
    };
    (4, $f:ident, $d:expr) => {
        deep!(2, $f, deep!(2, $f, $d))
    };
    (8, $f:ident, $d:expr) => {
        deep!(4, $f, deep!(4, $f, $d))
    };
    (12, $f:ident, $d:expr) => {
        deep!(4, $f, deep!(8, $f, $d))
    };
    (16, $f:ident, $d:expr) => {
        deep!(8, $f, deep!(8, $f, $d))
    };
}

macro_rules! by_depth {
    ($f:ident, $d:expr) => {
        vec![
            size_of_val(&deep!(1, $f, $d)),
            size_of_val(&deep!(2, $f, $d)),
            size_of_val(&deep!(4, $f, $d)),
            size_of_val(&deep!(8, $f, $d)),
            size_of_val(&deep!(12, $f, $d)),
            size_of_val(&deep!(16, $f, $d)),
        ]
    };
}

macro_rules! by_small_depth {
    ($f:ident, $d:expr) => {
        vec![
            size_of_val(&deep!(1, $f, $d)),
            size_of_val(&deep!(2, $f, $d)),
            size_of_val(&deep!(4, $f, $d)),
            size_of_val(&deep!(8, $f, $d)),
        ]
    };
}

/// The depths that are shown.
pub const DEPTHS: [usize; 6] = [1, 2, 4, 8, 12, 16];

/// One way to write the chain, and its bytes at each depth.
pub type Row = (&'static str, Vec<usize>);

/// Plain bodies around one leaf.
pub fn plain() -> Vec<Row> {
    let leaf = || Leaf::new(1, true);
    vec![
        ("ours", by_depth!(inc, defer(leaf()))),
        (
            "by hand: `async move { f(x.await?) }`",
            by_depth!(by_hand, leaf()),
        ),
        ("futures: `map_ok`", by_depth!(by_map_ok, leaf())),
        (
            "futures: `map_ok`, every node boxed",
            by_depth!(boxed, leaf()),
        ),
    ]
}

/// Asynchronous bodies around one leaf, each waiting for another leaf, up to depth 8: deeper ones take the
/// compiler minutes.
pub fn with_async() -> Vec<Row> {
    let leaf = || Leaf::new(1, true);
    vec![
        ("ours", by_small_depth!(inc_later, defer(leaf()))),
        (
            "by hand: `async move { f(x.await?).await }`",
            by_small_depth!(by_hand_later, leaf()),
        ),
    ]
}

/// `f2(d1, f2(d2, d3))`: over leaves of this program, and over futures of `async fn`s.
pub fn expression() -> Vec<(&'static str, usize, usize)> {
    async fn get(leaf: Leaf) -> Out {
        leaf.await
    }
    let three = || leaves(1, true);
    let later = || {
        let (a, b, c) = leaves(1, true);
        (get(a), get(b), get(c))
    };
    macro_rules! sizes {
        ($way:literal, |$a:ident, $b:ident, $c:ident| $made:expr) => {{
            let ($a, $b, $c) = three();
            let small = size_of_val(&$made);
            let ($a, $b, $c) = later();
            ($way, small, size_of_val(&$made))
        }};
    }
    vec![
        sizes!("ours", |a, b, c| f2(defer(a), f2(defer(b), defer(c)))),
        sizes!("by hand: async fns, tokio::try_join!", |a, b, c| by_tokio(
            a,
            by_tokio(b, c)
        )),
        sizes!("by hand: async fns, futures::try_join!", |a, b, c| {
            by_futures_macro(a, by_futures_macro(b, c))
        }),
        sizes!(
            "by hand: async fns, futures::future::try_join",
            |a, b, c| { by_futures(a, by_futures(b, c)) }
        ),
        sizes!("futures combinators", |a, b, c| by_combinators(
            a,
            by_combinators(b, c)
        )),
        sizes!("the three leaves alone", |a, b, c| (a, b, c)),
    ]
}

/// How many members the lists have.
pub const MEMBERS: usize = 10_000;

/// Bytes that a list asks for, a member, from the vector of its members to the end of its first
/// poll, less those of the member itself. The members are pending.
pub fn lists() -> Vec<(&'static str, f64)> {
    let leaves = || {
        let leaves = (0..MEMBERS).map(|place| Leaf::new(1 + place as u64, true));
        leaves.collect::<Vec<_>>()
    };
    macro_rules! bytes {
        ($way:literal, $members:expr, $wait:expr) => {{
            let members = $members;
            let bytes = allocations::bytes(|| drive_once(std::pin::pin!($wait(members))));
            let beyond = bytes as f64 / MEMBERS as f64 - size_of::<Leaf>() as f64;
            ($way, beyond)
        }};
    }
    vec![
        bytes!(
            "ours",
            leaves().into_iter().map(defer).collect::<Vec<_>>(),
            list::total
        ),
        bytes!(
            "futures::future::try_join_all",
            leaves(),
            list::try_join_all
        ),
        bytes!(
            "by hand: FuturesUnordered and places",
            leaves(),
            list::unordered
        ),
        bytes!("futures-concurrency", leaves(), list::concurrency),
    ]
}
