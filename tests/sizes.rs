//! How large deferreds are: what is inside, and little more.

use std::mem::size_of_val;
use std::pin::Pin;
use std::task::{Context, Poll};

use defer::prelude::*;
use futures::{TryFuture, TryFutureExt};

#[derive(Debug)]
struct Oops;

type Outcome = Result<u64, Oops>;

/// Pending once.
struct Leaf(bool, u64);

impl Future for Leaf {
    type Output = Outcome;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(Ok(self.1));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[callback]
fn one(a: u64) -> u64 {
    a + 1
}

#[callback]
fn two(a: u64, b: u64) -> u64 {
    a + b
}

fn leaf() -> Leaf {
    Leaf(false, 1)
}

/// `nest!(f, leaf, . . .)`: as many calls of `f` as there are dots.
macro_rules! nest {
    ($f:ident, $leaf:expr,) => { $leaf };
    ($f:ident, $leaf:expr, . $($dot:tt)*) => { $f(nest!($f, $leaf, $($dot)*)) };
}

fn map_one<F: TryFuture<Ok = u64, Error = Oops>>(
    future: F,
) -> impl Future<Output = Outcome> + use<F> {
    future.map_ok(|n| n + 1)
}

#[test]
fn sixteen_calls_deep_it_is_no_larger_than_combinators() {
    let ours = size_of_val(&nest!(one, defer(leaf()), . . . . . . . . . . . . . . . .));
    let theirs = size_of_val(&nest!(map_one, leaf(), . . . . . . . . . . . . . . . .));
    assert!(ours <= theirs + 16, "{ours} B against {theirs} B");
}

#[test]
fn a_call_of_one_argument_adds_nothing_by_depth() {
    let flat = size_of_val(&nest!(one, defer(leaf()), .));
    let deep = size_of_val(&nest!(one, defer(leaf()), . . . . . . . . . . . . . . . .));
    assert!(
        deep <= flat + 16,
        "{deep} B at depth 16, {flat} B at depth 1"
    );
}

mod by_hand {
    use super::*;

    pub(crate) async fn with_futures(
        a: impl Future<Output = Outcome>,
        b: impl Future<Output = Outcome>,
    ) -> Outcome {
        let (a, b) = futures::future::try_join(a, b).await?;
        Ok(a + b)
    }

    pub(crate) async fn with_tokio(
        a: impl Future<Output = Outcome>,
        b: impl Future<Output = Outcome>,
    ) -> Outcome {
        let (a, b) = tokio::try_join!(a, b)?;
        Ok(a + b)
    }
}

#[test]
fn a_join_in_a_join_is_less_than_half_of_what_one_writes_by_hand() {
    use by_hand::{with_futures, with_tokio};
    let ours = size_of_val(&two(defer(leaf()), two(defer(leaf()), defer(leaf()))));
    let futures = size_of_val(&with_futures(leaf(), with_futures(leaf(), leaf())));
    let tokio = size_of_val(&with_tokio(leaf(), with_tokio(leaf(), leaf())));
    let theirs = futures.min(tokio);
    assert!(
        ours * 10 <= theirs * 4,
        "{ours} B against {theirs} B (futures {futures} B, tokio {tokio} B)"
    );
}

#[test]
fn trees_grow_with_their_leaves() {
    macro_rules! tree {
        () => { defer(leaf()) };
        (. $($dot:tt)*) => { two(tree!($($dot)*), tree!($($dot)*)) };
    }
    let leaf = size_of_val(&tree!());
    for (leaves, size) in [
        (2, size_of_val(&tree!(.))),
        (4, size_of_val(&tree!(. .))),
        (8, size_of_val(&tree!(. . .))),
        (16, size_of_val(&tree!(. . . .))),
        (64, size_of_val(&tree!(. . . . . .))),
    ] {
        // A leaf, its place, and a place for each of the joins between them.
        assert!(
            size <= leaves * (leaf + 16),
            "{size} B for {leaves} leaves of {leaf} B"
        );
    }
}

#[test]
fn an_errback_adds_its_arguments() {
    #[errback]
    fn rescue(failure: Oops, other: u64) -> u64 {
        let _ = failure;
        other
    }
    let without = size_of_val(&one(defer(leaf())));
    let with = size_of_val(&rescue(one(defer(leaf())), 1));
    assert!(with <= without + 32, "{with} B around {without} B");
}

#[test]
fn an_async_body_does_not_double_with_depth() {
    #[callback]
    async fn next(n: u64) -> Result<u64, Oops> {
        let more = leaf().await?;
        Ok(n + more)
    }
    let four = size_of_val(&nest!(next, defer(leaf()), . . . .));
    let eight = size_of_val(&nest!(next, defer(leaf()), . . . . . . . .));
    assert!(
        eight <= four + 4 * 32,
        "{eight} B at depth 8, {four} B at depth 4"
    );
}

#[test]
fn plain_arguments_cost_their_size() {
    #[callback]
    fn plain(a: u64, #[value] b: [u8; 32]) -> u64 {
        a + u64::from(b[0])
    }
    let size = size_of_val(&plain(1, [0; 32]));
    assert!(size <= 32 + 16 + 8, "{size} B");
    assert_eq!(size_of_val(&succeed(())), size_of::<Option<()>>());
    assert_eq!(size_of::<Deferred<u64>>(), 16, "a box is two words");
}

#[test]
fn a_failure_is_one_word() {
    assert_eq!(size_of::<Failure>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Failure>>(), size_of::<usize>());
    assert_eq!(size_of::<Result<u64, Failure>>(), 2 * size_of::<u64>());
}

#[test]
fn a_trail_costs_a_chain_nothing() {
    // One word large, as `Failure` is.
    struct Word(#[allow(dead_code, reason = "for its size")] Box<u8>);
    fn sized<E: 'static>(error: fn() -> E) -> [usize; 4] {
        let leaf = || defer(std::future::ready(Err::<u64, E>(error())));
        let closures = leaf()
            .add_callback(|n| n + 1)
            .add_errback(Err::<u64, E>)
            .add_callbacks(Ok::<u64, E>, Err);
        [
            size_of_val(&one(leaf())),
            size_of_val(&nest!(one, leaf(), . . . . . . . .)),
            size_of_val(&two(leaf(), two(leaf(), leaf()))),
            size_of_val(&closures),
        ]
    }
    assert_eq!(
        sized(|| Failure::msg("no")),
        sized(|| Word(Box::new(0))),
        "with a trail, and without"
    );
}
