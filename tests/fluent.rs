//! The fluent form: closures added to a deferred, one after another.

mod support;

use std::cell::RefCell;
use std::pin::pin;

use defer::Plain;
use defer::prelude::*;
use futures::executor::block_on;
use support::{leaf, never, poll_once, poll_to_end};

#[derive(Clone, Debug, PartialEq)]
struct Oops(&'static str);

#[derive(Debug, PartialEq)]
struct Other(u8);

fn good(n: u8) -> Deferred<Result<u8, Oops>> {
    leaf(1, Ok(n)).0.boxed()
}

fn bad() -> Deferred<Result<u8, Oops>> {
    leaf(1, Err(Oops("bad"))).0.boxed()
}

mod add_callback {
    use super::*;

    #[test]
    fn of_a_value_on_what_can_fail() {
        let next: Result<u8, Oops> = block_on(good(1).add_callback(|n| n + 1));
        assert_eq!(next, Ok(2));
        let next: Result<u8, Oops> =
            block_on(bad().add_callback(|_| -> u8 { unreachable!("it failed") }));
        assert_eq!(next, Err(Oops("bad")));
    }

    #[test]
    fn of_a_result_on_what_can_fail() {
        let half = |n: u8| {
            if n % 2 == 0 {
                Ok(n / 2)
            } else {
                Err(Oops("odd"))
            }
        };
        let next: Result<u8, Oops> = block_on(good(4).add_callback(half));
        assert_eq!(next, Ok(2));
        let next: Result<u8, Oops> = block_on(good(3).add_callback(half));
        assert_eq!(next, Err(Oops("odd")));
        let next: Result<u8, Oops> = block_on(bad().add_callback(half));
        assert_eq!(next, Err(Oops("bad")));
    }

    #[test]
    fn of_a_deferred_on_what_can_fail() {
        let (next, polls) = poll_to_end(good(1).add_callback(|n| leaf(2, n + 1).0));
        assert_eq!((next, polls), (Ok(2), 4), "the chain waits for it");
        let next: Result<u8, Oops> = block_on(good(1).add_callback(|_| bad()));
        assert_eq!(next, Err(Oops("bad")));
        let next: Result<u8, Oops> = block_on(good(1).add_callback(|n| good(n + 1)));
        assert_eq!(next, Ok(2));
    }

    #[test]
    fn of_a_value_on_what_cannot_fail() {
        let next: u8 = block_on(succeed(1).add_callback(|n| n + 1));
        assert_eq!(next, 2);
    }

    #[test]
    fn of_a_result_on_what_cannot_fail() {
        let next: Result<u8, Other> = block_on(succeed(1).add_callback(|n| Err::<u8, _>(Other(n))));
        assert_eq!(next, Err(Other(1)));
    }

    #[test]
    fn of_a_deferred_on_what_cannot_fail() {
        let next: u8 = block_on(succeed(1).add_callback(|n| leaf(2, n + 1).0));
        assert_eq!(next, 2);
        let next: Result<u8, Oops> = block_on(succeed(1).add_callback(good));
        assert_eq!(next, Ok(1));
    }

    #[test]
    fn of_a_type_of_the_programs_own() {
        #[derive(Debug, PartialEq)]
        struct Mine(u8);
        impl Plain for Mine {}
        assert_eq!(block_on(good(1).add_callback(Mine)), Ok(Mine(1)));
        assert_eq!(block_on(succeed(1).add_callback(Mine)), Mine(1));
    }
}

mod add_errback {
    use super::*;

    #[test]
    fn of_a_value() {
        let whole: u8 = block_on(bad().add_errback(|error| error.0.len() as u8));
        assert_eq!(whole, 3);
        let whole: u8 =
            block_on(good(1).add_errback(|_| -> u8 { unreachable!("it did not fail") }));
        assert_eq!(whole, 1);
    }

    #[test]
    fn of_a_result() {
        let again: Result<u8, Other> = block_on(bad().add_errback(|_| Err(Other(1))));
        assert_eq!(again, Err(Other(1)));
        let again: Result<u8, Other> = block_on(good(1).add_errback(|_| Err(Other(1))));
        assert_eq!(again, Ok(1));
        let again: Result<u8, Other> = block_on(bad().add_errback(|_| Ok(2)));
        assert_eq!(again, Ok(2));
    }

    #[test]
    fn of_a_deferred() {
        let whole: u8 = block_on(bad().add_errback(|_| leaf(2, 7).0));
        assert_eq!(whole, 7);
        let again: Result<u8, Oops> = block_on(bad().add_errback(|_| good(7)));
        assert_eq!(again, Ok(7));
        let again: Result<u8, Oops> = block_on(good(1).add_errback(|_| bad()));
        assert_eq!(again, Ok(1));
    }
}

mod add_callbacks {
    use super::*;

    #[test]
    fn one_of_the_two_runs() {
        let whole: String =
            block_on(good(1).add_callbacks(|n| n.to_string(), |error| error.0.to_string()));
        assert_eq!(whole, "1");
        let whole: String =
            block_on(bad().add_callbacks(|n| n.to_string(), |error| error.0.to_string()));
        assert_eq!(whole, "bad");
    }

    #[test]
    fn the_errback_never_sees_a_failure_of_its_own_callback() {
        let chain = good(1)
            .add_callbacks(
                |_| Err::<u8, _>(Oops("callback")),
                |_| -> u8 { unreachable!("not its own") },
            )
            .add_errback(|error| error.0.len() as u8);
        assert_eq!(block_on(chain), 8, "the next errback does");
    }

    #[test]
    fn of_results() {
        let both = |d: Deferred<Result<u8, Oops>>| {
            d.add_callbacks(
                |n| if n == 1 { Ok(n) } else { Err(Other(n)) },
                |error| {
                    if error.0.is_empty() {
                        Ok(0)
                    } else {
                        Err(Other(9))
                    }
                },
            )
        };
        let whole: Result<u8, Other> = block_on(both(good(1)));
        assert_eq!(whole, Ok(1));
        assert_eq!(block_on(both(good(2))), Err(Other(2)));
        assert_eq!(block_on(both(bad())), Err(Other(9)));
    }

    #[test]
    fn of_a_value_and_a_result() {
        let one: Result<u8, Other> = block_on(bad().add_callbacks(|n| n, |_| Err(Other(1))));
        assert_eq!(one, Err(Other(1)));
        let other: Result<u8, Other> =
            block_on(bad().add_callbacks(|n| if n == 0 { Err(Other(0)) } else { Ok(n) }, |_| 5));
        assert_eq!(other, Ok(5));
    }

    #[test]
    fn of_deferreds() {
        let both = |d: Deferred<Result<u8, Oops>>| {
            d.add_callbacks(|n| leaf(2, n + 1).0, |_| leaf(3, Err::<u8, _>(Other(0))).0)
        };
        assert_eq!(poll_to_end(both(good(1))), (Ok(2), 4));
        assert_eq!(poll_to_end(both(bad())), (Err(Other(0)), 5));
    }
}

mod add_both {
    use super::*;

    #[test]
    fn of_a_value() {
        let told = |outcome: Result<u8, Oops>| format!("{outcome:?}");
        let whole: String = block_on(good(1).add_both(told));
        assert_eq!(whole, "Ok(1)");
        assert_eq!(block_on(bad().add_both(told)), r#"Err(Oops("bad"))"#);
    }

    #[test]
    fn of_a_result() {
        let turned = |outcome: Result<u8, Oops>| match outcome {
            Ok(n) => Err(Other(n)),
            Err(_) => Ok(0),
        };
        let whole: Result<u8, Other> = block_on(good(1).add_both(turned));
        assert_eq!(whole, Err(Other(1)));
        assert_eq!(block_on(bad().add_both(turned)), Ok(0));
    }

    #[test]
    fn of_a_deferred() {
        let whole: u8 = block_on(bad().add_both(|outcome| leaf(2, outcome.unwrap_or(3)).0));
        assert_eq!(whole, 3);
        let whole: Result<u8, Oops> =
            block_on(good(1).add_both(|outcome| defer(async { outcome })));
        assert_eq!(whole, Ok(1));
    }
}

#[test]
fn closures_run_in_the_order_in_which_they_were_added() {
    let seen = RefCell::new(Vec::new());
    let see = |what: &'static str| seen.borrow_mut().push(what);
    let chain = good(1)
        .add_callback(|n| {
            see("callback 1");
            n
        })
        .add_errback(|_| -> Result<u8, Oops> { unreachable!("nothing failed yet") })
        .add_callback(|_| {
            see("callback 2");
            Err::<u8, _>(Oops("second"))
        })
        .add_callback(|_| -> u8 { unreachable!("it failed") })
        .add_errback(|error| {
            see("errback");
            assert_eq!(error, Oops("second"));
            Ok::<u8, Oops>(7)
        })
        .add_both(|outcome| {
            see("both");
            outcome
        })
        .add_callback(|n| {
            see("callback 3");
            n + 1
        });
    assert!(seen.borrow().is_empty(), "nothing runs before it is polled");
    assert_eq!(block_on(chain), Ok(8));
    assert_eq!(
        seen.take(),
        ["callback 1", "callback 2", "errback", "both", "callback 3"]
    );
}

#[test]
fn the_chain_before_is_dropped_before_the_closure_runs() {
    let (first, seen) = leaf(1, Ok::<u8, Oops>(1));
    let chain = first.add_callback(|n| {
        assert!(seen.dropped());
        n
    });
    assert_eq!(block_on(chain), Ok(1));
}

#[test]
fn a_long_chain_of_the_form_is_done_in_one_poll() {
    let mut chain: Deferred<u32> = succeed(0).boxed();
    for _ in 0..1000 {
        chain = chain.add_callback(|n| n + 1).boxed();
    }
    assert_eq!(poll_to_end(chain), (1000, 1));
}

#[test]
fn dropping_runs_no_closure() {
    let (first, seen) = never::<Result<u8, Oops>>();
    {
        let mut chain = pin!(
            first
                .add_callbacks(|_| -> u8 { unreachable!() }, |_| -> u8 { unreachable!() })
                .add_callback(|_| -> u8 { unreachable!() })
        );
        assert!(poll_once(chain.as_mut()).is_pending());
    }
    assert!(seen.dropped());
    drop(good(1).add_both(|_| -> u8 { unreachable!() }));
}

#[test]
fn nested_calls_and_the_form_mix() {
    #[callback]
    fn double(n: u8) -> u8 {
        n * 2
    }
    #[errback]
    fn zero(failure: Oops) -> u8 {
        let _ = failure;
        0
    }
    let mixed: u8 = block_on(zero(
        double(good(1).add_callback(double)).add_callback(|n| n + 1),
    ));
    assert_eq!(mixed, 5);
    let mixed: u8 = block_on(zero(
        double(bad().add_callback(double)).add_callback(|n| n + 1),
    ));
    assert_eq!(mixed, 0);
}
