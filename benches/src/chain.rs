//! Eight calls around one another: `f(f(f(f(f(f(f(f(d))))))))`.

use std::future::Future;

use defer::prelude::*;
use futures::{FutureExt, TryFutureExt, future};

use crate::case::Case;
use crate::leaf::{Leaf, Out, Refused, joined, run, runtime};

pub const PLAIN: &str = "chain of 8, plain bodies";
pub const ASYNC: &str = "chain of 8, async bodies";

/// The plain body.
#[inline]
fn next(x: u64) -> Out {
    if x == u64::MAX {
        Err(Refused(2))
    } else {
        Ok(x.rotate_left(7) ^ 0x9e37_79b9)
    }
}

#[callback]
fn step(x: u64) -> Result<u64, Refused> {
    next(x)
}

/// The asynchronous body: it waits for a leaf of its own.
async fn wait(x: u64) -> Out {
    // Pending as the first leaf was: the lowest bit travels along the chain.
    next(Leaf::new(x | 2, x & 1 == 1).await?).map(|y| (y & !1) | (x & 1))
}

#[callback]
async fn wait_step(x: u64) -> Result<u64, Refused> {
    next(Leaf::new(x | 2, x & 1 == 1).await?).map(|y| (y & !1) | (x & 1))
}

async fn eight(d: impl Future<Output = Out>) -> Out {
    let x = next(d.await?)?;
    let x = next(x)?;
    let x = next(x)?;
    let x = next(x)?;
    let x = next(x)?;
    let x = next(x)?;
    let x = next(x)?;
    next(x)
}

async fn eight_waits(d: impl Future<Output = Out>) -> Out {
    let x = wait(d.await?).await?;
    let x = wait(x).await?;
    let x = wait(x).await?;
    let x = wait(x).await?;
    let x = wait(x).await?;
    let x = wait(x).await?;
    let x = wait(x).await?;
    wait(x).await
}

async fn nested(d: impl Future<Output = Out>) -> Out {
    next(d.await?)
}

async fn nested_wait(d: impl Future<Output = Out>) -> Out {
    wait(d.await?).await
}

fn combined(d: impl Future<Output = Out>) -> impl Future<Output = Out> {
    d.and_then(|x| future::ready(next(x)))
}

fn combined_wait(d: impl Future<Output = Out>) -> impl Future<Output = Out> {
    d.and_then(wait)
}

async fn spawned(d: impl Future<Output = Out> + Send + 'static) -> Out {
    joined(tokio::spawn(nested(d))).await
}

async fn spawned_wait(d: impl Future<Output = Out> + Send + 'static) -> Out {
    joined(tokio::spawn(nested_wait(d))).await
}

/// `$f` eight times around `$d`, each made by `$after`.
macro_rules! eight {
    ($f:ident, $d:expr) => {
        $f($f($f($f($f($f($f($f($d))))))))
    };
    ($f:ident, $d:expr, boxed) => {
        $f($f($f($f($f($f($f($f($d).boxed()).boxed()).boxed()).boxed()).boxed()).boxed()).boxed())
            .boxed()
    };
}

fn plain(way: &'static str, run: fn(u64, bool) -> Out) -> Case {
    Case {
        what: PLAIN,
        way,
        run,
    }
}

fn with_async(way: &'static str, run: fn(u64, bool) -> Out) -> Case {
    Case {
        what: ASYNC,
        way,
        run,
    }
}

/// The leaf; its lowest bit tells the asynchronous bodies what to do.
fn leaf(seed: u64, pending: bool) -> Leaf {
    Leaf::new((seed << 1) | u64::from(pending), pending)
}

pub fn cases() -> Vec<Case> {
    vec![
        plain("ours", |seed, pending| {
            run!(eight!(step, defer(leaf(seed, pending))))
        }),
        plain("by hand: one async fn, eight `?`", |seed, pending| {
            run!(eight(leaf(seed, pending)))
        }),
        plain("by hand: an async fn a step", |seed, pending| {
            run!(eight!(nested, leaf(seed, pending)))
        }),
        plain("futures combinators", |seed, pending| {
            run!(eight!(combined, leaf(seed, pending)))
        }),
        plain("ours, every node boxed", |seed, pending| {
            run!(eight!(step, defer(leaf(seed, pending)), boxed))
        }),
        plain("futures combinators, every node boxed", |seed, pending| {
            run!(eight!(combined, leaf(seed, pending), boxed))
        }),
        plain("tokio::spawn a node", |seed, pending| {
            runtime().block_on(eight!(spawned, leaf(seed, pending)))
        }),
        with_async("ours", |seed, pending| {
            run!(eight!(wait_step, defer(leaf(seed, pending))))
        }),
        with_async("by hand: one async fn, eight `?`", |seed, pending| {
            run!(eight_waits(leaf(seed, pending)))
        }),
        with_async("by hand: an async fn a step", |seed, pending| {
            run!(eight!(nested_wait, leaf(seed, pending)))
        }),
        with_async("futures combinators", |seed, pending| {
            run!(eight!(combined_wait, leaf(seed, pending)))
        }),
        with_async("ours, every node boxed", |seed, pending| {
            run!(eight!(wait_step, defer(leaf(seed, pending)), boxed))
        }),
        with_async("futures combinators, every node boxed", |seed, pending| {
            run!(eight!(combined_wait, leaf(seed, pending), boxed))
        }),
        with_async("tokio::spawn a node", |seed, pending| {
            runtime().block_on(eight!(spawned_wait, leaf(seed, pending)))
        }),
    ]
}
