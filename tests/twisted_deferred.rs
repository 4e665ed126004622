//! What Twisted's own tests show of a deferred, as it reads in Rust.
//!
//! By the classes of `twisted/test/test_defer.py` in Twisted 26.10.0, each test numbered by
//! its place in its class. What is cancelled stands in `twisted_cancelling.rs`, the sums in
//! `README.md`. `twisted_tables.rs` checks that no number is left out.
//!
//! In Twisted a deferred is an object that keeps its outcome, and a callback runs when it is
//! added or fired. Here it is moved to where it is used, and runs when it is polled: "at
//! once" is in one poll.
//!
//! # `UtilTests`: 3
//!
//! | original | here |
//! | --- | --- |
//! | 1: logging gives the error back | [`an_errback_that_looks_at_a_failure_gives_the_same_error_on`] |
//! | 2: it logs the error | `unhandled.rs`: `of_a_detached_one`; what is reported is what nobody took |
//! | 3: without a representation of the object | `unhandled.rs`: `of_a_detached_one` compares the whole report |
//!
//! # `DeferredTests`: 82
//!
//! | original | here |
//! | --- | --- |
//! | 1: a callback | [`a_callback_gets_the_value`] |
//! | 2: further arguments | [`a_callback_gets_further_arguments`] |
//! | 3: keyword arguments | cannot be: Rust has none |
//! | 4: two callbacks | [`the_second_callback_gets_what_the_first_gives`] |
//! | 5: a deprecated attribute | cannot be: there is no list of callbacks to look into |
//! | 6: no errback given | [`a_failure_passes_a_callback_without_an_errback`] |
//! | 7, 8: `None` for the arguments | cannot be: nothing is given where there are none |
//! | 9: a list of outcomes | [`a_list_of_outcomes_waits_for_every_member`] |
//! | 10: empty lists | `lists.rs`: `empty_lists_are_there_at_once`, `a_first_success_of_nothing_fails_at_once` |
//! | 11: the first failure of a list, and its place | [`a_gathered_list_fails_with_its_first_failure_and_tells_its_place`] |
//! | 12: a failure goes to the list and to who is beside it | [`a_failure_of_a_member_is_seen_beside_the_list_too`] |
//! | 13: a failure goes to the list alone | `unhandled.rs`: `members_of_a_list_of_outcomes_are_taken` |
//! | 14: a member that has failed before | [`a_gathered_list_of_a_member_that_has_failed_before_fails_at_once`] |
//! | 15: members that were fired before | [`a_list_of_outcomes_of_members_that_were_fired_before_is_there_at_once`] |
//! | 16–25: lists that are cancelled | `twisted_cancelling.rs` |
//! | 26: made with a value | [`what_is_made_with_a_value_is_there_at_once`] |
//! | 27: the same as fired by hand | [`made_with_a_value_and_fired_with_it_yield_the_same`] |
//! | 28: made with a failure | [`what_is_made_with_a_failure_has_failed_at_once`] |
//! | 29: a failure that is paused | [`a_failure_that_is_paused_reaches_its_errback_when_it_goes_on`] |
//! | 30: a callback that fails | [`a_failure_of_a_callback_goes_to_the_next_errback`] |
//! | 31: unpaused before it is fired | [`paused_and_unpaused_before_it_is_fired`] |
//! | 32: a callback gives a deferred that is paused | [`a_callback_gives_a_deferred_that_is_paused_then_fired_then_unpaused`] |
//! | 33: a callback that fails or not | [`a_callback_gives_a_value_or_a_failure`] |
//! | 34: an errback gives a deferred | [`a_deferred_that_an_errback_gives_is_waited_for`] |
//! | 35: a paused deferred that was fired is given | [`a_deferred_that_was_fired_and_is_paused_is_waited_for`] |
//! | 36: pausing does not hold back what is inside | [`pausing_does_not_hold_back_what_was_started_inside`]: what is not started is polled by what is around it |
//! | 37: values are gathered | [`gathered_are_the_values_or_the_first_failure`] |
//! | 38: gathered, and the failure taken | `unhandled.rs`: `members_of_a_list_are_reported_once_each_at_most` |
//! | 39, 40: gathered and cancelled | `twisted_cancelling.rs` |
//! | 41, 42: a call of a plain function | [`a_call_of_a_plain_function_is_a_deferred`] |
//! | 43, 44: one that raises, one that gives a failure | [`a_call_of_a_function_that_fails_is_a_deferred_that_fails`]: one thing in Rust; a panic is another, in `panics.rs` |
//! | 45, 46: one that gives a deferred | [`a_call_of_a_function_that_gives_a_deferred_yields_what_that_yields`] |
//! | 47: an asynchronous function | [`a_call_of_an_asynchronous_function_yields_what_that_returns`] |
//! | 48: a function that gives such a call | [`a_call_of_a_function_that_gives_an_asynchronous_call`] |
//! | 49: one that fails | [`a_call_of_an_asynchronous_function_that_fails`] |
//! | 50: callbacks of the deferred in the middle run | [`callbacks_in_the_middle_run_between_the_innermost_and_the_outermost`] |
//! | 51: a continuation among other callbacks | [`a_chain_that_waits_for_a_list_goes_on_when_a_member_is_fired`] |
//! | 52: callbacks outside run after those inside | [`callbacks_run_in_order_when_one_of_them_gives_a_chain`] |
//! | 53: adding to the end from within | cannot be: a callback cannot reach the deferred that it was added to, adding has consumed it |
//! | 54: nothing runs within a callback that runs | [`what_a_callback_fires_runs_after_that_callback_has_returned`] |
//! | 55: a failure of a callback added from within | [`a_failure_of_a_callback_that_was_added_in_a_callback_goes_outward`]: added to what it gives |
//! | 56: what is given is there already | [`a_deferred_that_is_given_and_was_fired_is_taken_at_once`] |
//! | 57: what is given is fired later | [`a_deferred_that_is_given_and_is_fired_later_is_waited_for`] |
//! | 58, 59: the same with a failure | [`a_failure_of_a_deferred_that_is_given_is_that_of_the_chain`]; that it is reported once, `unhandled.rs`: `what_a_callback_gave_is_reported_once_where_it_ends` |
//! | 60: through three | [`waiting_goes_through_three_deferreds`] |
//! | 61: nested, fired out of order | [`callbacks_in_the_middle_run_between_the_innermost_and_the_outermost`] |
//! | 62: with a callback added before it is given | [`a_callback_may_be_added_to_a_deferred_before_it_is_given`] |
//! | 63: chaining is to be seen | [`a_plan_shows_that_one_deferred_fires_another`] |
//! | 64: until it is done | [`a_plan_shows_what_a_chain_waits_for_now`] |
//! | 65: the same where a callback gave a deferred | [`a_plan_shows_what_a_chain_waits_for_now`] |
//! | 66, 67: a callback that gives its own deferred | cannot be: adding the callback has consumed it |
//! | 68: its representation | [`debug_names_what_it_is`] |
//! | 69: with its outcome | cannot be: a value need not be `Debug`, and an outcome is yielded, not kept |
//! | 70: with what it waits for | [`a_plan_shows_what_a_chain_waits_for_now`] |
//! | 71: the stack does not grow with the chain | [`a_hundred_thousand_deferreds_given_by_one_another_need_a_bounded_stack`]; more in `nesting.rs` |
//! | 72: a callback in the middle of three | [`callbacks_in_the_middle_run_between_the_innermost_and_the_outermost`] |
//! | 73, 74: failing with the exception that is handled now | cannot be: Rust has no such thing |
//! | 75, 76: variables of the frames | cannot be: a failure holds no frames |
//! | 77: a coroutine and its type | [`a_future_becomes_a_deferred_of_what_it_yields`] |
//! | 78: anything else is refused | does not compile: ui case `defer_of_what_is_no_future` |
//! | 79: a canceller goes when its deferred was fired | [`a_canceller_goes_with_the_outcome`] |
//! | 80: when it failed | [`a_canceller_goes_with_the_outcome`] |
//! | 81: while the chain waits for another | [`a_canceller_is_gone_while_the_chain_waits_for_the_next`] |
//! | 82: a register of subclasses | cannot be: Rust has none |
//!
//! # `FirstErrorTests`: 3
//!
//! The failure of a list is its member's own, and the place in the list is in its trail.
//!
//! | original | here |
//! | --- | --- |
//! | 1: its representation | [`a_gathered_list_fails_with_its_first_failure_and_tells_its_place`] |
//! | 2: its text | [`a_gathered_list_fails_with_its_first_failure_and_tells_its_place`] |
//! | 3: compared | [`places_in_a_list_are_compared`] |
//!
//! # `AlreadyCalledTests`: 10
//!
//! | original | here |
//! | --- | --- |
//! | 1: a value, then a value | does not compile: ui case `resolver_fired_twice` |
//! | 2–4: a value, then a failure; a failure twice; a failure, then a value | does not compile: ui cases `resolver_fails_after_it_was_fired`, `resolver_fails_twice`, `resolver_fired_after_it_failed` |
//! | 5–8: the error tells who made it and who fired it first, not second | the compiler's error points at the three places, in the messages of the same cases |
//! | 9, 10: without that, and switched | cannot be: there is no mode of debugging |
//!
//! # `LogTests`: 7
//!
//! What is not started runs only where it is awaited, and so its failure is in somebody's
//! hands. A started one that nobody awaits is Twisted's case.
//!
//! | original | here |
//! | --- | --- |
//! | 1: a failure that nobody took is reported | `unhandled.rs`: `of_a_detached_one` |
//! | 2: out of a function | `unhandled.rs`: `of_one_that_is_dropped_after_it_failed` |
//! | 3: out of a cycle of references | cannot be: a chain is not shared, nothing in it can point to it |
//! | 4: what the report says | `unhandled.rs`: `of_a_detached_one` compares the whole report |
//! | 5: where it comes from | `unhandled.rs`: in every one of its reports the place of the start is checked |
//! | 6: a failure that went to another deferred is not reported | `unhandled.rs`: `what_a_callback_gave_is_reported_once_where_it_ends` |
//! | 7: nor one whose errback gave another deferred | `unhandled.rs`: `a_failure_whose_errback_waits_is_no_failure` |
//!
//! # `DeferredListEmptyTests`: 1
//!
//! | original | here |
//! | --- | --- |
//! | 1: an empty list | `lists.rs`: `empty_lists_are_there_at_once` |
//!
//! # `EnsureDeferredTests`: 4
//!
//! | original | here |
//! | --- | --- |
//! | 1: a deferred stays what it is | [`a_deferred_is_taken_as_it_is`] |
//! | 2: anything else is refused | does not compile: ui case `defer_of_what_is_no_future` |
//! | 3: a coroutine | [`a_future_that_awaits_a_deferred_becomes_one`] |
//! | 4: a generator | [`a_future_that_awaits_a_deferred_becomes_one`]: its `inline_callbacks` |
//!
//! # `DeferredFutureAdapterTests`: 7
//!
//! | original | here |
//! | --- | --- |
//! | 1: to a future | `bridges.rs`: `to_a_future::of_a_hand_made_one` |
//! | 2: who cancels the future cancels the deferred | `bridges.rs`: `to_a_future::who_cancels_it_while_it_is_a_future_is_heard`, and by dropping, `who_drops_the_future_drops_the_deferred` |
//! | 3: a success that comes of that is left | `bridges.rs`: `to_a_future::who_drops_the_future_leaves_what_its_canceller_would_give` |
//! | 4: to a future that fails | `bridges.rs`: `to_a_future::a_value_and_a_failure` |
//! | 5: from a future | `bridges.rs`: `from_a_future::a_value_and_a_failure`, `from_a_task::its_value_and_its_result` |
//! | 6: from one that is cancelled | `bridges.rs`: `from_a_task::aborted_by_somebody_else` |
//! | 7: cancelled, it cancels the future | `bridges.rs`: `from_a_future::cancelled_it_is_dropped`, `from_a_task::cancelled_it_is_aborted_and_waited_for` |

mod support;

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use defer::prelude::*;
use defer::{Abandoned, Cancelled, Chain, HandMade, Resolver};
use futures::executor::block_on;
use support::{Log, poll_once};
use tokio::task::yield_now;

#[derive(Clone, Debug, PartialEq)]
enum Oops {
    Bang(&'static str),
    Abandoned,
    Cancelled,
}
impl From<Cancelled> for Oops {
    fn from(_: Cancelled) -> Self {
        Oops::Cancelled
    }
}
impl From<Abandoned> for Oops {
    fn from(_: Abandoned) -> Self {
        Oops::Abandoned
    }
}
const BANG: Oops = Oops::Bang("bang");

type Made<T> = Deferred<Result<T, Oops>, HandMade<T, Oops>>;

fn made<T>() -> (Resolver<T, Oops>, Made<T>) {
    Deferred::new()
}

/// What it yields in this poll.
#[track_caller]
fn now<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> O {
    match poll_once(deferred) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits"),
    }
}

/// Polled, it waits.
fn waits<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> bool {
    poll_once(deferred).is_pending()
}

#[callback]
fn gather(list: Vec<u32>) -> Vec<u32> {
    list
}

#[callback]
fn outcomes(list: Vec<Result<u32, Oops>>) -> Vec<Result<u32, Oops>> {
    list
}

mod adding {
    use super::*;

    #[test]
    fn a_callback_gets_the_value() {
        let log = Log::default();
        let (resolver, deferred) = made();
        let deferred = deferred.add_callbacks(
            |word: &str| log.add(word),
            |why| log.add(format!("failed: {why:?}")),
        );
        let mut deferred = pin!(deferred);
        assert!(waits(deferred.as_mut()));
        assert!(log.all().is_empty());
        resolver.callback("hello").unwrap();
        now(deferred.as_mut());
        assert_eq!(log.all(), ["hello"]);
    }

    #[test]
    fn a_callback_gets_further_arguments() {
        #[callback]
        fn joined(word: &'static str, #[value] other: &'static str) -> String {
            format!("{word}, {other}")
        }
        let (resolver, deferred) = made();
        let deferred = deferred.add_callback(|word| joined(word, "world"));
        resolver.callback("hello").unwrap();
        assert_eq!(now(pin!(deferred)), Ok("hello, world".to_string()));
    }

    #[test]
    fn the_second_callback_gets_what_the_first_gives() {
        let log = Log::default();
        let (resolver, deferred) = made();
        let deferred = deferred
            .add_callback(|word: &str| {
                log.add(word);
                word.len()
            })
            .add_callback(|length| log.add(length.to_string()));
        resolver.callback("hello").unwrap();
        assert_eq!(now(pin!(deferred)), Ok(()));
        assert_eq!(log.all(), ["hello", "5"]);
    }

    #[test]
    fn a_failure_passes_a_callback_without_an_errback() {
        let (resolver, deferred) = made();
        let deferred = deferred
            .add_callback(|n: u32| -> u32 { unreachable!("it failed before {n}") })
            .add_errback(|why| if why == BANG { 7 } else { 0 });
        resolver.errback(BANG).unwrap();
        assert_eq!(now(pin!(deferred)), 7);
    }

    #[test]
    fn what_is_made_with_a_value_is_there_at_once() {
        let deferred = succeed("success").add_callback(str::len);
        assert_eq!(now(pin!(deferred)), 7);
    }

    #[test]
    fn made_with_a_value_and_fired_with_it_yield_the_same() {
        let value = Arc::new("success");
        let (resolver, fired) = made();
        resolver.callback(value.clone()).unwrap();
        let fired = now(pin!(fired)).unwrap();
        assert!(Arc::ptr_eq(&fired, &value));
        assert!(Arc::ptr_eq(&fired, &now(pin!(succeed(value)))));
    }

    #[test]
    fn what_is_made_with_a_failure_has_failed_at_once() {
        assert_eq!(now(pin!(fail::<u32, _>(BANG))), Err(BANG));
        let recovered = fail::<bool, _>(BANG).add_errback(|why| why == BANG);
        assert!(now(pin!(recovered)));
    }

    #[test]
    fn a_failure_of_a_callback_goes_to_the_next_errback() {
        let (resolver, deferred) = made();
        let deferred = deferred
            .add_callback(|n: u32| 7_u32.checked_div(n).ok_or(BANG))
            .add_errback(|why| {
                assert_eq!(why, BANG);
                1
            });
        resolver.callback(0).unwrap();
        assert_eq!(now(pin!(deferred)), 1);
    }

    #[test]
    fn a_callback_gives_a_value_or_a_failure() {
        let even = |n: u32| if n % 2 == 0 { Ok(n + 1) } else { Err(BANG) };
        let (resolver, deferred) = made();
        resolver.callback(6).unwrap();
        assert_eq!(now(pin!(deferred.add_callback(even))), Ok(7));
        let (resolver, deferred) = made();
        resolver.callback(7).unwrap();
        let deferred = deferred
            .add_callback(even)
            .add_callback(|n| -> u32 { unreachable!("it failed before {n}") });
        assert_eq!(now(pin!(deferred)), Err(BANG));
    }

    #[test]
    fn an_errback_that_looks_at_a_failure_gives_the_same_error_on() {
        let error = std::io::Error::other("bang");
        let failure = Failure::from(error);
        let seen = Arc::new(Mutex::new(None));
        let keep = seen.clone();
        let looked_at = fail::<u32, _>(failure).add_errback(move |why| {
            *keep.lock().unwrap() = Some(why.clone());
            Err(why)
        });
        let given = now(pin!(looked_at)).unwrap_err();
        let seen = seen.lock().unwrap().take().expect("the errback ran");
        let error = |of: &Failure| of.check::<std::io::Error>().map(std::ptr::from_ref);
        assert!(error(&given).is_some());
        assert_eq!(error(&given), error(&seen), "one error, not a copy");
    }

    #[test]
    fn what_a_callback_fires_runs_after_that_callback_has_returned() {
        let log = Log::default();
        let (first, one) = made();
        let (second, two) = made();
        let one = one.add_callback(|n: u32| {
            log.add("first begins");
            second.callback(n).unwrap();
            log.add("first ends");
        });
        let two = two.add_callback(|n: u32| log.add(format!("second {n}")));
        let (mut one, mut two) = (pin!(one), pin!(two));
        assert!(waits(two.as_mut()) && waits(one.as_mut()));
        first.callback(1).unwrap();
        assert_eq!(now(one.as_mut()), Ok(()));
        assert_eq!(now(two.as_mut()), Ok(()));
        assert_eq!(log.all(), ["first begins", "first ends", "second 1"]);
    }

    #[test]
    fn a_failure_of_a_callback_that_was_added_in_a_callback_goes_outward() {
        let (resolver, deferred) = made();
        let deferred = deferred
            .add_callback(|n: u32| {
                let given: Made<u32> = {
                    let (resolver, given) = made();
                    resolver.callback(n).unwrap();
                    given
                };
                given.add_callback(|_| Err::<u32, _>(BANG))
            })
            .add_errback(|why| if why == BANG { 7 } else { 0 });
        resolver.callback(1).unwrap();
        assert_eq!(now(pin!(deferred)), 7);
    }
}

mod pausing {
    use super::*;

    #[test]
    fn a_failure_that_is_paused_reaches_its_errback_when_it_goes_on() {
        let log = Log::default();
        let (deferred, pauser) = fail::<(), _>(BANG).pausable();
        pauser.pause();
        let deferred = deferred.add_errback(|why| log.add(format!("{why:?}")));
        let mut deferred = pin!(deferred);
        assert!(waits(deferred.as_mut()));
        assert!(log.all().is_empty());
        pauser.unpause().unwrap();
        now(deferred.as_mut());
        assert_eq!(log.all(), ["Bang(\"bang\")"]);
    }

    #[test]
    fn paused_and_unpaused_before_it_is_fired() {
        let log = Log::default();
        let (resolver, deferred) = made();
        let (deferred, pauser) = deferred.pausable();
        pauser.pause();
        let deferred = deferred.add_callback(|word: &str| log.add(word));
        let mut deferred = pin!(deferred);
        pauser.unpause().unwrap();
        assert!(waits(deferred.as_mut()));
        assert!(log.all().is_empty(), "it has not been fired");
        resolver.callback("fired").unwrap();
        assert_eq!(now(deferred.as_mut()), Ok(()));
        assert_eq!(log.all(), ["fired"]);
    }

    #[test]
    fn a_callback_gives_a_deferred_that_is_paused_then_fired_then_unpaused() {
        let (outer, deferred) = made::<u32>();
        let (inner, given) = made::<u32>();
        let (given, pauser) = given.pausable();
        pauser.pause();
        let mut deferred = pin!(deferred.add_callback(|_| given).add_callback(|n| n * 10));
        outer.callback(1).unwrap();
        assert!(waits(deferred.as_mut()));
        inner.callback(2).unwrap();
        assert!(waits(deferred.as_mut()), "fired, but paused");
        pauser.unpause().unwrap();
        assert_eq!(now(deferred.as_mut()), Ok(20));
    }

    #[test]
    fn a_deferred_that_was_fired_and_is_paused_is_waited_for() {
        let (given, pauser) = succeed("expected").pausable();
        pauser.pause();
        let mut deferred = pin!(succeed(()).add_callback(|()| given));
        assert!(waits(deferred.as_mut()));
        pauser.unpause().unwrap();
        assert_eq!(now(deferred.as_mut()), "expected");
    }

    #[tokio::test]
    async fn pausing_does_not_hold_back_what_was_started_inside() {
        let log = Log::default();
        let said = log.clone();
        let (resolver, given) = Deferred::<Result<u32, Failure>, _>::new();
        let given = given.add_callback(move |n| {
            said.add("inside");
            n
        });
        let given = given.start();
        let (deferred, pauser) = succeed(()).add_callback(|()| given).pausable();
        let mut deferred = pin!(deferred);
        assert!(waits(deferred.as_mut()));
        pauser.pause();
        resolver.callback(1).unwrap();
        yield_now().await;
        assert!(waits(deferred.as_mut()));
        assert_eq!(log.all(), ["inside"]);
        pauser.unpause().unwrap();
        assert_eq!(now(deferred.as_mut()).unwrap(), 1);
    }
}

mod giving_a_deferred {
    use super::*;

    #[test]
    fn a_deferred_that_an_errback_gives_is_waited_for() {
        let (outer, deferred) = made::<&str>();
        let (inner, given) = made::<&str>();
        let log = Log::default();
        let deferred = deferred
            .add_errback(|_| given)
            .add_callback(|word| log.add(word));
        let mut deferred = pin!(deferred);
        outer.errback(BANG).unwrap();
        assert!(waits(deferred.as_mut()));
        assert!(log.all().is_empty());
        inner.callback("result").unwrap();
        assert_eq!(now(deferred.as_mut()), Ok(()));
        assert_eq!(log.all(), ["result"]);
    }

    #[test]
    fn a_deferred_that_is_given_and_was_fired_is_taken_at_once() {
        let value = Arc::new(());
        let (first, given) = made();
        first.callback(value.clone()).unwrap();
        let (second, deferred) = made();
        let deferred = deferred.add_callback(|()| given);
        second.callback(()).unwrap();
        let taken = now(pin!(deferred)).unwrap();
        assert!(Arc::ptr_eq(&taken, &value));
        assert_eq!(Arc::strong_count(&value), 2, "moved, not kept");
    }

    #[test]
    fn a_deferred_that_is_given_and_is_fired_later_is_waited_for() {
        let value = Arc::new(());
        let (first, given) = made();
        let (second, deferred) = made();
        let mut deferred = pin!(deferred.add_callback(|()| given));
        second.callback(()).unwrap();
        assert!(waits(deferred.as_mut()));
        first.callback(value.clone()).unwrap();
        let taken = now(deferred.as_mut()).unwrap();
        assert!(Arc::ptr_eq(&taken, &value));
        assert_eq!(Arc::strong_count(&value), 2, "moved, not kept");
    }

    #[test]
    fn a_failure_of_a_deferred_that_is_given_is_that_of_the_chain() {
        let at_once = succeed(()).add_callback(|()| fail::<u32, _>(BANG));
        assert_eq!(now(pin!(at_once)), Err(BANG));

        let log = Log::default();
        let (resolver, given) = made::<u32>();
        let later = succeed(()).add_callback(|()| given).add_errback(|why| {
            log.add(format!("{why:?}"));
            5
        });
        let mut later = pin!(later);
        assert!(waits(later.as_mut()));
        assert!(log.all().is_empty());
        resolver.errback(BANG).unwrap();
        assert_eq!(now(later.as_mut()), 5, "an errback ended the failure");
        assert_eq!(log.all(), ["Bang(\"bang\")"]);
    }

    #[test]
    fn waiting_goes_through_three_deferreds() {
        let ((first, one), (second, two), (third, three)) = (made::<u32>(), made(), made());
        let two = two.add_callback(|()| one);
        let mut three = pin!(three.add_callback(|()| two));
        second.callback(()).unwrap();
        assert!(waits(three.as_mut()));
        third.callback(()).unwrap();
        assert!(waits(three.as_mut()));
        first.callback(7).unwrap();
        assert_eq!(now(three.as_mut()), Ok(7));
    }

    #[test]
    fn callbacks_in_the_middle_run_between_the_innermost_and_the_outermost() {
        // Fired before the chain is polled, and while it waits.
        for early in [true, false] {
            let log = Log::default();
            let (resolver, innermost) = made::<String>();
            let deferred = succeed("outer")
                .add_callback(|word| {
                    log.add(word);
                    let middle = succeed("middle").add_callback(|word| {
                        log.add(word);
                        innermost
                    });
                    middle.add_callback(|word| {
                        log.add(format!("then {word}"));
                        word.repeat(2)
                    })
                })
                .add_callback(|word| log.add(word));
            let mut deferred = pin!(deferred);
            if !early {
                assert!(waits(deferred.as_mut()));
                assert_eq!(log.all(), ["outer", "middle"]);
            }
            resolver.callback("ab".to_string()).unwrap();
            assert_eq!(now(deferred.as_mut()), Ok(()));
            assert_eq!(log.all(), ["outer", "middle", "then ab", "abab"]);
        }
    }

    #[test]
    fn a_callback_may_be_added_to_a_deferred_before_it_is_given() {
        let log = Log::default();
        let (resolver, innermost) = made::<u32>();
        let deferred = succeed("outer")
            .add_callback(|word| {
                log.add(word);
                succeed("middle")
                    .add_callback(|_| innermost.add_callback(|n| vec![n]))
                    .add_callback(|list| {
                        log.add(format!("{list:?}"));
                        list.repeat(2)
                    })
            })
            .add_callback(|list| log.add(format!("{list:?}")));
        let mut deferred = pin!(deferred);
        assert!(waits(deferred.as_mut()));
        assert_eq!(log.all(), ["outer"]);
        resolver.callback(3).unwrap();
        assert_eq!(now(deferred.as_mut()), Ok(()));
        assert_eq!(log.all(), ["outer", "[3]", "[3, 3]"]);
    }

    #[test]
    fn a_chain_that_waits_for_a_list_goes_on_when_a_member_is_fired() {
        let log = Log::default();
        let (resolver, member) = made::<u32>();
        let deferred = succeed("outer").add_callback(|word| {
            log.add(word);
            let list = succeed(()).add_callback(|()| {
                log.add("list");
                gather(vec![member])
            });
            list.add_callback(|list| log.add(format!("{list:?}")))
        });
        let mut deferred = pin!(deferred);
        assert!(waits(deferred.as_mut()));
        assert_eq!(log.all(), ["outer", "list"]);
        resolver.callback(5).unwrap();
        assert_eq!(now(deferred.as_mut()), Ok(()));
        assert_eq!(log.all(), ["outer", "list", "[5]"]);
    }

    #[test]
    fn callbacks_run_in_order_when_one_of_them_gives_a_chain() {
        let log = Log::default();
        let (outer, deferred) = made();
        let (resolver, member) = made::<u32>();
        let deferred = deferred
            .add_callback(|word: &str| {
                log.add(word);
                let list = succeed(()).add_callback(|()| gather(vec![member]));
                list.add_callback(|list| log.add(format!("{list:?}")))
            })
            .add_callback(|()| log.add("final"));
        let mut deferred = pin!(deferred);
        outer.callback("outer").unwrap();
        assert!(waits(deferred.as_mut()));
        assert_eq!(log.all(), ["outer"]);
        resolver.callback(5).unwrap();
        assert_eq!(now(deferred.as_mut()), Ok(()));
        assert_eq!(log.all(), ["outer", "[5]", "final"]);
    }

    #[test]
    fn a_hundred_thousand_deferreds_given_by_one_another_need_a_bounded_stack() {
        const LINKS: u32 = 100_000;
        let run = || {
            let (last, deferred) = made::<u32>();
            let mut chain = deferred.boxed();
            for _ in 0..LINKS {
                let inner = chain;
                chain = succeed(()).add_callback(|()| inner).boxed();
            }
            assert!(waits(Pin::new(&mut chain)));
            last.callback(7).unwrap();
            assert_eq!(block_on(chain), Ok(7));
        };
        let small = std::thread::Builder::new().stack_size(256 * 1024);
        small.spawn(run).unwrap().join().unwrap();
    }
}

mod lists {
    use super::*;

    #[test]
    fn a_list_of_outcomes_waits_for_every_member() {
        let ((first, one), (second, two), (third, three)) = (made(), made(), made());
        let mut list = pin!(outcomes(vec![one, two, three]));
        assert!(waits(list.as_mut()));
        third.callback(3).unwrap();
        first.callback(1).unwrap();
        assert!(waits(list.as_mut()));
        second.errback(BANG).unwrap();
        assert_eq!(now(list.as_mut()), [Ok(1), Err(BANG), Ok(3)]);
    }

    #[test]
    fn a_gathered_list_fails_with_its_first_failure_and_tells_its_place() {
        #[callback]
        fn total(list: Vec<u32>) -> u32 {
            list.iter().sum()
        }
        let failing = || {
            let mut resolvers = Vec::new();
            let mut members = Vec::new();
            for _ in 0..3 {
                let (resolver, member) = Deferred::<Result<u32, Failure>, _>::new();
                resolvers.push(resolver);
                members.push(member);
            }
            (resolvers, total(members))
        };
        let (mut resolvers, list) = failing();
        let mut list = pin!(list);
        resolvers.remove(0).callback(1).unwrap();
        assert!(waits(list.as_mut()));
        let second = resolvers.remove(0);
        second.errback(std::fmt::Error.into()).unwrap();
        let failure = now(list.as_mut()).unwrap_err();
        assert!(
            failure.check::<std::fmt::Error>().is_some(),
            "its own error"
        );
        let hop = failure.trail().hops().last().unwrap();
        assert_eq!((hop.name(), hop.index()), ("total", Some(1)));

        let said = format!("{failure:#}");
        assert!(said.starts_with(&std::fmt::Error.to_string()), "{said}");
        assert!(said.contains("total arg 1[1]"), "{said}");
        let said = format!("{failure:?}");
        assert!(said.contains("total arg 1[1]"), "{said}");
    }

    #[test]
    fn places_in_a_list_are_compared() {
        #[callback]
        fn total(list: Vec<u32>) -> u32 {
            list.iter().sum()
        }
        let failed = |place: usize| {
            let members = (0..3).map(|n| {
                let (resolver, member) = Deferred::<Result<u32, Failure>, _>::new();
                let fired = if n == place {
                    resolver.errback(Failure::msg("bang")).is_ok()
                } else {
                    resolver.callback(1).is_ok()
                };
                assert!(fired);
                member
            });
            now(pin!(total(members.collect::<Vec<_>>()))).unwrap_err()
        };
        assert_eq!(failed(1).trail(), failed(1).trail());
        assert_ne!(failed(1).trail(), failed(2).trail());
    }

    #[test]
    fn a_failure_of_a_member_is_seen_beside_the_list_too() {
        let (resolver, member) = made::<u32>();
        let (hand_on, beside) = made();
        let mut list = pin!(outcomes(vec![member.chain_into(hand_on)]));
        let mut beside = pin!(beside);
        assert!(waits(list.as_mut()) && waits(beside.as_mut()));
        resolver.errback(BANG).unwrap();
        assert_eq!(now(list.as_mut()), [Err(BANG)]);
        assert_eq!(now(beside.as_mut()), Err(BANG));
    }

    #[test]
    fn a_gathered_list_of_a_member_that_has_failed_before_fails_at_once() {
        let ((first, one), (second, two)) = (made(), made());
        first.errback(BANG).unwrap();
        assert_eq!(now(pin!(gather(vec![one, two]))), Err(BANG));
        assert_eq!(second.callback(2), Err(2), "the other one was dropped");
    }

    #[test]
    fn a_list_of_outcomes_of_members_that_were_fired_before_is_there_at_once() {
        let ((first, one), (second, two)) = (made(), made());
        first.errback(BANG).unwrap();
        second.callback(2).unwrap();
        assert_eq!(now(pin!(outcomes(vec![one, two]))), [Err(BANG), Ok(2)]);
    }

    #[test]
    fn gathered_are_the_values_or_the_first_failure() {
        assert_eq!(now(pin!(gather(vec![succeed(1), succeed(2)]))), [1, 2]);
        let list = [Ok(1), Err(BANG)].map(|outcome| {
            let (resolver, member) = made();
            resolver.resolve(outcome).unwrap();
            member
        });
        assert_eq!(now(pin!(gather(Vec::from(list)))), Err(BANG));
    }
}

mod calling {
    use super::*;

    #[test]
    fn a_call_of_a_plain_function_is_a_deferred() {
        #[callback]
        fn ten() -> u32 {
            10
        }
        #[callback]
        fn plus_five(n: u32) -> u32 {
            n + 5
        }
        assert_eq!(now(pin!(ten().add_callback(|n| n + 1))), 11);
        assert_eq!(now(pin!(plus_five(10).add_callback(|n| n + 1))), 16);
    }

    #[test]
    fn a_call_of_a_function_that_fails_is_a_deferred_that_fails() {
        #[callback]
        fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
            text.parse()
        }
        let expected = "ten".parse::<u32>().unwrap_err();
        assert_eq!(now(pin!(parse("ten"))), Err(expected.clone()));
        let recovered = parse("ten").add_errback(move |why| u32::from(why == expected));
        assert_eq!(now(pin!(recovered)), 1);
    }

    #[test]
    fn a_call_of_a_function_that_gives_a_deferred_yields_what_that_yields() {
        #[callback]
        fn given(#[value] deferred: Made<u32>) -> Deferred<Result<u32, Oops>> {
            deferred.boxed()
        }
        let (resolver, deferred) = made();
        let mut call = pin!(given(deferred));
        assert!(waits(call.as_mut()));
        resolver.callback(3).unwrap();
        assert_eq!(now(call.as_mut()), Ok(3));
        let (resolver, deferred) = made();
        let mut call = pin!(given(deferred));
        assert!(waits(call.as_mut()));
        resolver.errback(BANG).unwrap();
        assert_eq!(now(call.as_mut()), Err(BANG));
    }

    #[callback]
    async fn seven() -> u32 {
        7
    }

    #[test]
    fn a_call_of_an_asynchronous_function_yields_what_that_returns() {
        let n: u32 = now(pin!(seven()));
        assert_eq!(n, 7);
    }

    #[test]
    fn a_call_of_a_function_that_gives_an_asynchronous_call() {
        #[callback]
        fn indirect() -> Deferred<u32> {
            seven().boxed()
        }
        let n: u32 = now(pin!(indirect().add_callback(|n| n + 1)));
        assert_eq!(n, 8);
    }

    #[test]
    fn a_call_of_an_asynchronous_function_that_fails() {
        #[callback]
        async fn failing() -> Result<u32, Oops> {
            Err(BANG)
        }
        #[callback]
        fn indirect() -> Deferred<Result<u32, Oops>> {
            failing().boxed()
        }
        assert_eq!(now(pin!(failing())), Err(BANG));
        assert_eq!(now(pin!(indirect())), Err(BANG));
    }

    #[test]
    fn a_future_becomes_a_deferred_of_what_it_yields() {
        fn int(deferred: Deferred<u8, impl Chain<Output = u8>>) -> u8 {
            now(pin!(deferred))
        }
        assert_eq!(int(defer(async { 1 })), 1);
        assert_eq!(int(async { 2 }.defer()), 2);
    }

    #[test]
    fn a_deferred_is_taken_as_it_is() {
        #[callback]
        fn same(n: u32) -> u32 {
            n
        }
        let (resolver, deferred) = made();
        let call = same(deferred);
        // The deferred itself, not a future around it.
        assert_eq!(call.plan().nodes().count(), 2);
        let leaf = call.plan().nodes().nth(1).unwrap().1;
        assert_eq!(leaf.name(), "hand-made");
        resolver.callback(3).unwrap();
        assert_eq!(now(pin!(call)), Ok(3));
    }

    #[test]
    fn a_future_that_awaits_a_deferred_becomes_one() {
        async fn run() -> &'static str {
            succeed("a").await
        }
        #[inline_callbacks]
        fn inline() -> &'static str {
            succeed("b").await
        }
        assert_eq!(now(pin!(run().defer().add_callback(str::len))), 1);
        assert_eq!(now(pin!(inline())), "b");
    }
}

mod looking {
    use super::*;

    fn plan<O, F: Chain<Output = O>>(deferred: &Deferred<O, F>) -> Vec<String> {
        let text = deferred.plan().to_string();
        let name = |line: &str| line.trim().split(" of ").next().unwrap().to_string();
        text.lines().map(name).collect()
    }

    #[test]
    fn debug_names_what_it_is() {
        let (resolver, deferred) = made::<u32>();
        assert_eq!(format!("{deferred:?}"), "Deferred { .. }");
        assert_eq!(format!("{resolver:?}"), "Resolver { .. }");
    }

    #[test]
    fn a_plan_shows_that_one_deferred_fires_another() {
        let ((_first, one), (hand_on, _two)) = (made::<u32>(), made());
        assert_eq!(plan(&one.chain_into(hand_on)), ["chain_into", "hand-made"]);
    }

    #[test]
    fn a_plan_shows_what_a_chain_waits_for_now() {
        let (resolver, given) = made::<u32>();
        let (_next, last) = made::<u32>();
        let (hand_on, _follower) = made();
        let chain = succeed(()).add_callback(|()| given).chain_into(hand_on);
        let mut chain = pin!(chain.add_callback(|_| last));
        let begins = ["add_callback", "chain_into", "add_callback", "value"];
        assert_eq!(plan(&chain), begins);
        assert!(waits(chain.as_mut()));
        // The first callback has run, and what it gave has taken its place.
        assert_eq!(plan(&chain), ["add_callback", "chain_into", "hand-made"]);
        resolver.callback(1).unwrap();
        assert!(waits(chain.as_mut()));
        assert_eq!(plan(&chain), ["hand-made"], "the last one");
    }
}

mod cancellers {
    use super::*;

    /// A deferred whose canceller holds the value, and the resolver of the deferred as well.
    fn cyclic(
        held: &Arc<()>,
    ) -> (
        Arc<Mutex<Option<Resolver<u32>>>>,
        Deferred<Result<u32, Failure>, impl Chain<Output = Result<u32, Failure>> + use<>>,
    ) {
        let owner = Arc::new(Mutex::new(None));
        let (held, owned) = (held.clone(), owner.clone());
        let (resolver, deferred) = Deferred::with_canceller(move || {
            let _held = &held;
            owned.lock().unwrap().take().map(drop)?;
            None
        });
        *owner.lock().unwrap() = Some(resolver);
        (owner, deferred)
    }

    #[test]
    fn a_canceller_goes_with_the_outcome() {
        for outcome in [Ok(1), Err(Failure::msg("bang"))] {
            let held = Arc::new(());
            let (owner, deferred) = cyclic(&held);
            assert_eq!(Arc::strong_count(&held), 2);
            let mut deferred = Box::pin(deferred);
            assert!(waits(deferred.as_mut()));
            let succeeds = outcome.is_ok();
            let resolver = owner.lock().unwrap().take().unwrap();
            resolver.resolve(outcome).unwrap();
            assert_eq!(now(deferred.as_mut()).is_ok(), succeeds);
            drop(deferred);
            assert_eq!(Arc::strong_count(&held), 1);
            assert_eq!(Arc::strong_count(&owner), 1);
        }
    }

    #[test]
    fn a_canceller_is_gone_while_the_chain_waits_for_the_next() {
        let held = Arc::new(());
        let (owner, deferred) = cyclic(&held);
        let (_next, given) = Deferred::<Result<u32, Failure>, _>::new();
        let mut chain = pin!(deferred.add_callback(|_| given));
        assert!(waits(chain.as_mut()));
        let resolver = owner.lock().unwrap().take().unwrap();
        resolver.callback(1).unwrap();
        assert!(waits(chain.as_mut()));
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
