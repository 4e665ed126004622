//! What Twisted's own tests show of `inlineCallbacks`, as it reads in Rust.
//!
//! By the classes of `twisted/internet/test/test_inlinecb.py` in Twisted 26.10.0 (and one of
//! `twisted/test/test_defer.py`), each test numbered by its place in its class; the sums are
//! in `README.md`. A coroutine is here an asynchronous `#[callback]`.
//!
//! # `BasicTests`: 17
//!
//! | original | here |
//! | --- | --- |
//! | 1: a value, a failure that is handled, a return | [`basics::a_value_and_a_failure_come_out_of_their_awaits`] |
//! | 2: the same from coroutines | [`basics::a_value_and_a_failure_come_out_of_asynchronous_calls`] |
//! | 3: a body that fails | [`basics::a_failure_of_the_body_is_that_of_its_deferred`] |
//! | 4: a body that never waits | [`basics::a_body_that_does_nothing_yields_nothing`] |
//! | 5: a failure that is there, handled | [`basics::a_failure_that_is_handled_is_gone`] |
//! | 6: one that comes later | [`basics::a_failure_that_comes_later_and_is_handled_is_gone`] |
//! | 7: one that comes through a coroutine | [`basics::a_failure_that_comes_later_through_an_asynchronous_call`] |
//! | 8: the stack does not grow with awaits that are ready | [`basics::awaits_that_are_ready_need_no_stack`] |
//! | 9: nor with plain values | [`basics::awaits_that_are_ready_need_no_stack`]: plain futures |
//! | 10: waiting for a value gives it back | cannot be: `.await` of a value does not compile |
//! | 11: a return of nothing | [`basics::a_return_of_nothing_after_an_await`] |
//! | 12: a deprecated way to return | cannot be: there is `return` |
//! | 13, 14: a function that never waits is refused | decided otherwise: `inline_callbacks.rs`, `no_await_at_all_is_a_deferred_still` |
//! | 15: no trace of that way to return | cannot be: it is not there |
//! | 16: no trace of the machinery in a failure | [`trails::calls_that_succeeded_leave_no_trace`] |
//! | 17: nothing is kept after the end | [`basics::nothing_is_kept_after_the_end`] |
//!
//! # `StopIterationReturnTests`: 1
//!
//! | original | here |
//! | --- | --- |
//! | 1: the value that is returned | [`basics::a_return_of_a_value_after_an_await`] |
//!
//! # `StackedInlineCallbacksTests`: 9
//!
//! | original | here |
//! | --- | --- |
//! | 1: three deep, waiting once | [`stacked::three_deep_waiting_once`] |
//! | 2: with a coroutine in the middle | [`stacked::three_deep_with_an_asynchronous_call_in_the_middle`] |
//! | 3: three deep, each waiting three times | [`stacked::three_deep_each_waiting_three_times`] |
//! | 4: with a coroutine in the middle | [`stacked::three_deep_each_waiting_three_times_with_an_asynchronous_call_in_the_middle`] |
//! | 5: a callback in between, nothing waits | [`stacked::a_callback_in_between_where_nothing_waits`] |
//! | 6: the first one waits | [`stacked::a_callback_in_between_where_the_call_waits`] |
//! | 7: the second one waits as well | [`stacked::a_callback_in_between_where_the_second_call_waits`] |
//! | 8: a failure is handled | [`stacked::a_failure_of_the_first_call_is_handled`] |
//! | 9: after a call that did not fail | [`stacked::a_failure_of_the_second_call_is_handled`] |
//!
//! # `NonLocalExitTests`: 2
//!
//! | original | here |
//! | --- | --- |
//! | 1, 2: a helper that ends its caller | cannot be: a function returns for itself |
//!
//! # `ForwardTraceBackTests`: 5
//!
//! A failure has a trail of calls where Python has a traceback.
//!
//! | original | here |
//! | --- | --- |
//! | 1: through two | [`trails::a_failure_tells_both_of_two_calls`] |
//! | 2: from a coroutine | [`trails::a_failure_tells_an_asynchronous_call`] |
//! | 3: through four | [`trails::a_failure_tells_all_of_four_calls`] |
//! | 4: with a coroutine in the middle | [`trails::a_failure_tells_all_of_four_calls`]: the third of them |
//! | 5: a failure from elsewhere keeps what it had | [`trails::a_failure_that_was_fired_keeps_its_trail`] |
//!
//! # `CancellationTests`: 26
//!
//! Five scenarios, each in five shapes: the module has the scenario's name, the test the
//! shape's. `stacked_three_deep` is one more.
//!
//! | original | here |
//! | --- | --- |
//! | 1–5: what is awaited is cancelled too | [`cancelling::what_is_awaited_is_cancelled`] |
//! | 6–10: the cancellation is the failure | [`cancelling::the_cancellation_comes_out`] |
//! | 11–15: a failure of the canceller is translated into another | [`cancelling::a_failure_becomes_another`] |
//! | 16–20: into a value | [`cancelling::a_failure_becomes_a_value`] |
//! | 21–25: clean-up is waited for | [`cancelling::clean_up_is_waited_for`] |
//! | 26: a body that goes on, cancelled again | [`cancelling::a_body_that_goes_on_is_cancelled_again_at_its_next_await`]: ignored, for it does not hold yet |
//!
//! # `InlineCallbackTests` of `test_defer.py`: 2
//!
//! | original | here |
//! | --- | --- |
//! | 1: anything but a coroutine is refused | does not compile: ui case `defer_of_what_is_no_future` |
//! | 2: a coroutine keeps nothing after its end | [`basics::nothing_is_kept_after_the_end`] |

mod support;

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use defer::prelude::*;
use defer::{Abandoned, Cancelled, Chain, Resolver};
use support::{Log, poll_once};

#[derive(Clone, Debug, PartialEq)]
enum App {
    Division(&'static str),
    Untranslated,
    Translated,
    /// Not a failure, says who knows it: that value.
    Instead(u32),
    Abandoned,
    Cancelled,
}
impl From<Abandoned> for App {
    fn from(_: Abandoned) -> Self {
        App::Abandoned
    }
}
impl From<Cancelled> for App {
    fn from(_: Cancelled) -> Self {
        App::Cancelled
    }
}

type Made = Deferred<Result<u32, App>>;

fn made() -> (Resolver<u32, App>, Made) {
    let (resolver, deferred) = Deferred::<Result<u32, App>, _>::new();
    (resolver, deferred.boxed())
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

mod basics {
    use super::*;

    #[callback]
    async fn divided(n: u32, #[value] by: u32) -> Result<u32, App> {
        tokio::task::yield_now().await;
        n.checked_div(by).ok_or(App::Division("OMG"))
    }

    #[test]
    fn a_value_and_a_failure_come_out_of_their_awaits() {
        #[inline_callbacks]
        fn work(#[value] given: Made) -> Result<&'static str, App> {
            assert_eq!(given.await?, 3);
            let failed = fail::<u32, _>(App::Division("OMG")).await;
            assert_eq!(failed, Err(App::Division("OMG")));
            Ok("done")
        }
        let (resolver, given) = made();
        let mut work = pin!(work(given));
        assert!(waits(work.as_mut()));
        resolver.callback(3).unwrap();
        assert_eq!(now(work.as_mut()), Ok("done"));
    }

    #[tokio::test]
    async fn a_value_and_a_failure_come_out_of_asynchronous_calls() {
        #[inline_callbacks]
        fn work() -> Result<&'static str, App> {
            assert_eq!(divided(6, 2).await?, 3);
            assert_eq!(divided(6, 0).await, Err(App::Division("OMG")));
            Ok("done")
        }
        assert_eq!(work().await, Ok("done"));
    }

    #[tokio::test]
    async fn a_failure_of_the_body_is_that_of_its_deferred() {
        #[inline_callbacks]
        fn work() -> Result<u32, App> {
            let n = divided(6, 6).await?;
            (1_u32.checked_div(n - 1)).ok_or(App::Division("by nothing"))
        }
        assert_eq!(work().await, Err(App::Division("by nothing")));
    }

    #[test]
    fn a_body_that_does_nothing_yields_nothing() {
        #[inline_callbacks]
        fn work() {}
        let () = now(pin!(work()));
    }

    #[test]
    fn a_failure_that_is_handled_is_gone() {
        #[inline_callbacks]
        fn work() -> Result<(), App> {
            if let Err(why) = fail::<u32, _>(App::Untranslated).await {
                assert_eq!(why, App::Untranslated);
            }
            Ok(())
        }
        assert_eq!(now(pin!(work())), Ok(()));
    }

    #[test]
    fn a_failure_that_comes_later_and_is_handled_is_gone() {
        #[inline_callbacks]
        fn work(#[value] given: Made) -> Result<bool, App> {
            Ok(given.await == Err(App::Untranslated))
        }
        let (resolver, given) = made();
        let mut work = pin!(work(given));
        assert!(waits(work.as_mut()));
        resolver.errback(App::Untranslated).unwrap();
        assert_eq!(now(work.as_mut()), Ok(true));
    }

    #[test]
    fn a_failure_that_comes_later_through_an_asynchronous_call() {
        #[callback]
        async fn through(#[value] given: Made) -> Result<u32, App> {
            given.await
        }
        #[inline_callbacks]
        fn work(#[value] given: Made) -> Result<bool, App> {
            Ok(through(given).await == Err(App::Untranslated))
        }
        let (resolver, given) = made();
        let mut work = pin!(work(given));
        assert!(waits(work.as_mut()));
        resolver.errback(App::Untranslated).unwrap();
        assert_eq!(now(work.as_mut()), Ok(true));
    }

    #[test]
    fn awaits_that_are_ready_need_no_stack() {
        #[inline_callbacks]
        fn work(#[value] rounds: u32) -> u32 {
            let mut sum = 0;
            for _ in 0..rounds {
                sum += succeed(1).await;
                sum += std::future::ready(1).await;
            }
            sum
        }
        let run = || assert_eq!(now(pin!(work(100_000))), 200_000);
        let small = std::thread::Builder::new().stack_size(128 * 1024);
        small.spawn(run).unwrap().join().unwrap();
    }

    #[test]
    fn a_return_of_nothing_after_an_await() {
        #[inline_callbacks]
        fn work(#[value] given: Made) {
            if given.await.is_ok() {
                return;
            }
            unreachable!("it was fired with a value");
        }
        let (resolver, given) = made();
        let mut work = pin!(work(given));
        assert!(waits(work.as_mut()));
        resolver.callback(5).unwrap();
        let () = now(work.as_mut());
    }

    #[test]
    fn a_return_of_a_value_after_an_await() {
        #[inline_callbacks]
        fn work(#[value] given: Made) -> Result<u32, App> {
            given.await?;
            return Ok(14);
        }
        let (resolver, given) = made();
        let mut work = pin!(work(given));
        assert!(waits(work.as_mut()));
        resolver.callback(1).unwrap();
        assert_eq!(now(work.as_mut()), Ok(14));
    }

    #[test]
    fn nothing_is_kept_after_the_end() {
        #[inline_callbacks]
        fn inline(#[value] held: Arc<()>) -> Arc<()> {
            succeed(()).await;
            held
        }
        #[callback]
        async fn asynchronous(#[value] held: Arc<()>) -> Arc<()> {
            held
        }
        let held = Arc::new(());
        let mut call = pin!(inline(held.clone()));
        let given = now(call.as_mut());
        assert_eq!(Arc::strong_count(&held), 2, "the outcome alone");
        drop(given);
        assert_eq!(Arc::strong_count(&held), 1, "though the call is there yet");
        let mut call = pin!(asynchronous(held.clone()));
        drop(now(call.as_mut()));
        assert_eq!(Arc::strong_count(&held), 1);
    }
}

mod stacked {
    use super::*;

    /// Deferreds that were asked for and are not fired, with what they will be fired with.
    #[derive(Clone, Default)]
    struct Asked {
        log: Log,
        waiting: Arc<Mutex<VecDeque<(Resolver<u32, App>, u32)>>>,
    }

    impl Asked {
        fn ask(&self, n: u32) -> Made {
            let (resolver, deferred) = made();
            self.waiting.lock().unwrap().push_back((resolver, n));
            deferred
        }

        /// Polls and fires, in the order in which they were asked for, to the end.
        fn run<T, F: Chain<Output = T>>(&self, call: Deferred<T, F>) -> T {
            let mut call = pin!(call);
            loop {
                if let Poll::Ready(outcome) = poll_once(call.as_mut()) {
                    return outcome;
                }
                let (resolver, n) = self.waiting.lock().unwrap().pop_front().expect("one waits");
                let outcome = if n == FAILS {
                    Err(App::Untranslated)
                } else {
                    Ok(n)
                };
                resolver.resolve(outcome).unwrap();
            }
        }
    }

    /// A deferred that is asked for with this fails.
    const FAILS: u32 = u32::MAX;

    #[inline_callbacks]
    fn innermost(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
        asked.log.add(format!("in 1 {x}"));
        let x = asked.ask(x).await? + 1;
        asked.log.add(format!("out 1 {x}"));
        Ok(x)
    }

    #[test]
    fn three_deep_waiting_once() {
        #[inline_callbacks]
        fn middle(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 2 {x}"));
            let x = innermost(x, asked.clone()).await? + 2;
            asked.log.add(format!("out 2 {x}"));
            Ok(x)
        }
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            let x = middle(x, asked.clone()).await? + 4;
            asked.log.add(format!("out 3 {x}"));
            Ok(x)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(8));
        assert_eq!(asked.log.all(), THREE_DEEP);
    }

    const THREE_DEEP: [&str; 6] = [
        "in 3 1", "in 2 1", "in 1 1", "out 1 2", "out 2 4", "out 3 8",
    ];

    #[test]
    fn three_deep_with_an_asynchronous_call_in_the_middle() {
        #[callback]
        async fn middle(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 2 {x}"));
            let x = innermost(x, asked.clone()).await? + 2;
            asked.log.add(format!("out 2 {x}"));
            Ok(x)
        }
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            let x = middle(x, asked.clone()).await? + 4;
            asked.log.add(format!("out 3 {x}"));
            Ok(x)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(8));
        assert_eq!(asked.log.all(), THREE_DEEP);
    }

    /// Each call of three, and within it each of its three: where it begins and ends.
    fn three_times_three() -> Vec<String> {
        let mut all = vec!["in 3 1".to_string()];
        let mut x = 1;
        for _ in 0..3 {
            all.push(format!("in 2 {x}"));
            for _ in 0..3 {
                all.push(format!("in 1 {x}"));
                x += 1;
                all.push(format!("out 1 {x}"));
            }
            x += 2;
            all.push(format!("out 2 {x}"));
        }
        all.push("out 3 20".to_string());
        all
    }

    #[test]
    fn three_deep_each_waiting_three_times() {
        #[inline_callbacks]
        fn middle(#[value] mut x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 2 {x}"));
            for _ in 0..3 {
                x = innermost(x, asked.clone()).await?;
            }
            x += 2;
            asked.log.add(format!("out 2 {x}"));
            Ok(x)
        }
        #[inline_callbacks]
        fn outermost(#[value] mut x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            for _ in 0..3 {
                x = middle(x, asked.clone()).await?;
            }
            x += 4;
            asked.log.add(format!("out 3 {x}"));
            Ok(x)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(20));
        assert_eq!(asked.log.all(), three_times_three());
    }

    #[test]
    fn three_deep_each_waiting_three_times_with_an_asynchronous_call_in_the_middle() {
        #[callback]
        async fn middle(#[value] mut x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 2 {x}"));
            for _ in 0..3 {
                x = innermost(x, asked.clone()).await?;
            }
            x += 2;
            asked.log.add(format!("out 2 {x}"));
            Ok(x)
        }
        #[inline_callbacks]
        fn outermost(#[value] mut x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            for _ in 0..3 {
                x = middle(x, asked.clone()).await?;
            }
            x += 4;
            asked.log.add(format!("out 3 {x}"));
            Ok(x)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(20));
        assert_eq!(asked.log.all(), three_times_three());
    }

    /// A callback that is added to the deferred of a call.
    fn between(asked: &Asked) -> impl FnOnce(u32) -> u32 + use<> {
        let log = asked.log.clone();
        move |x| {
            log.add(format!("in 2 {x}"));
            log.add(format!("out 2 {}", x + 2));
            x + 2
        }
    }

    #[test]
    fn a_callback_in_between_where_nothing_waits() {
        #[inline_callbacks]
        fn ready(#[value] x: u32, #[value] log: Log) -> u32 {
            log.add(format!("in 1 {x}"));
            let x = succeed(x).await + 1;
            log.add(format!("out 1 {x}"));
            x
        }
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> u32 {
            asked.log.add(format!("in 3 {x}"));
            let call = ready(x, asked.log.clone()).add_callback(between(&asked));
            let x = call.await + 4;
            asked.log.add(format!("out 3 {x}"));
            x
        }
        let asked = Asked::default();
        assert_eq!(now(pin!(outermost(1, asked.clone()))), 8);
        let all = [
            "in 3 1", "in 1 1", "out 1 2", "in 2 2", "out 2 4", "out 3 8",
        ];
        assert_eq!(asked.log.all(), all);
    }

    #[test]
    fn a_callback_in_between_where_the_call_waits() {
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            let call = innermost(x, asked.clone()).add_callback(between(&asked));
            let x = call.await? + 4;
            asked.log.add(format!("out 3 {x}"));
            Ok(x)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(8));
        let all = [
            "in 3 1", "in 1 1", "out 1 2", "in 2 2", "out 2 4", "out 3 8",
        ];
        assert_eq!(asked.log.all(), all);
    }

    #[test]
    fn a_callback_in_between_where_the_second_call_waits() {
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            let x = innermost(x, asked.clone()).await?;
            let call = innermost(x, asked.clone()).add_callback(between(&asked));
            let x = call.await? + 4;
            asked.log.add(format!("out 3 {x}"));
            Ok(x)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(9));
        let all = [
            "in 3 1", "in 1 1", "out 1 2", "in 1 2", "out 1 3", "in 2 3", "out 2 5", "out 3 9",
        ];
        assert_eq!(asked.log.all(), all);
    }

    #[inline_callbacks]
    fn failing(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
        asked.log.add(format!("in 2 {x}"));
        let x = asked.ask(FAILS).await?;
        asked.log.add(format!("out 2 {x}"));
        Ok(x)
    }

    #[test]
    fn a_failure_of_the_first_call_is_handled() {
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> u32 {
            asked.log.add(format!("in 3 {x}"));
            assert_eq!(failing(x, asked.clone()).await, Err(App::Untranslated));
            asked.log.add(format!("out 3 {}", x + 4));
            x + 4
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), 5);
        assert_eq!(asked.log.all(), ["in 3 1", "in 2 1", "out 3 5"]);
    }

    #[test]
    fn a_failure_of_the_second_call_is_handled() {
        #[inline_callbacks]
        fn outermost(#[value] x: u32, #[value] asked: Asked) -> Result<u32, App> {
            asked.log.add(format!("in 3 {x}"));
            let x = innermost(x, asked.clone()).await?;
            assert_eq!(failing(x, asked.clone()).await, Err(App::Untranslated));
            asked.log.add(format!("out 3 {}", x + 4));
            Ok(x + 4)
        }
        let asked = Asked::default();
        assert_eq!(asked.run(outermost(1, asked.clone())), Ok(6));
        let all = ["in 3 1", "in 1 1", "out 1 2", "in 2 2", "out 3 6"];
        assert_eq!(asked.log.all(), all);
    }
}

mod trails {
    use super::*;

    /// The calls that a failure passed, innermost first.
    fn calls(failure: &Failure) -> Vec<&'static str> {
        failure.trail().hops().map(defer::Hop::name).collect()
    }

    #[inline_callbacks]
    fn erring() -> Result<u32, Failure> {
        succeed(()).await;
        Err(Failure::msg("the marker"))
    }

    #[test]
    fn a_failure_tells_both_of_two_calls() {
        #[inline_callbacks]
        fn calling() -> Result<u32, Failure> {
            erring().await
        }
        let failure = now(pin!(calling())).unwrap_err();
        assert_eq!(calls(&failure), ["erring", "calling"]);
        assert_eq!(failure.to_string(), "the marker");
        assert!(format!("{failure:?}").contains("raised in erring"));
    }

    #[tokio::test]
    async fn a_failure_tells_an_asynchronous_call() {
        #[callback]
        async fn erring() -> Result<u32, Failure> {
            tokio::task::yield_now().await;
            Err(Failure::msg("the marker"))
        }
        #[inline_callbacks]
        fn calling() -> Result<u32, Failure> {
            erring().await
        }
        let failure = calling().await.unwrap_err();
        assert_eq!(calls(&failure), ["erring", "calling"]);
    }

    #[test]
    fn a_failure_tells_all_of_four_calls() {
        #[inline_callbacks]
        fn third() -> Result<u32, Failure> {
            erring().await
        }
        #[callback]
        async fn third_asynchronous() -> Result<u32, Failure> {
            erring().await
        }
        #[inline_callbacks]
        fn second(#[value] asynchronous: bool) -> Result<u32, Failure> {
            if asynchronous {
                third_asynchronous().await
            } else {
                third().await
            }
        }
        #[inline_callbacks]
        fn first(#[value] asynchronous: bool) -> Result<u32, Failure> {
            second(asynchronous).await
        }
        for (asynchronous, third) in [(false, "third"), (true, "third_asynchronous")] {
            let failure = now(pin!(first(asynchronous))).unwrap_err();
            // The program's calls, and nothing of what runs them.
            assert_eq!(calls(&failure), ["erring", third, "second", "first"]);
        }
    }

    #[test]
    fn a_failure_that_was_fired_keeps_its_trail() {
        #[inline_callbacks]
        fn calling(#[value] given: Deferred<Result<u32, Failure>>) -> Result<u32, Failure> {
            given.await
        }
        let failure = now(pin!(erring())).unwrap_err();
        let (resolver, given) = Deferred::<Result<u32, Failure>, _>::new();
        resolver.errback(failure).unwrap();
        let mut given = given.boxed();
        let failure = now(Pin::new(&mut given)).unwrap_err();
        assert_eq!(calls(&failure), ["erring"], "firing adds nothing");
        let (resolver, given) = Deferred::<Result<u32, Failure>, _>::new();
        resolver.errback(failure).unwrap();
        let failure = now(pin!(calling(given.boxed()))).unwrap_err();
        assert_eq!(calls(&failure), ["erring", "calling"]);
    }

    #[test]
    fn calls_that_succeeded_leave_no_trace() {
        #[inline_callbacks]
        fn fine() -> Result<u32, Failure> {
            succeed(()).await;
            Ok(6)
        }
        #[inline_callbacks]
        fn failing() -> Result<u32, Failure> {
            fine().await?;
            Err(Failure::msg("the marker"))
        }
        let failure = now(pin!(failing())).unwrap_err();
        assert_eq!(calls(&failure), ["failing"]);
        let said = format!("{failure:?}");
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(
            said.starts_with("the marker\n  raised in failing ("),
            "{said}"
        );
    }
}

mod cancelling {
    use super::*;

    /// How the body of [`sample`] waits for its child.
    #[derive(Clone, Copy)]
    enum Shape {
        Plain,
        Stacked,
        StackedThreeDeep,
        Coroutine,
    }

    #[inline_callbacks]
    fn stacked(#[value] child: Made) -> Result<u32, App> {
        let n = child.await?;
        Ok(n)
    }

    #[inline_callbacks]
    fn stacked_deeper(#[value] child: Made) -> Result<u32, App> {
        let n = stacked(child).await?;
        Ok(n)
    }

    #[callback]
    async fn coroutine(#[value] child: Made) -> Result<u32, App> {
        child.await
    }

    /// Waits for its child and adds one; knows what two failures mean.
    #[inline_callbacks]
    fn sample(
        #[value] shape: Shape,
        #[value] first: Option<Made>,
        #[value] child: Made,
    ) -> Result<u32, App> {
        if let Some(first) = first {
            first.await?;
        }
        let outcome = match shape {
            Shape::Plain => child.await,
            Shape::Stacked => stacked(child).await,
            Shape::StackedThreeDeep => stacked_deeper(child).await,
            Shape::Coroutine => coroutine(child).await,
        };
        let n = match outcome {
            Err(App::Untranslated) => return Err(App::Translated),
            Err(App::Instead(n)) => n - 2,
            other => other?,
        };
        Ok(n + 1)
    }

    /// Cancels a sample while it waits for its child, and polls it once; what came of it.
    fn cancelled(shape: Shape, second: bool, child: Made) -> Cancelling {
        let (first, resolver) = if second {
            let (resolver, first) = made();
            (Some(first), Some(resolver))
        } else {
            (None, None)
        };
        let (call, canceller) = sample(shape, first, child).cancellable();
        let mut call = Box::pin(call);
        assert!(waits(call.as_mut()));
        if let Some(resolver) = resolver {
            resolver.callback(1).unwrap();
            assert!(waits(call.as_mut()), "now for its child");
        }
        canceller.cancel();
        match poll_once(call.as_mut()) {
            Poll::Ready(outcome) => Cancelling::Done(outcome),
            Poll::Pending => Cancelling::Waits(call),
        }
    }

    enum Cancelling {
        Done(Result<u32, App>),
        Waits(Pin<Box<dyn Future<Output = Result<u32, App>>>>),
    }

    impl Cancelling {
        #[track_caller]
        fn done(self) -> Result<u32, App> {
            match self {
                Cancelling::Done(outcome) => outcome,
                Cancelling::Waits(_) => panic!("it waits"),
            }
        }
    }

    /// Says what reaches it, and lets it go on.
    #[errback]
    fn told(failure: App, #[value] log: Log) -> Result<u32, App> {
        log.add(format!("{failure:?}"));
        Err(failure)
    }

    /// A deferred with a canceller that fails it so.
    fn failing(failure: App) -> Made {
        let (resolver, child) = Deferred::with_canceller(|| Some(Err(failure)));
        // It is there as long as its deferred: nobody abandons it.
        child
            .add_callback(move |n: u32| {
                let _ = &resolver;
                n
            })
            .boxed()
    }

    fn cascade(shape: Shape, second: bool) {
        let log = Log::default();
        let (resolver, child) = made();
        let child = told(child, log.clone()).boxed();
        let _ = cancelled(shape, second, child).done();
        assert!(resolver.is_cancelled());
        assert_eq!(log.all(), ["Cancelled"], "the child's own errback ran");
    }

    fn error(shape: Shape, second: bool) {
        let (_resolver, child) = made();
        assert_eq!(cancelled(shape, second, child).done(), Err(App::Cancelled));
    }

    fn error_to_error(shape: Shape, second: bool) {
        let child = failing(App::Untranslated);
        assert_eq!(cancelled(shape, second, child).done(), Err(App::Translated));
    }

    fn error_to_success(shape: Shape, second: bool) {
        let child = failing(App::Instead(4321));
        assert_eq!(cancelled(shape, second, child).done(), Ok(4320));
    }

    fn asynchronous(shape: Shape, second: bool) {
        #[errback]
        async fn cleaned(failure: App, #[value] more: Made) -> Result<u32, App> {
            assert_eq!(failure, App::Cancelled);
            more.await
        }
        let (_resolver, child) = made();
        let (more, waiting) = made();
        let child = cleaned(child, waiting).boxed();
        let Cancelling::Waits(mut call) = cancelled(shape, second, child) else {
            panic!("it does not wait for the clean-up")
        };
        more.callback(6543).unwrap();
        let outcome = futures::executor::block_on(call.as_mut());
        assert_eq!(outcome, Ok(6544));
    }

    macro_rules! shapes {
        ($scenario:ident = $check:ident) => {
            mod $scenario {
                use super::*;

                #[test]
                fn plain() {
                    $check(Shape::Plain, false);
                }
                #[test]
                fn stacked() {
                    $check(Shape::Stacked, false);
                }
                #[test]
                fn stacked_on_the_second_deferred() {
                    $check(Shape::Stacked, true);
                }
                #[test]
                fn stacked_three_deep() {
                    $check(Shape::StackedThreeDeep, false);
                    $check(Shape::StackedThreeDeep, true);
                }
                #[test]
                fn coroutine() {
                    $check(Shape::Coroutine, false);
                }
                #[test]
                fn coroutine_on_the_second_deferred() {
                    $check(Shape::Coroutine, true);
                }
            }
        };
    }

    shapes!(what_is_awaited_is_cancelled = cascade);
    shapes!(the_cancellation_comes_out = error);
    shapes!(a_failure_becomes_another = error_to_error);
    shapes!(a_failure_becomes_a_value = error_to_success);
    shapes!(clean_up_is_waited_for = asynchronous);

    #[test]
    #[ignore = "a body that takes a cancellation at once and then waits is dropped"]
    fn a_body_that_goes_on_may_wait_for_a_plain_future() {
        #[inline_callbacks]
        fn work(#[value] one: Made, #[value] log: Log) -> Result<u32, App> {
            let _ = one.await;
            log.add("went on");
            tokio::task::yield_now().await;
            Ok(7)
        }
        let log = Log::default();
        let (_resolver, one) = made();
        let (call, canceller) = work(one, log.clone()).cancellable();
        let mut call = Box::pin(call);
        assert!(waits(call.as_mut()));
        canceller.cancel();
        assert_eq!(futures::executor::block_on(call), Ok(7));
        assert_eq!(log.all(), ["went on"]);
    }

    #[test]
    #[ignore = "a body that takes a cancellation at once and then waits is dropped"]
    fn a_body_that_goes_on_is_cancelled_again_at_its_next_await() {
        #[inline_callbacks]
        fn work(#[value] one: Made, #[value] two: Made) -> Result<u32, App> {
            let _ = one.await;
            two.await
        }
        let log = Log::default();
        let with = |name: &'static str| {
            let log = log.clone();
            let (resolver, deferred) = Deferred::with_canceller(move || {
                log.add(name);
                None
            });
            (resolver, deferred.boxed())
        };
        let ((_first, one), (_second, two)) = (with("one"), with("two"));
        let (call, canceller) = work(one, two).cancellable();
        let mut call = pin!(call);
        assert!(waits(call.as_mut()));
        assert!(log.all().is_empty());
        canceller.cancel();
        assert!(waits(call.as_mut()), "the body went on");
        assert_eq!(log.all(), ["one"]);
        assert!(waits(call.as_mut()));
        canceller.cancel();
        assert_eq!(now(call.as_mut()), Err(App::Cancelled));
        assert_eq!(log.all(), ["one", "two"]);
    }
}
