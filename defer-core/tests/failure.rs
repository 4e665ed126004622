//! A failure, its clones and its trail: who owns what.
//!
//! No attribute and no runtime: the calls are made of what the attributes expand to, so
//! that miri can run them.

#![cfg(feature = "std")]

use std::error::Error;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use defer_core::__private::{Adopts, Call, ClosureBody, Join1, Join2, Plainly, Site, Slot};
use defer_core::{
    Arg, Chain, Deferred, Failure, Kind, Lift, Merge, OutOf, Passage, TimedOut, defer, fail,
};
use futures::executor::block_on;

static ADD: Site = Site::new("add", "a.rs", 1, &["a", "b"], Adopts::known());
static SUM: Site = Site::new("sum", "b.rs", 2, &["all"], Adopts::known());

/// `fn add(a: u8, b: u8) -> u8` as an annotated function.
fn add<A, M, B, N, K: Kind>(a: A, b: B) -> Deferred<OutOf<K, u8>, impl Chain<Output = OutOf<K, u8>>>
where
    A: Arg<u8, M>,
    B: Arg<u8, N>,
    A::Kind: Merge<B::Kind, Kind = K> + Lift<K::Error>,
    B::Kind: Lift<K::Error>,
{
    let arguments =
        Join2::<A::Chain, A::Kind, u8, B::Chain, B::Kind, u8>::new(Slot::new(a), Slot::new(b));
    let body = ClosureBody::new(|(a, b)| a + b, &ADD);
    Deferred::from_chain(Call::<_, _, K, Plainly>::new(arguments, body))
}

/// `fn sum(all: Vec<u8>) -> u8`.
fn sum<A, M, K>(all: A) -> Deferred<OutOf<K, u8>, impl Chain<Output = OutOf<K, u8>>>
where
    A: Arg<Vec<u8>, M, Kind = K>,
    K: Kind + Lift<<K as Kind>::Error>,
{
    let arguments = Join1::<A::Chain, A::Kind, Vec<u8>>::of(all.into_chain());
    let body = ClosureBody::new(|(all,): (Vec<u8>,)| all.iter().sum(), &SUM);
    Deferred::from_chain(Call::<_, _, K, Plainly>::new(arguments, body))
}

/// An error that counts its owners.
#[derive(Debug)]
struct Counted(Arc<()>);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counted")
    }
}

impl Error for Counted {}

fn failed() -> Result<u8, Failure> {
    Err(TimedOut::default().into())
}

#[test]
fn the_trail_of_nested_calls() {
    let failure = block_on(add(1, add(failed(), 1))).unwrap_err();
    let trail = failure.trail().to_string();
    assert_eq!(trail, "at add arg 1 (a.rs:1) <- add arg 2 (a.rs:1)");
    assert!(failure.is_timeout());
}

#[test]
fn the_trail_of_a_list() {
    let pending = || defer(std::future::pending::<Result<u8, Failure>>()).boxed();
    let members = vec![pending(), fail(Failure::msg("no")).boxed(), pending()];
    let failure = block_on(sum(members)).unwrap_err();
    assert_eq!(failure.trail().to_string(), "at sum arg 1[1] (b.rs:2)");
    let hop = failure.trail().hops().next().unwrap();
    assert_eq!(hop.passage(), Passage::Skipped);
    assert_eq!(hop.dropped().collect::<Vec<_>>(), [("future", 2)]);
}

#[test]
fn clones_go_their_own_ways_and_share_the_error() {
    let owners = Arc::new(());
    let failure = Failure::from(Counted(owners.clone()));
    let one = block_on(add(Err::<u8, _>(failure.clone()), 1)).unwrap_err();
    let other = block_on(add(1, Err::<u8, _>(failure.clone()))).unwrap_err();
    assert_eq!(one.trail().to_string(), "at add arg 1 (a.rs:1)");
    assert_eq!(other.trail().to_string(), "at add arg 2 (a.rs:1)");
    assert!(failure.trail().is_empty());
    assert_eq!(Arc::strong_count(&owners), 2);
    drop((failure, one));
    let Counted(owned) = other.downcast().unwrap();
    assert!(Arc::ptr_eq(&owned, &owners));
}

#[test]
fn a_failure_that_is_had_back_leaves_nothing_behind() {
    let owners = Arc::new(());
    let boxed: Box<dyn Error + Send + Sync> = Box::new(Counted(owners.clone()));
    for failure in [Failure::from_boxed(boxed), Counted(owners.clone()).into()] {
        let failure = block_on(add(Err::<u8, _>(failure), 1)).unwrap_err();
        let failure = failure.downcast::<TimedOut>().unwrap_err();
        let clone = failure.clone();
        let failure = failure.downcast::<Counted>().unwrap_err();
        drop(clone);
        drop(failure.downcast::<Counted>().unwrap());
    }
    assert_eq!(Arc::strong_count(&owners), 1);
}

#[test]
fn a_trail_is_bounded() {
    let mut failure = failed();
    for _ in 0..200 {
        failure = block_on(add(1, failure));
    }
    let failure = failure.unwrap_err();
    let trail = failure.trail();
    assert_eq!((trail.len(), trail.hops().len()), (200, 32));
    assert_eq!(trail.left_out(), 168);
    assert!(trail.to_string().contains(" <- … 168 more <- "));
}

/// As large as a failure, and no failure.
#[test]
fn errors_of_other_types_pass_as_they_are() {
    let owner = Rc::new(3_u8);
    let outcome: Result<u8, Rc<u8>> = block_on(add(1, Err::<u8, _>(owner.clone())));
    assert!(Rc::ptr_eq(&outcome.unwrap_err(), &owner));
}
