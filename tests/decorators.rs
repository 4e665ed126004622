//! What the decorators do from which the attributes come, as it reads in Rust.
//!
//! The suite of `twisted-callback-decorators` names 38 behaviours, numbered here in its
//! order. Keyword arguments do not exist in Rust: where a behaviour was about where a
//! deferred stands among them, it is about its position here.
//!
//! | behaviours | here |
//! | --- | --- |
//! | 1–3: plain arguments, positional, by keyword, mixed | [`plain_arguments`] |
//! | 4–6: one deferred among plain arguments | [`one_deferred_among_plain_arguments`] |
//! | 7–9: every argument a deferred | [`two_deferreds`] |
//! | 10, 12, 13: a call as an argument, in either position | [`a_call_as_an_argument`] |
//! | 11: calls of calls | [`calls_of_calls`] |
//! | 14: three ways of passing in one expression | [`mixed_ways_in_one_expression`] |
//! | 15: a failing argument fails the call | [`a_failing_argument_fails_the_call`] |
//! | 16: the other deferreds are cancelled | [`the_other_deferreds_are_dropped`]: dropped, as their resolvers learn |
//! | 17: an errback that raises | [`an_errback_that_fails_itself`] |
//! | 18: an errback that gives its failure back | [`an_errback_that_gives_its_failure_back`] |
//! | 19: an errback that is given a plain failure | [`an_errback_of_a_plain_failure`]: an `Err` |
//! | 20–22: an errback called with no argument | cannot be, both are compile errors: the call misses an argument (ui case `missing_argument`), and an `#[errback]` without a parameter is refused (`refused_errback_without_a_parameter`) |
//! | 23: an errback of plain values | [`an_errback_of_plain_values`]: of an `Ok`; of a value that cannot fail it is a compile error (`errback_on_a_value`, `errback_on_what_cannot_fail`) |
//! | 24: recovery with another argument | [`recovery_with_another_argument`] |
//! | 25–27: recovery with arguments that have a default | [`recovery_with_an_argument_that_may_be_missing`]: an `Option` |
//! | 28, 29: no error, no errback, once or twice around | [`no_error_no_errback`] |
//! | 30: errbacks among nested calls | [`errbacks_among_nested_calls`] |
//! | 31: the same with any number of arguments | [`errbacks_among_calls_of_lists`]: a `Vec` |
//! | 32: a failure, then a value | [`a_failure_then_a_value`] |
//! | 33: a value, then a failure | [`a_value_then_a_failure`] |
//! | 34: two deferreds that both fail | [`two_deferreds_that_both_fail`] |
//! | 35, 37: two deferreds, the first fails | [`two_deferreds_of_which_the_first_fails`] |
//! | 36, 38: two deferreds, the second fails | [`two_deferreds_of_which_the_second_fails`] |
//!
//! Below them stands what was observed on the decorators beside their suite, where the
//! types decide it anew.

mod support;

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use defer::prelude::*;
use futures::executor::block_on;
use support::{leaf, poll_once, poll_to_end};

#[derive(Clone, Debug, PartialEq)]
struct Oops(&'static str);

impl From<defer::Abandoned> for Oops {
    fn from(_: defer::Abandoned) -> Self {
        Oops("abandoned")
    }
}

#[callback]
fn add(x: u32, y: u32) -> u32 {
    x + y
}

#[errback]
fn recover(failure: Oops, y: u32) -> u32 {
    assert_eq!(failure, Oops("oops"));
    y
}

/// An errback of calls in which nothing goes wrong.
#[errback]
fn inconceivable(failure: Oops) -> u32 {
    unreachable!("{failure:?}")
}

/// A deferred that might have failed and did not.
fn might_fail(value: u32) -> Deferred<Result<u32, Oops>> {
    leaf(1, Ok(value)).0.boxed()
}

fn oops() -> Deferred<Result<u32, Oops>> {
    leaf(1, Err(Oops("oops"))).0.boxed()
}

#[test]
fn plain_arguments() {
    let sum: u32 = block_on(add(3, 4));
    assert_eq!(sum, 7, "a call of plain values is a deferred as well");
}

#[test]
fn one_deferred_among_plain_arguments() {
    assert_eq!(block_on(add(3, succeed(4))), 7);
    assert_eq!(block_on(add(succeed(3), 4)), 7);
    assert_eq!(block_on(add(3, leaf(1, 4).0)), 7);
}

#[test]
fn two_deferreds() {
    assert_eq!(block_on(add(succeed(3), succeed(4))), 7);
    assert_eq!(block_on(add(leaf(2, 3).0, leaf(1, 4).0)), 7);
}

#[test]
fn a_call_as_an_argument() {
    assert_eq!(block_on(add(3, add(succeed(3), succeed(4)))), 10);
    assert_eq!(block_on(add(add(succeed(3), 4), 3)), 10);
}

#[test]
fn calls_of_calls() {
    let whole = add(
        1,
        add(add(succeed(2), succeed(3)), add(succeed(4), succeed(5))),
    );
    assert_eq!(block_on(whole), 15);
}

#[test]
fn mixed_ways_in_one_expression() {
    assert_eq!(block_on(add(add(3, add(succeed(3), leaf(1, 4).0)), 5)), 15);
}

#[test]
fn a_failing_argument_fails_the_call() {
    let sum: Result<u32, Oops> = block_on(add(3, oops()));
    assert_eq!(sum, Err(Oops("oops")));
}

#[test]
fn the_other_deferreds_are_dropped() {
    #[callback]
    fn three(a: u32, b: u32, c: u32) -> u32 {
        unreachable!("one of {a} {b} {c} has failed")
    }
    let (first, uncalled) = Deferred::<Result<u32, Oops>, _>::new();
    let (second, uncalled_too) = Deferred::<Result<u32, Oops>, _>::new();
    let mut whole = pin!(recover(three(oops(), uncalled, uncalled_too), 5));
    assert!(poll_once(whole.as_mut()).is_pending());
    assert_eq!(poll_once(whole.as_mut()), std::task::Poll::Ready(5));
    assert_eq!(first.callback(1), Err(1), "nobody waits for it any more");
    assert_eq!(second.callback(2), Err(2));
}

#[test]
fn an_errback_that_fails_itself() {
    #[errback]
    fn raising(failure: Oops) -> Result<u32, Oops> {
        assert_eq!(failure, Oops("oops"));
        Err(Oops("raised"))?;
        Ok(1)
    }
    assert_eq!(block_on(raising(oops())), Err(Oops("raised")));
}

#[errback]
fn give_back(failure: Oops) -> Result<u32, Oops> {
    Err(failure)
}

#[test]
fn an_errback_that_gives_its_failure_back() {
    assert_eq!(block_on(give_back(oops())), Err(Oops("oops")));
}

#[test]
fn an_errback_of_a_plain_failure() {
    assert_eq!(
        block_on(give_back(Err::<u32, _>(Oops("plain")))),
        Err(Oops("plain"))
    );
}

#[test]
fn an_errback_of_plain_values() {
    assert_eq!(block_on(recover(Ok::<_, Oops>(3), 4)), 3);
}

#[test]
fn recovery_with_another_argument() {
    assert_eq!(block_on(add(3, recover(add(3, oops()), 12))), 15);
}

#[test]
fn recovery_with_an_argument_that_may_be_missing() {
    #[errback]
    fn default(failure: Oops, y: u32, extra: Option<u32>) -> u32 {
        assert_eq!(failure, Oops("oops"));
        y + extra.unwrap_or_default()
    }
    assert_eq!(block_on(add(3, default(add(3, oops()), 6, None::<u32>))), 9);
    assert_eq!(block_on(add(3, default(add(3, oops()), 6, Some(10)))), 19);
    assert_eq!(
        block_on(add(3, default(add(3, oops()), 6, Some(succeed(10))))),
        19
    );
}

#[test]
fn no_error_no_errback() {
    assert_eq!(block_on(inconceivable(add(3, might_fail(4)))), 7);
    #[errback]
    fn passing(failure: Oops) -> Result<u32, Oops> {
        unreachable!("{failure:?}")
    }
    assert_eq!(block_on(passing(passing(add(3, might_fail(4))))), Ok(7));
}

#[test]
fn errbacks_among_nested_calls() {
    let whole: u32 = block_on(add(
        1,
        add(
            inconceivable(add(might_fail(2), succeed(3))),
            inconceivable(add(succeed(4), might_fail(5))),
        ),
    ));
    assert_eq!(whole, 15);
}

#[test]
fn errbacks_among_calls_of_lists() {
    #[callback]
    fn sum(all: Vec<u32>) -> u32 {
        all.into_iter().sum()
    }
    let left = inconceivable(sum(vec![
        might_fail(2),
        might_fail(3),
        succeed(Ok(4)).boxed(),
    ]));
    let right = inconceivable(sum(vec![
        might_fail(5),
        might_fail(6),
        succeed(Ok(7)).boxed(),
    ]));
    assert_eq!(
        block_on(sum(vec![succeed(1).boxed(), left.boxed(), right.boxed()])),
        28
    );
}

/// An errback that looks at two outcomes and counts its runs.
#[errback]
fn look(a: Result<u32, Oops>, b: Result<u32, Oops>, runs: &AtomicUsize) -> Result<u32, Oops> {
    runs.fetch_add(1, SeqCst);
    match (a, b) {
        (Err(a), Err(b)) => Err(if a == b { Oops("same") } else { a }),
        (Err(only), Ok(5)) | (Ok(5), Err(only)) => Err(only),
        other => unreachable!("{other:?}"),
    }
}

#[callback]
fn skipped(result: u32) -> u32 {
    unreachable!("{result}")
}

#[test]
fn a_failure_then_a_value() {
    let runs = AtomicUsize::new(0);
    let whole = skipped(look(Err::<u32, _>(Oops("oops")), Ok::<_, Oops>(5), &runs));
    assert_eq!(block_on(whole), Err(Oops("oops")));
    // In the short form the value is an argument of the recovery.
    #[errback]
    fn short(failure: Oops, value: u32) -> Result<u32, Oops> {
        assert_eq!(value, 3);
        Err(failure)
    }
    let whole = skipped(short(Err::<u32, _>(Oops("oops")), 3));
    assert_eq!(block_on(whole), Err(Oops("oops")));
    assert_eq!(runs.into_inner(), 1);
}

#[test]
fn a_value_then_a_failure() {
    let runs = AtomicUsize::new(0);
    let whole = skipped(look(Ok::<_, Oops>(5), Err::<u32, _>(Oops("oops")), &runs));
    assert_eq!(
        block_on(whole),
        Err(Oops("oops")),
        "which one failed does not matter"
    );
    assert_eq!(runs.into_inner(), 1);
}

#[test]
fn two_deferreds_that_both_fail() {
    let runs = AtomicUsize::new(0);
    let other = leaf(3, Err::<u32, _>(Oops("other"))).0;
    assert_eq!(block_on(look(oops(), other, &runs)), Err(Oops("oops")));
    assert_eq!(runs.into_inner(), 1, "once, with both");
}

#[test]
fn two_deferreds_of_which_the_first_fails() {
    let runs = AtomicUsize::new(0);
    assert_eq!(block_on(look(oops(), succeed(5), &runs)), Err(Oops("oops")));
    assert_eq!(
        block_on(look(oops(), might_fail(5), &runs)),
        Err(Oops("oops"))
    );
    assert_eq!(runs.into_inner(), 2);
}

#[test]
fn two_deferreds_of_which_the_second_fails() {
    let runs = AtomicUsize::new(0);
    assert_eq!(block_on(look(succeed(5), oops(), &runs)), Err(Oops("oops")));
    assert_eq!(
        block_on(look(might_fail(5), oops(), &runs)),
        Err(Oops("oops"))
    );
    assert_eq!(runs.into_inner(), 2);
}

mod observed_beside_the_suite {
    use super::*;

    #[test]
    fn an_argument_belongs_to_one_call() {
        // There a deferred that two calls share is changed by both. Here it moves
        // (ui case `deferred_used_twice`), and what is shared is the value, when it is there.
        let page = block_on(might_fail(10));
        let increased = add(page.clone(), 1);
        let doubled = add(page.clone(), page);
        assert_eq!((block_on(increased), block_on(doubled)), (Ok(11), Ok(20)));
    }

    #[test]
    fn a_plain_failure_is_seen_where_it_is_asked_for() {
        // There a callback is run on a plain failure. Here its type decides.
        #[callback]
        fn sees(outcome: Result<u32, Oops>) -> u32 {
            outcome.unwrap_or(40)
        }
        assert_eq!(block_on(sees(Err::<u32, _>(Oops("plain")))), 40);
        assert_eq!(block_on(add(Err(Oops("plain")), 1)), Err(Oops("plain")));
    }

    #[test]
    fn deferreds_in_a_list_are_awaited() {
        #[callback]
        fn sum(all: Vec<u32>) -> u32 {
            all.into_iter().sum()
        }
        assert_eq!(block_on(sum(vec![leaf(1, 1).0, leaf(2, 2).0])), 3);
    }

    #[test]
    fn the_failure_is_the_one_that_happened() {
        // Not one that says where in a list of arguments it came from.
        let failed = block_on(add(leaf(5, 1).0, add(leaf(3, 1).0, oops())));
        assert_eq!(failed, Err(Oops("oops")));
    }

    #[test]
    fn an_errback_of_two_waits_for_all() {
        let runs = AtomicUsize::new(0);
        let (last, seen) = leaf(4, Ok::<u32, Oops>(5));
        let (failed, polls) = poll_to_end(look(oops(), last, &runs));
        assert_eq!((failed, polls), (Err(Oops("oops")), 5));
        assert_eq!(
            seen.polls(),
            5,
            "it was not dropped when the other one failed"
        );
    }

    #[test]
    fn where_the_errback_stands_decides_what_is_skipped() {
        #[callback]
        fn cleanup(page: u32, by: u32) -> u32 {
            page * by
        }
        #[callback]
        fn reformat(page: u32, by: u32) -> u32 {
            page + by
        }
        let innermost = |page| reformat(cleanup(recover(page, 1), 2), 3);
        assert_eq!(
            block_on(innermost(oops())),
            5,
            "the rest runs on what was recovered"
        );
        assert_eq!(block_on(innermost(might_fail(10))), 23);
        let outermost = |page| recover(reformat(cleanup(page, 2), 3), 1);
        assert_eq!(block_on(outermost(oops())), 1, "the rest is skipped");
        assert_eq!(block_on(outermost(might_fail(10))), 23);
        let plain = reformat(cleanup(recover(Ok::<_, Oops>(10), 1), 2), 3);
        assert_eq!(
            block_on(plain),
            23,
            "a page that is there already changes nothing"
        );
    }

    #[test]
    fn a_thousand_calls_deep_with_two_deferreds_each() {
        // There the result is lost without a word beyond 248.
        let mut whole: Deferred<u32> = succeed(0).boxed();
        for _ in 0..1000 {
            whole = add(whole, succeed(1)).boxed();
        }
        assert_eq!(block_on(whole), 1000);
    }

    #[test]
    fn a_hundred_thousand_boxed_calls_deep() {
        let mut whole: Deferred<u32> = succeed(0).boxed();
        for _ in 0..100_000 {
            whole = add(whole, succeed(1)).boxed();
        }
        assert_eq!(block_on(whole), 100_000);
    }
}
