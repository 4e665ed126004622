//! A list of deferreds as one argument: `total(vec![d0, d1, …])`.

use std::future::Future;

use defer::prelude::*;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, TryFutureExt, TryStreamExt, future};
use futures_concurrency::future::TryJoin;

use crate::case::Case;
use crate::leaf::{Leaf, Out, joined, run, runtime};

pub const THOUSAND: &str = "list of 1,000";
pub const TEN_THOUSAND: &str = "list of 10,000";
pub const HUNDRED_THOUSAND: &str = "list of 100,000";
/// The rival of the bars.
pub const RIVAL: &str = "by hand: try_join_all (late failure)";

/// The body.
fn sum(values: &[u64]) -> u64 {
    values
        .iter()
        .fold(0, |sum, value| sum.rotate_left(1) ^ value)
}

#[callback]
pub fn total(values: Vec<u64>) -> u64 {
    sum(&values)
}

fn leaves<const N: u64>(seed: u64, pending: bool) -> impl ExactSizeIterator<Item = Leaf> {
    (0..N as usize).map(move |place| Leaf::new(seed + place as u64, pending))
}

pub async fn try_join_all(members: Vec<impl Future<Output = Out>>) -> Out {
    Ok(sum(&future::try_join_all(members).await?))
}

/// As an engineer writes it who wants the first failure at once and the values in order.
pub async fn unordered(members: Vec<impl Future<Output = Out>>) -> Out {
    let mut values = vec![0; members.len()];
    let mut members: FuturesUnordered<_> = members
        .into_iter()
        .enumerate()
        .map(|(place, member)| member.map_ok(move |value| (place, value)))
        .collect();
    while let Some((place, value)) = members.try_next().await? {
        values[place] = value;
    }
    Ok(sum(&values))
}

pub async fn concurrency(members: Vec<impl Future<Output = Out>>) -> Out {
    Ok(sum(&members.try_join().await?))
}

async fn spawned(members: Vec<Leaf>) -> Out {
    let members: Vec<_> = members
        .into_iter()
        .map(|leaf| joined(tokio::spawn(leaf)))
        .collect();
    unordered(members).await
}

fn of<const N: u64>(what: &'static str) -> Vec<Case> {
    let case = |way, run| Case { what, way, run };
    vec![
        case("ours", |seed, pending| {
            run!(total(
                leaves::<N>(seed, pending).map(defer).collect::<Vec<_>>()
            ))
        }),
        case(RIVAL, |seed, pending| {
            run!(try_join_all(leaves::<N>(seed, pending).collect()))
        }),
        case("by hand: FuturesUnordered and places", |seed, pending| {
            run!(unordered(leaves::<N>(seed, pending).collect()))
        }),
        case("futures combinators", |seed, pending| {
            run!(future::try_join_all(leaves::<N>(seed, pending)).map_ok(|values| sum(&values)))
        }),
        case("futures-concurrency", |seed, pending| {
            run!(concurrency(leaves::<N>(seed, pending).collect()))
        }),
        case("ours, every node boxed", |seed, pending| {
            let members: Vec<_> = leaves::<N>(seed, pending)
                .map(|leaf| defer(leaf).boxed())
                .collect();
            run!(total(members).boxed())
        }),
        case("futures combinators, every node boxed", |seed, pending| {
            let members = leaves::<N>(seed, pending).map(FutureExt::boxed);
            run!(
                future::try_join_all(members)
                    .map_ok(|values| sum(&values))
                    .boxed()
            )
        }),
        case("tokio::spawn a node", |seed, pending| {
            runtime().block_on(spawned(leaves::<N>(seed, pending).collect()))
        }),
    ]
}

pub fn cases() -> Vec<Case> {
    let mut cases = of::<1_000>(THOUSAND);
    cases.extend(of::<10_000>(TEN_THOUSAND));
    // What the bar compares: all of them would take long to count.
    let longest = of::<100_000>(HUNDRED_THOUSAND);
    cases.extend(
        longest
            .into_iter()
            .filter(|case| ["ours", RIVAL].contains(&case.way)),
    );
    cases
}
