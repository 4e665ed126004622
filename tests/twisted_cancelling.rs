//! What Twisted's own tests show of cancelling and of limits of time, as it reads in Rust.
//!
//! By the classes of `twisted/test/test_defer.py` in Twisted 26.10.0, each test numbered by
//! its place in its class; the sums are in `README.md`. In Twisted `cancel` acts before it
//! returns. Here it is asked for, and raised in the next poll.
//!
//! # `DeferredCancellerTests`: 14
//!
//! | original | here |
//! | --- | --- |
//! | 1: without a canceller it fails | [`without_a_canceller_it_fails_with_the_cancellation`] |
//! | 2: firing it afterwards, once and again | [`a_value_that_comes_after_the_cancellation_comes_back`]; again does not compile, ui case `resolver_fired_twice` |
//! | 3: the same with a failure | [`a_failure_that_comes_after_the_cancellation_comes_back`] |
//! | 4, 5: cancelled again after it was fired too late | [`cancelled_again_after_it_was_fired_too_late_it_keeps_its_failure`] |
//! | 6: cancelled again | [`cancelled_again_it_keeps_its_failure`] |
//! | 7: its canceller runs once | [`cancelled_again_its_canceller_does_not_run_again`] |
//! | 8: it runs, and nothing can be fired afterwards | [`a_canceller_runs_and_nothing_can_be_fired_afterwards`] |
//! | 9: it is given its deferred | [`a_canceller_reaches_the_deferred_that_it_belongs_to`]: through the resolver that it holds |
//! | 10: cancelled after a value | [`cancelled_after_it_was_fired_its_value_stands`] |
//! | 11: cancelled after a failure | [`cancelled_after_it_was_fired_its_failure_stands`] |
//! | 12: a canceller that gives a failure | [`a_canceller_gives_a_failure`] |
//! | 13: a canceller that gives a value | [`a_canceller_gives_a_value`] |
//! | 14: waiting for a deferred that a callback gave | [`what_a_chain_waits_for_now_is_cancelled_and_not_what_was_before`] |
//!
//! # `DeferredTests`, 16–25, 39, 40
//!
//! A list that is gathered is `fireOnOneErrback` and `gatherResults` in one.
//!
//! | original | here |
//! | --- | --- |
//! | 16: every member is cancelled | [`every_member_of_a_list_of_outcomes_is_cancelled`] |
//! | 17: what a list of outcomes then yields | [`a_cancelled_list_of_outcomes_has_what_its_members_made_of_it`], [`a_cancellation_that_no_member_takes_leaves_the_list_of_outcomes`] |
//! | 18: of the first success | `lists.rs`: `cancelling_a_first_success_cancels_all_members` |
//! | 19: and a canceller gives a value | `lists.rs`: `a_member_that_succeeds_when_cancelled_wins` |
//! | 24: cancelled after the first success | `lists.rs`: `cancelling_a_first_success_that_is_there_changes_nothing`: the others have been cancelled by then |
//! | 20, 39: a gathered list fails | [`every_member_of_a_gathered_list_is_cancelled_and_so_is_the_list`] |
//! | 21, 40: every canceller gives a value | [`a_gathered_list_whose_cancellers_give_values_has_them`] |
//! | 22: the list is changed while it waits | cannot be: it was moved into the call |
//! | 23: a canceller that raises | [`a_canceller_that_panics_does_not_save_the_other_members`] |
//! | 25: cancelled after the first failure | [`cancelled_after_its_first_failure_a_list_runs_no_canceller`]: the others were dropped |
//!
//! # `RaceTests`: 5
//!
//! | original | here |
//! | --- | --- |
//! | 1: the winner and its place, the others cancelled | `lists.rs`: `a_first_success_wins_wherever_it_stands_and_the_others_are_cancelled` |
//! | 2: all fail | `lists.rs`: `failures_of_any_order_come_in_the_order_of_the_list` |
//! | 3: fired after it was cancelled | `lists.rs`: `a_loser_that_is_fired_too_late_gets_its_value_back` |
//! | 4: a canceller gives a value | `lists.rs`: `a_loser_whose_canceller_gives_a_value_changes_nothing` |
//! | 5: the race is cancelled | `lists.rs`: `cancelling_a_first_success_cancels_all_members` |
//!
//! # `DeferredAddTimeoutTests`: 18
//!
//! What Twisted calls `onTimeoutCancel` is here an errback, or an `add_both`, around the limit.
//!
//! | original | here |
//! | --- | --- |
//! | 1: a limit in a chain | `timeouts.rs`: `around_a_limit::a_callback_outside_goes_on_with_what_was_in_time` |
//! | 2: a value in time, and what follows is not limited | `timeouts.rs`: `too_late::what_is_added_after_is_not_limited` |
//! | 3: nor is it translated | `timeouts.rs`: `in_time::an_errback_outside_sees_what_came` |
//! | 4: a failure in time, and what follows is not limited | `timeouts.rs`: `around_a_limit::what_an_errback_outside_gives_is_not_limited` |
//! | 5: nor is it taken for a lateness | `timeouts.rs`: `around_a_limit::what_an_errback_outside_gives_is_not_limited` |
//! | 6: late | `timeouts.rs`: `too_late::it_fails_and_says_how_long_it_was_allowed` |
//! | 7: translated into a value | `timeouts.rs`: `too_late::what_is_added_after_sees_it` |
//! | 8, 9: a canceller gives a value or a failure | `timeouts.rs`: `too_late::the_canceller_of_a_hand_made_one_decides` |
//! | 10: cancelled before, and what follows is not cancelled again | `timeouts.rs`: `around_a_limit::what_an_errback_outside_gives_after_a_cancellation_is_left_alone` |
//! | 11: nor is it translated | `timeouts.rs`: `around_a_limit::what_an_errback_outside_gives_after_a_cancellation_is_left_alone` |
//! | 12: a failure of a canceller is translated | `timeouts.rs`: `around_a_limit::an_errback_outside_translates_what_a_canceller_gave` |
//! | 13: an errback inside that lets it pass | `timeouts.rs`: `too_late::an_errback_inside_that_lets_it_pass_changes_nothing` |
//! | 14: an errback inside that recovers | `timeouts.rs`: `too_late::an_errback_inside_recovers` |
//! | 15: one that lets it pass, then translated | `timeouts.rs`: `around_a_limit::an_errback_inside_lets_it_pass_and_one_outside_translates_it` |
//! | 16: one that recovers, then translated | `timeouts.rs`: `around_a_limit::both_outside_sees_what_an_errback_inside_made_of_it` |
//! | 17: a canceller gives a value and a callback inside runs | `timeouts.rs`: `around_a_limit::a_callback_inside_gets_what_a_canceller_gave` |
//! | 18: the same, then translated | `timeouts.rs`: `around_a_limit::both_outside_sees_what_a_callback_inside_made_of_it` |

mod support;

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use defer::prelude::*;
use defer::{Cancelled, Canceller, Chain, HandMade, Hook, Resolver};
use support::{Log, poll_once};

type Made = Deferred<Result<u32, Failure>, HandMade<u32>>;

fn made() -> (Resolver<u32>, Made) {
    Deferred::new()
}

type With<C> = Deferred<Result<u32, Failure>, HandMade<u32, Failure, Hook<C>>>;

fn with<C: FnOnce() -> Option<Result<u32, Failure>>>(canceller: C) -> (Resolver<u32>, With<C>) {
    Deferred::with_canceller(canceller)
}

/// What it yields in this poll.
#[track_caller]
fn now<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> O {
    match poll_once(deferred) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits"),
    }
}

fn waits<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> bool {
    poll_once(deferred).is_pending()
}

/// Adds a callback and an errback that log, so that what passes them can be seen.
fn logged<F: Chain<Output = Result<u32, Failure>>>(
    deferred: Deferred<Result<u32, Failure>, F>,
    log: &Log,
) -> (
    Pin<Box<Deferred<Result<u32, Failure>, impl Chain<Output = Result<u32, Failure>> + use<F>>>>,
    Canceller,
) {
    let (said, failed) = (log.clone(), log.clone());
    let chain = deferred.add_callbacks(
        move |n| {
            said.add(format!("value {n}"));
            Ok(n)
        },
        move |why| {
            failed.add(format!("failed: {why}"));
            Err(why)
        },
    );
    let (chain, canceller) = chain.cancellable();
    (Box::pin(chain), canceller)
}

#[test]
fn without_a_canceller_it_fails_with_the_cancellation() {
    let log = Log::default();
    let (_resolver, deferred) = made();
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
    assert_eq!(log.all(), ["failed: cancelled"]);
}

#[test]
fn a_value_that_comes_after_the_cancellation_comes_back() {
    let log = Log::default();
    let (resolver, deferred) = made();
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
    assert_eq!(resolver.callback(1), Err(1));
    assert_eq!(log.all(), ["failed: cancelled"], "it went nowhere");
}

#[test]
fn a_failure_that_comes_after_the_cancellation_comes_back() {
    let log = Log::default();
    let (resolver, deferred) = made();
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
    let back = resolver.errback(Failure::msg("late")).unwrap_err();
    assert_eq!(back.to_string(), "late");
    assert_eq!(log.all(), ["failed: cancelled"], "it went nowhere");
}

#[test]
fn cancelled_again_it_keeps_its_failure() {
    let log = Log::default();
    let (_resolver, deferred) = made();
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    canceller.cancel();
    assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
    canceller.cancel();
    assert_eq!(log.all(), ["failed: cancelled"], "once");
}

#[test]
fn cancelled_again_after_it_was_fired_too_late_it_keeps_its_failure() {
    for late in [Ok(1), Err(Failure::msg("late"))] {
        let log = Log::default();
        let (resolver, deferred) = made();
        // It waits once more after the cancellation, so that there is somebody to cancel.
        let (deferred, pauser) = deferred.pausable();
        let (mut chain, canceller) = logged(deferred, &log);
        assert!(waits(chain.as_mut()));
        pauser.pause();
        canceller.cancel();
        assert!(waits(chain.as_mut()));
        assert!(resolver.resolve(late).is_err());
        canceller.cancel();
        assert!(waits(chain.as_mut()));
        pauser.unpause().unwrap();
        assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["failed: cancelled"], "once");
    }
}

#[test]
fn cancelled_again_its_canceller_does_not_run_again() {
    let log = Log::default();
    let runs = log.clone();
    let (_resolver, deferred) = with(move || {
        runs.add("canceller");
        None
    });
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    canceller.cancel();
    assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
    canceller.cancel();
    assert_eq!(log.all(), ["canceller", "failed: cancelled"]);
}

#[test]
fn a_canceller_runs_and_nothing_can_be_fired_afterwards() {
    for late in [Ok(1), Err(Failure::msg("late"))] {
        let log = Log::default();
        let runs = log.clone();
        let (resolver, deferred) = with(move || {
            runs.add("canceller");
            None
        });
        let (mut chain, canceller) = logged(deferred, &log);
        assert!(waits(chain.as_mut()));
        canceller.cancel();
        assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
        assert!(resolver.resolve(late).is_err(), "it comes back");
        assert_eq!(log.all(), ["canceller", "failed: cancelled"]);
    }
}

#[test]
fn a_canceller_reaches_the_deferred_that_it_belongs_to() {
    let owner: Arc<Mutex<Option<Resolver<u32>>>> = Arc::default();
    let owned = owner.clone();
    let (resolver, deferred) = with(move || {
        let resolver = owned.lock().unwrap().take().unwrap();
        assert_eq!(resolver.callback(5), Ok(()), "it is there");
        None
    });
    *owner.lock().unwrap() = Some(resolver);
    let log = Log::default();
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert_eq!(now(chain.as_mut()).unwrap(), 5);
    assert_eq!(log.all(), ["value 5"]);
}

#[test]
fn cancelled_after_it_was_fired_its_value_stands() {
    let log = Log::default();
    let (resolver, deferred) = with(|| panic!("it was fired"));
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    resolver.callback(7).unwrap();
    canceller.cancel();
    assert_eq!(now(chain.as_mut()).unwrap(), 7);
    assert_eq!(log.all(), ["value 7"]);
}

#[test]
fn cancelled_after_it_was_fired_its_failure_stands() {
    let log = Log::default();
    let (resolver, deferred) = with(|| panic!("it was fired"));
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    resolver.errback(Failure::msg("bang")).unwrap();
    canceller.cancel();
    assert!(!now(chain.as_mut()).unwrap_err().is_cancelled());
    assert_eq!(log.all(), ["failed: bang"]);
}

#[test]
fn a_canceller_gives_a_failure() {
    let log = Log::default();
    let runs = log.clone();
    let (_resolver, deferred) = with(move || {
        runs.add("canceller");
        Some(Err(Failure::msg("stopped")))
    });
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert!(!now(chain.as_mut()).unwrap_err().is_cancelled());
    assert_eq!(log.all(), ["canceller", "failed: stopped"]);
}

#[test]
fn a_canceller_gives_a_value() {
    let log = Log::default();
    let runs = log.clone();
    let (_resolver, deferred) = with(move || {
        runs.add("canceller");
        Some(Ok(9))
    });
    let (mut chain, canceller) = logged(deferred, &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert_eq!(now(chain.as_mut()).unwrap(), 9);
    assert_eq!(log.all(), ["canceller", "value 9"]);
}

#[test]
fn what_a_chain_waits_for_now_is_cancelled_and_not_what_was_before() {
    let log = Log::default();
    let runs = log.clone();
    let (outer, first) = with(|| panic!("it was fired"));
    let (_inner, second) = with(move || {
        runs.add("canceller");
        None
    });
    outer.callback(1).unwrap();
    let (mut chain, canceller) = logged(first.add_callback(|_| second), &log);
    assert!(waits(chain.as_mut()));
    canceller.cancel();
    assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
    assert_eq!(log.all(), ["canceller", "failed: cancelled"]);
}

mod lists {
    use super::*;

    #[callback]
    fn gather(list: Vec<u32>) -> Vec<u32> {
        list
    }

    #[callback]
    fn outcomes(list: Vec<Result<u32, Failure>>) -> Vec<Result<u32, Failure>> {
        list
    }

    /// Lets the cancellation go on as a failure that the list can see.
    #[errback]
    fn pass_on(failure: Failure) -> Result<u32, Failure> {
        Err(failure)
    }

    /// A member whose canceller says its name.
    fn named(
        name: &'static str,
        log: &Log,
    ) -> (
        Resolver<u32>,
        With<impl FnOnce() -> Option<Result<u32, Failure>> + use<>>,
    ) {
        let log = log.clone();
        with(move || {
            log.add(name);
            None
        })
    }

    #[test]
    fn every_member_of_a_list_of_outcomes_is_cancelled() {
        let log = Log::default();
        let ((_first, one), (_second, two)) = (named("one", &log), named("two", &log));
        let (list, canceller) = outcomes(vec![one, two]).cancellable();
        let mut list = pin!(list);
        assert!(waits(list.as_mut()));
        canceller.cancel();
        assert!(poll_once(list.as_mut()).is_ready());
        let mut all = log.all();
        all.sort_unstable();
        assert_eq!(all, ["one", "two"], "each once");
    }

    #[test]
    fn a_cancelled_list_of_outcomes_has_what_its_members_made_of_it() {
        let (_first, one) = with(|| Some(Ok(1)));
        let (_second, two) = made();
        let members = vec![pass_on(one).boxed(), pass_on(two).boxed()];
        let (list, canceller) = outcomes(members).cancellable();
        let mut list = pin!(list);
        assert!(waits(list.as_mut()));
        canceller.cancel();
        let all = now(list.as_mut()).unwrap();
        assert!(matches!(all[0], Ok(1)));
        assert!(all[1].as_ref().unwrap_err().is_cancelled());
        assert_eq!(all.len(), 2);
    }

    /// Twisted makes it an entry of the list. Here nobody took it, so nobody hears of a list
    /// whose members had no say: it goes on outward, and the call does not run.
    #[test]
    fn a_cancellation_that_no_member_takes_leaves_the_list_of_outcomes() {
        let (_first, one) = with(|| Some(Ok(1)));
        let (_second, two) = made();
        let (list, canceller) = outcomes(vec![one.boxed(), two.boxed()]).cancellable();
        let mut list = pin!(list);
        assert!(waits(list.as_mut()));
        canceller.cancel();
        assert_eq!(now(list.as_mut()).unwrap_err(), Cancelled);
    }

    #[test]
    fn every_member_of_a_gathered_list_is_cancelled_and_so_is_the_list() {
        let log = Log::default();
        let ((_first, one), (_second, two)) = (named("one", &log), named("two", &log));
        let (list, canceller) =
            gather(vec![one, two].into_iter().map(pass_on).collect::<Vec<_>>()).cancellable();
        let mut list = pin!(list);
        assert!(waits(list.as_mut()));
        canceller.cancel();
        assert!(now(list.as_mut()).unwrap_err().is_cancelled());
        let mut all = log.all();
        all.sort_unstable();
        assert_eq!(all, ["one", "two"], "each once");
    }

    #[test]
    fn a_gathered_list_whose_cancellers_give_values_has_them() {
        let ((_first, one), (_second, two)) = (with(|| Some(Ok(1))), with(|| Some(Ok(2))));
        let (list, canceller) = gather(vec![one.boxed(), two.boxed()]).cancellable();
        let mut list = pin!(list);
        assert!(waits(list.as_mut()));
        canceller.cancel();
        assert_eq!(now(list.as_mut()).unwrap(), [1, 2]);
    }

    #[test]
    fn a_canceller_that_panics_does_not_save_the_other_members() {
        let (_first, one) = with(|| panic!("in the canceller of a member"));
        let (second, two) = made();
        let members = vec![pass_on(one).boxed(), pass_on(two).boxed()];
        let (list, canceller) = outcomes(members).cancellable();
        let mut list = pin!(list);
        assert!(waits(list.as_mut()));
        canceller.cancel();
        let all = now(list.as_mut()).unwrap();
        assert!(second.is_cancelled());
        // And it has failed itself.
        assert!(
            all.iter()
                .all(|outcome| outcome.as_ref().unwrap_err().is_cancelled())
        );
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn cancelled_after_its_first_failure_a_list_runs_no_canceller() {
        let (first, one) = made();
        let (second, two) = with(|| panic!("it was dropped, not cancelled"));
        let (next, given) = made();
        let list = gather(vec![one.boxed(), two.boxed()]);
        let chain = list.add_errback(|why| {
            assert_eq!(why.to_string(), "bang");
            given.add_callback(|n| vec![n])
        });
        let (chain, canceller) = chain.cancellable();
        let mut chain = pin!(chain);
        assert!(waits(chain.as_mut()));
        first.errback(Failure::msg("bang")).unwrap();
        assert!(waits(chain.as_mut()), "for what the errback gave");
        assert!(second.is_cancelled(), "the other one is gone");
        canceller.cancel();
        assert!(now(chain.as_mut()).unwrap_err().is_cancelled());
        assert!(next.is_cancelled());
    }
}
