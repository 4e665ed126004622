//! A full binary tree of calls over 64 leaves.

use defer::prelude::*;
use futures::FutureExt;

use crate::case::Case;
use crate::expression::{
    by_combinators, by_concurrency, by_futures, by_futures_macro, by_spawn, by_tokio, f2,
};
use crate::leaf::{Leaf, Out, run, runtime};

pub const WHAT: &str = "tree of 64 leaves";

/// Levels of calls over leaves: each level is a closure that makes one subtree.
macro_rules! tree {
    ($seed:ident, $pending:ident, $f:ident $(, leaf = $leaf:ident)? $(, after = $after:ident)?) => {{
        let mut value = $seed;
        let mut leaf = || {
            value += 1;
            tree!(@leaf Leaf::new(value, $pending) $(, $leaf)?)
        };
        let mut level1 = || $f(leaf(), leaf())$(.$after())?;
        let mut level2 = || $f(level1(), level1())$(.$after())?;
        let mut level3 = || $f(level2(), level2())$(.$after())?;
        let mut level4 = || $f(level3(), level3())$(.$after())?;
        let mut level5 = || $f(level4(), level4())$(.$after())?;
        $f(level5(), level5())$(.$after())?
    }};
    (@leaf $leaf:expr) => { $leaf };
    (@leaf $leaf:expr, $wrap:ident) => { $wrap($leaf) };
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
            run!(tree!(seed, pending, f2, leaf = defer))
        }),
        case("by hand: async fns, tokio::try_join!", |seed, pending| {
            run!(tree!(seed, pending, by_tokio))
        }),
        case("by hand: async fns, futures::try_join!", |seed, pending| {
            run!(tree!(seed, pending, by_futures_macro))
        }),
        case(
            "by hand: async fns, futures::future::try_join",
            |seed, pending| run!(tree!(seed, pending, by_futures)),
        ),
        case("futures combinators", |seed, pending| {
            run!(tree!(seed, pending, by_combinators))
        }),
        case("futures-concurrency", |seed, pending| {
            run!(tree!(seed, pending, by_concurrency))
        }),
        case("ours, every node boxed", |seed, pending| {
            run!(tree!(seed, pending, f2, leaf = defer, after = boxed))
        }),
        case("futures combinators, every node boxed", |seed, pending| {
            run!(tree!(seed, pending, by_combinators, after = boxed))
        }),
        case("tokio::spawn a node", |seed, pending| {
            runtime().block_on(async { tree!(seed, pending, by_spawn).await })
        }),
    ]
}
