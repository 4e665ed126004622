//! `f2(d1, f2(d2, d3))`.

use std::future::Future;

use defer::prelude::*;
use futures::{FutureExt, TryFutureExt, future};
use futures_concurrency::future::TryJoin;

use crate::case::Case;
use crate::leaf::{Leaf, Out, Refused, joined, run, runtime};

pub const WHAT: &str = "f2(d1, f2(d2, d3))";

/// The body, of which every way makes the same use.
#[inline]
pub fn mix(a: u64, b: u64) -> u64 {
    a.rotate_left(5) ^ b
}

#[callback]
pub fn f2(a: u64, b: u64) -> u64 {
    mix(a, b)
}

pub async fn by_tokio(a: impl Future<Output = Out>, b: impl Future<Output = Out>) -> Out {
    let (a, b) = tokio::try_join!(a, b)?;
    Ok(mix(a, b))
}

pub async fn by_futures(a: impl Future<Output = Out>, b: impl Future<Output = Out>) -> Out {
    let (a, b) = future::try_join(a, b).await?;
    Ok(mix(a, b))
}

pub async fn by_futures_macro(a: impl Future<Output = Out>, b: impl Future<Output = Out>) -> Out {
    let (a, b) = futures::try_join!(a, b)?;
    Ok(mix(a, b))
}

pub async fn by_concurrency(a: impl Future<Output = Out>, b: impl Future<Output = Out>) -> Out {
    let (a, b) = (a, b).try_join().await?;
    Ok(mix(a, b))
}

pub fn by_combinators(
    a: impl Future<Output = Out>,
    b: impl Future<Output = Out>,
) -> impl Future<Output = Out> {
    future::try_join(a, b).map_ok(|(a, b)| mix(a, b))
}

pub async fn by_spawn(
    a: impl Future<Output = Out> + Send + 'static,
    b: impl Future<Output = Out> + Send + 'static,
) -> Out {
    joined(tokio::spawn(by_tokio(a, b))).await
}

/// The whole expression in one `async` block, no function taking futures.
async fn one_block(d1: Leaf, d2: Leaf, d3: Leaf) -> Out {
    let inner = async {
        let (b, c) = tokio::try_join!(d2, d3)?;
        Ok::<_, Refused>(mix(b, c))
    };
    let (a, b) = tokio::try_join!(d1, inner)?;
    Ok(mix(a, b))
}

pub fn leaves(seed: u64, pending: bool) -> (Leaf, Leaf, Leaf) {
    (
        Leaf::new(seed, pending),
        Leaf::new(seed + 1, pending),
        Leaf::new(seed + 2, pending),
    )
}

fn case(way: &'static str, run: fn(u64, bool) -> Out) -> Case {
    Case {
        what: WHAT,
        way,
        run,
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        case("ours", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(f2(defer(a), f2(defer(b), defer(c))))
        }),
        case("by hand: async fns, tokio::try_join!", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(by_tokio(a, by_tokio(b, c)))
        }),
        case("by hand: async fns, futures::try_join!", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(by_futures_macro(a, by_futures_macro(b, c)))
        }),
        case(
            "by hand: async fns, futures::future::try_join",
            |seed, pending| {
                let (a, b, c) = leaves(seed, pending);
                run!(by_futures(a, by_futures(b, c)))
            },
        ),
        case(
            "by hand: one async fn, tokio::try_join!",
            |seed, pending| {
                let (a, b, c) = leaves(seed, pending);
                run!(one_block(a, b, c))
            },
        ),
        case("futures combinators", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(by_combinators(a, by_combinators(b, c)))
        }),
        case("futures-concurrency", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(by_concurrency(a, by_concurrency(b, c)))
        }),
        case("ours, every node boxed", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(f2(defer(a), f2(defer(b), defer(c)).boxed()).boxed())
        }),
        case("futures combinators, every node boxed", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            run!(by_combinators(a, by_combinators(b, c).boxed()).boxed())
        }),
        case("tokio::spawn a node", |seed, pending| {
            let (a, b, c) = leaves(seed, pending);
            runtime().block_on(by_spawn(a, by_spawn(b, c)))
        }),
    ]
}
