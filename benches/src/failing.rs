//! A failure through nested calls: what its trail costs, on the way of the failure only.

use std::error::Error;
use std::fmt;
use std::future::pending;

use defer::prelude::*;

use crate::case::Case;
use crate::leaf::{Leaf, Out, Refused, run};

pub const WHAT: &str = "failure through nested calls";

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl Error for Refused {}

#[callback]
fn typed(x: u64) -> Result<u64, Refused> {
    Ok(x.rotate_left(7))
}

#[callback]
fn any(x: u64) -> Result<u64, Failure> {
    Ok(x.rotate_left(7))
}

/// A call with a sibling that a failure drops.
#[callback]
fn beside(x: u64, y: u64) -> Result<u64, Failure> {
    Ok(x ^ y)
}

async fn boxed(d: impl Future<Output = Out>) -> Result<u64, Box<dyn Error + Send + Sync>> {
    Ok(d.await?)
}

async fn nested(
    d: impl Future<Output = Result<u64, Box<dyn Error + Send + Sync>>>,
) -> Result<u64, Box<dyn Error + Send + Sync>> {
    Ok(d.await?.rotate_left(7))
}

macro_rules! eight {
    ($f:ident, $d:expr) => {
        $f($f($f($f($f($f($f($f($d))))))))
    };
}

/// A leaf that fails.
fn leaf(seed: u64, pending: bool) -> Leaf {
    Leaf::new(seed >> 8, pending)
}

fn slow() -> Deferred<Out, defer::Wrapped<std::future::Pending<Out>>> {
    defer(pending())
}

/// The error in the form of all cases, out of which the trail is not optimised.
fn refused(failure: &Failure) -> Refused {
    Refused(failure.trail().len() as u32)
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
        case("ours, 8 calls, a `Failure`", |seed, pending| {
            let chain = eight!(any, defer(leaf(seed, pending)));
            run!(chain.add_errback(|failure: Failure| Err::<u64, _>(refused(&failure))))
        }),
        case("ours, 16 calls, a `Failure`", |seed, pending| {
            let chain = eight!(any, eight!(any, defer(leaf(seed, pending))));
            run!(chain.add_errback(|failure: Failure| Err::<u64, _>(refused(&failure))))
        }),
        case(
            "ours, 8 calls with a sibling, a `Failure`",
            |seed, pending| {
                macro_rules! beside {
                    ($d:expr) => {
                        beside($d, slow())
                    };
                }
                let chain = defer(leaf(seed, pending));
                let chain = beside!(beside!(beside!(beside!(beside!(beside!(beside!(
                    beside!(chain)
                )))))));
                run!(chain.add_errback(|failure: Failure| Err::<u64, _>(refused(&failure))))
            },
        ),
        case("ours, 8 calls, a typed error", |seed, pending| {
            run!(eight!(typed, defer(leaf(seed, pending))))
        }),
        case("ours, 16 calls, a typed error", |seed, pending| {
            run!(eight!(typed, eight!(typed, defer(leaf(seed, pending)))))
        }),
        case("by hand: 8 async fns, `Box<dyn Error>`", |seed, pending| {
            let chain = async move {
                let outcome = eight!(nested, boxed(leaf(seed, pending))).await;
                outcome.map_err(|error| Refused(u32::from(error.is::<Refused>())))
            };
            run!(chain)
        }),
    ]
}
