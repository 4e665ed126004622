//! Calls that are made again: policies, what is told of the attempts, cancelling, deadlines.
//! The attribute is in `retry_attribute.rs`; what `txretry`'s own tests show is in `txretry.rs`.

mod support;

use std::future::pending;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use defer::prelude::*;
use defer::retry::{
    Constant, Exponential, Failed, Fibonacci, GaveUp, Next, Policy, Reason, Retry, RetryingCall,
    SimpleBackoff, Tester, Verdict,
};
use defer::{Cancelled, Chain, Passage, Resolver, TimedOut};
use support::{Log, Wakes, poll_once};
use tokio::time::{Instant, advance, sleep};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// An error of the user's own, that can be told from others.
#[derive(Clone, Debug, PartialEq)]
enum App {
    Busy(u32),
    Gone,
    Cancelled,
    TimedOut,
}
impl std::fmt::Display for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            App::Busy(n) => write!(f, "busy {n}"),
            App::Gone => f.write_str("gone"),
            App::Cancelled => f.write_str("stopped"),
            App::TimedOut => f.write_str("late"),
        }
    }
}
impl std::error::Error for App {}
impl From<Cancelled> for App {
    fn from(_: Cancelled) -> Self {
        App::Cancelled
    }
}
impl From<TimedOut> for App {
    fn from(_: TimedOut) -> Self {
        App::TimedOut
    }
}

type Made<E> = Deferred<Result<u32, E>, defer::Value<Result<u32, E>>>;

/// Fails `times` times, then yields 7.
fn busy(times: u32) -> impl FnMut() -> Made<App> + Send + 'static {
    let mut calls = 0;
    move || {
        calls += 1;
        succeed(if calls > times {
            Ok(7)
        } else {
            Err(App::Busy(calls))
        })
    }
}

/// Always fails.
fn always() -> RetryingCall<impl FnMut() -> Made<App> + Send + 'static> {
    RetryingCall::new(busy(u32::MAX))
}

/// When the attempts began, in milliseconds.
fn began<E>(gave_up: &GaveUp<E>) -> Vec<u128> {
    let attempts = gave_up.attempts();
    attempts.map(|tried| tried.began().as_millis()).collect()
}

mod delays {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn those_of_txretry_without_any_other() {
        let gave_up = always().start(Retry::default()).await.unwrap_err();
        let times = [0, 10, 30, 70, 150, 310, 630, 1270, 2550, 5110];
        assert_eq!(began(&gave_up), times);
        assert_eq!(gave_up.reason(), Reason::Exhausted);
    }

    #[tokio::test(start_paused = true)]
    async fn between_attempts_the_first_is_for_the_second() {
        let delays = SimpleBackoff::default().now(false).max_results(2);
        let gave_up = always().start(delays).await.unwrap_err();
        assert_eq!(began(&gave_up), [0, 10, 30]);
    }

    #[tokio::test(start_paused = true)]
    async fn before_each_and_none_is_one_attempt_at_once() {
        let begin = Instant::now();
        let gave_up = always().start(Retry::before_each([])).await.unwrap_err();
        assert_eq!(gave_up.count(), 1);
        let first = RetryingCall::new(busy(0)).start(Retry::before_each([3 * MS]));
        assert_eq!(first.await.unwrap(), 7);
        assert_eq!(begin.elapsed(), 3 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn of_the_builders_of_backon() {
        let exponential = Exponential::default()
            .with_min_delay(10 * MS)
            .with_max_delay(30 * MS)
            .with_factor(2.0)
            .with_max_times(4);
        let gave_up = always().start(exponential).await.unwrap_err();
        assert_eq!(began(&gave_up), [0, 10, 30, 60, 90]);

        let fibonacci = Fibonacci::default()
            .with_min_delay(10 * MS)
            .with_max_times(5);
        let gave_up = always().start(fibonacci).await.unwrap_err();
        assert_eq!(began(&gave_up), [0, 10, 20, 40, 70, 120]);

        let constant = Constant::default().with_delay(10 * MS).with_max_times(2);
        let gave_up = always().start(Retry::backoff(constant)).await.unwrap_err();
        assert_eq!(began(&gave_up), [0, 10, 20]);
    }

    #[tokio::test(start_paused = true)]
    async fn with_jitter_they_differ_and_stay_within_bounds() {
        let with = |seed| {
            Constant::default()
                .with_delay(100 * MS)
                .with_max_times(20)
                .with_jitter()
                .with_jitter_seed(seed)
        };
        let one = began(&always().start(with(1)).await.unwrap_err());
        let other = began(&always().start(with(2)).await.unwrap_err());
        assert_ne!(one, other);
        assert_eq!(one.len(), 21);
        for delay in one.windows(2).map(|pair| pair[1] - pair[0]) {
            assert!((100..=201).contains(&delay), "{delay}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_total() {
        let total = Exponential::default()
            .with_min_delay(SECOND)
            .without_max_times()
            .with_total_delay(Some(10 * SECOND));
        let gave_up = always().start(total).await.unwrap_err();
        // 1 + 2 + 4 seconds, and another 8 would be too many.
        assert_eq!(began(&gave_up), [0, 1000, 3000, 7000]);
    }

    #[tokio::test(start_paused = true)]
    async fn count_from_the_end_of_an_attempt() {
        let slow = RetryingCall::new(|| {
            async {
                sleep(5 * MS).await;
                Err::<u32, _>(App::Gone)
            }
            .defer()
        });
        let gave_up = slow.start([10 * MS, 10 * MS]).await.unwrap_err();
        let ended: Vec<_> = gave_up.attempts().map(|tried| tried.ended()).collect();
        assert_eq!(began(&gave_up), [0, 15, 30]);
        assert_eq!(ended, [5 * MS, 20 * MS, 35 * MS]);
    }

    #[tokio::test(start_paused = true)]
    async fn are_asked_for_after_failures_only() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let delays = std::iter::repeat_with(move || {
            counted.fetch_add(1, SeqCst);
            MS
        });
        let call = RetryingCall::new(busy(3)).start(Retry::delays(delays));
        assert_eq!(call.await.unwrap(), 7);
        assert_eq!(asked.load(SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn without_end_keep_what_is_bounded() {
        let mut calls = 0;
        let call = RetryingCall::new(move || {
            calls += 1;
            fail::<u8, _>(if calls == 10_000 {
                App::Gone
            } else {
                App::Busy(calls)
            })
        });
        let policy = Retry::delays(std::iter::repeat(MS)).unless(|error| *error == App::Gone);
        let gave_up = call.start(policy).await.unwrap_err();
        assert_eq!((gave_up.count(), gave_up.left_out()), (10_000, 10_000 - 32));
        let numbers: Vec<_> = gave_up.attempts().map(|tried| tried.number()).collect();
        assert_eq!(numbers[..16], (1..=16).collect::<Vec<_>>());
        assert_eq!(numbers[16..], (9_985..=10_000).collect::<Vec<_>>());
        assert!(format!("{gave_up:#}").contains("attempt 16, at 15ms: busy 16\n  … 9968 more\n"));
        assert_eq!(
            (gave_up.first(), gave_up.last()),
            (&App::Busy(1), &App::Gone)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn of_nothing_let_others_run() {
        let begin = Instant::now();
        let endless = always().start(std::iter::repeat(Duration::ZERO));
        let limit = sleep(3 * MS);
        tokio::select! {
            biased;
            _ = endless => unreachable!("it never succeeds"),
            () = async {
                // Paused time moves on when nothing runs: here something always does.
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                    advance(MS).await;
                }
                limit.await;
            } => {}
        }
        assert_eq!(begin.elapsed(), 3 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn of_longer_than_all_times_are_for_ever() {
        let mut call = pin!(always().start([Duration::MAX]));
        assert!(poll_once(call.as_mut()).is_pending());
        advance(1_000_000 * SECOND).await;
        assert!(poll_once(call.as_mut()).is_pending());
    }

    #[test]
    fn without_a_wait_no_runtime_is_needed() {
        let call = RetryingCall::new(busy(3)).start([Duration::ZERO; 3]);
        assert_eq!(futures::executor::block_on(call).unwrap(), 7);
    }
}

mod conditions {
    use super::*;

    /// Fails with these, one after another.
    fn fails(errors: &'static [u16]) -> RetryingCall<impl FnMut() -> Made<u16>> {
        let mut errors = errors.iter();
        RetryingCall::new(move || succeed(Err(*errors.next().expect("it had been given up"))))
    }

    /// Some errors of the server, and one 404.
    #[derive(Default)]
    struct OneNotFound {
        seen: bool,
    }
    impl Tester<u16> for OneNotFound {
        fn test(&mut self, status: &u16) -> Verdict {
            match status {
                404 if self.seen => Verdict::GiveUp,
                404 => {
                    self.seen = true;
                    Verdict::Retry
                }
                500 | 502 | 503 => Verdict::Retry,
                _ => Verdict::GiveUp,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_remembers_tolerates_one_404_and_no_second() {
        let policy = || Retry::default().tester(OneNotFound::default());
        let twice = fails(&[503, 404, 502, 404]).start(policy());
        let gave_up = twice.await.unwrap_err();
        assert_eq!((gave_up.count(), gave_up.reason()), (4, Reason::Refused));
        assert_eq!(gave_up.into_last(), 404);
        let other = fails(&[404, 401]).start(policy()).await.unwrap_err();
        assert_eq!((other.count(), other.into_last()), (2, 401));
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_of_some_kind() {
        let policy = |times| Retry::default().at_most(times, |status| *status == 404);
        for (times, attempts) in [(0, 2), (1, 3), (2, 5)] {
            let call = fails(&[500, 404, 404, 500, 404, 0]);
            let gave_up = call.start(policy(times)).await.unwrap_err();
            assert_eq!((gave_up.count(), gave_up.into_last()), (attempts, 404));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_of_several_have_to_agree_and_the_first_that_does_not_decides() {
        let asked = Log::default();
        let said = asked.clone();
        let policy = Retry::default()
            .when(|status| *status >= 500)
            .tester(move |status: &u16| {
                said.add(status.to_string());
                Verdict::Retry
            })
            .unless(|status| *status == 501);
        let gave_up = fails(&[500, 503, 501]).start(policy).await.unwrap_err();
        assert_eq!(gave_up.into_last(), 501);
        let policy = Retry::default()
            .when(|_| false)
            .tester(|_: &u16| -> Verdict { unreachable!("another one has decided") });
        assert_eq!(fails(&[500]).start(policy).await.unwrap_err().count(), 1);
        assert_eq!(asked.all(), ["500", "503", "501"]);
    }

    #[tokio::test(start_paused = true)]
    async fn by_the_type_of_the_error() {
        let fails = || {
            let mut n = 0;
            RetryingCall::new(move || {
                n += 1;
                fail::<u8, Failure>(match n {
                    1 => io::Error::from(io::ErrorKind::ConnectionReset).into(),
                    2 => io::Error::from(io::ErrorKind::StorageFull).into(),
                    _ => Failure::msg("no such page"),
                })
            })
        };
        let any = Retry::default().when_error::<io::Error>();
        let gave_up = fails().start(any).await.unwrap_err();
        assert_eq!((gave_up.count(), gave_up.reason()), (3, Reason::Refused));
        let reset = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset;
        let gave_up = fails().start(Retry::default().when_error_is(reset)).await;
        assert_eq!(gave_up.unwrap_err().count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_failure_is_refused_before_it_is_the_last() {
        let policy = Retry::delays([]).when(|_| false);
        let gave_up = fails(&[500]).start(policy).await.unwrap_err();
        assert_eq!(gave_up.reason(), Reason::Refused);
    }
}

mod hooks {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn are_told_of_each_failure_and_of_the_next_delay() {
        let log = Log::default();
        let (first, second) = (log.clone(), log.clone());
        let policy = Retry::delays([MS, 2 * MS])
            .on_failure(move |attempt, error, next| {
                first.add(format!("{attempt}: {error}, {next:?}"));
            })
            .on_failure(move |attempt, _, _| second.add(format!("and {attempt}")));
        assert!(always().start(policy).await.is_err());
        let told = [
            "1: busy 1, Some(1ms)",
            "and 1",
            "2: busy 2, Some(2ms)",
            "and 2",
            "3: busy 3, None",
            "and 3",
        ];
        assert_eq!(log.all(), told);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hint_takes_the_place_of_one_delay_and_uses_it_up() {
        let policy = Retry::delays([MS, 2 * MS, 4 * MS]).hint(|error| match error {
            App::Busy(2) => Some(30 * MS),
            _ => None,
        });
        let gave_up = always().start(policy).await.unwrap_err();
        assert_eq!(began(&gave_up), [0, 1, 31, 35]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_policy_of_ones_own() {
        /// Waits as many milliseconds as the error says.
        struct AsItSays(Vec<Option<Duration>>);
        impl Policy<App> for AsItSays {
            fn first(&mut self) -> Duration {
                5 * MS
            }
            fn next(&mut self, failed: &Failed<'_, App>) -> Next {
                assert_eq!(*failed.error, App::Busy(failed.attempt as u32));
                match failed.attempt {
                    4 => {
                        assert_eq!(failed.elapsed, 11 * MS);
                        Next::GiveUp(Reason::Exhausted)
                    }
                    n => Next::After(n as u32 * MS),
                }
            }
            fn decided(&mut self, failed: &Failed<'_, App>, delay: Option<Duration>) {
                self.0.push(delay);
                assert_eq!(self.0.len(), failed.attempt);
            }
            fn name(&self) -> &'static str {
                "as it says"
            }
        }
        let call = always().start(AsItSays(Vec::new()));
        assert_eq!(call.plan().to_string(), "as it says\n");
        assert_eq!(began(&call.await.unwrap_err()), [5, 6, 8, 11]);
    }
}

mod told {
    use super::*;
    use std::error::Error;

    #[tokio::test(start_paused = true)]
    async fn in_words() {
        let gave_up = always().start([MS, 2 * MS]).await.unwrap_err();
        assert_eq!(
            gave_up.to_string(),
            "gave up after 3 attempts in 3ms: busy 3"
        );
        let lines = "gave up after 3 attempts in 3ms: busy 3\n  \
                     attempt 1, at 0ns: busy 1\n  \
                     attempt 2, at 1ms: busy 2\n  \
                     attempt 3, at 3ms: busy 3";
        assert_eq!(format!("{gave_up:#}"), lines);
        let debug = format!("{gave_up:?}");
        assert!(
            debug.starts_with("GaveUp { attempts: [Attempt { number: 1,"),
            "{debug}"
        );
        assert!(
            debug.ends_with("error: Busy(3) }], reason: Exhausted }"),
            "{debug}"
        );
        assert_eq!(gave_up.source().unwrap().to_string(), "busy 3");
        assert_eq!(
            gave_up.source().unwrap().downcast_ref(),
            Some(&App::Busy(3))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_failure_that_takes_it_in() {
        #[callback]
        async fn page() -> Result<u32, Failure> {
            let n = always().start([MS]).await?;
            Ok(n)
        }
        let failure = page().await.unwrap_err();
        assert_eq!(
            failure.to_string(),
            "gave up after 2 attempts in 1ms: busy 2"
        );
        let chain: Vec<_> = failure.chain().map(ToString::to_string).collect();
        assert_eq!(chain[1..], ["busy 2"]);
        assert_eq!(failure.check::<GaveUp<App>>().unwrap().count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn of_failures_with_their_trails() {
        #[callback]
        fn page(n: u32) -> Result<u32, Failure> {
            Err(Failure::msg(format!("no page {n}")))
        }
        let mut n = 0;
        let call = RetryingCall::new(move || {
            n += 1;
            page(n)
        });
        let gave_up = call.start([MS]).await.unwrap_err();
        let trails = gave_up.attempts().map(|tried| tried.error().trail().len());
        assert_eq!(trails.collect::<Vec<_>>(), [1, 1]);
        let told = format!("{gave_up:#}");
        assert!(
            told.contains("\n  attempt 1, at 0ns: no page 1 in page ("),
            "{told}"
        );
        assert_eq!(gave_up.source().unwrap().to_string(), "no page 2");
        let failure = gave_up.into_last();
        assert_eq!(
            failure.trail().hops().next().unwrap().passage(),
            Passage::Raised
        );
    }

    #[tokio::test(start_paused = true)]
    async fn bare_the_last_error_is_as_it_was() {
        let last: Result<u32, App> = always().start_bare([MS]).await;
        assert_eq!(last, Err(App::Busy(2)));
        let value: Result<u32, App> = RetryingCall::new(busy(1)).start_bare([MS]).await;
        assert_eq!(value, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn bare_a_failure_has_the_attempts_on_its_trail() {
        #[callback]
        fn page(n: u32) -> Result<u32, Failure> {
            Err(App::Busy(n).into())
        }
        #[callback]
        fn render(n: u32) -> String {
            n.to_string()
        }
        let mut n = 0;
        let call = RetryingCall::new(move || {
            n += 1;
            page(n)
        });
        let text = render(call.start_bare([MS, 2 * MS]));
        let failure = text.await.unwrap_err();
        assert_eq!(
            failure.check::<App>(),
            Some(&App::Busy(3)),
            "as without retrying"
        );
        let hops: Vec<_> = failure.trail().hops().collect();
        let names: Vec<_> = hops.iter().map(|hop| hop.name()).collect();
        assert_eq!(names, ["page", "retry (delays)", "render"]);
        assert_eq!(hops[1].passage(), Passage::GivenUp);
        assert_eq!(
            (hops[1].attempt(), hops[1].reason()),
            (Some(3), Some(Reason::Exhausted))
        );
        assert_eq!((hops[0].attempt(), hops[0].reason()), (None, None));
        let earlier: Vec<_> = hops[1].attempts().iter().map(ToString::to_string).collect();
        assert_eq!(
            earlier,
            ["attempt 1, at 0ns: busy 1", "attempt 2, at 1ms: busy 2"]
        );
        let line = format!("{failure:#}");
        assert!(
            line.contains(" <- retry (delays) after attempt 3 <- render ("),
            "{line}"
        );
        let lines: Vec<String> = format!("{failure:?}").lines().map(String::from).collect();
        assert_eq!(lines[0], "busy 3");
        assert_eq!(
            lines[2],
            "  given up by retry (delays) after attempt 3: no attempt is left"
        );
        assert!(
            lines[3].starts_with("    attempt 1, at 0ns: busy 1 in page ("),
            "{lines:?}"
        );
        assert!(
            lines[4].starts_with("    attempt 2, at 1ms: busy 2 in page ("),
            "{lines:?}"
        );
        assert!(lines[5].starts_with("  skipped render"), "{lines:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn bare_a_failure_keeps_a_bounded_number() {
        let call = RetryingCall::new(|| fail::<u8, _>(Failure::msg("no")));
        let failure = call.start_bare([MS; 99]).await.unwrap_err();
        let hop = failure.trail().hops().next().unwrap().clone();
        assert_eq!((hop.attempt(), hop.attempts().len()), (Some(100), 31));
        assert!(format!("{failure:?}").contains("attempt 16, at 15ms: no\n    … 68 more\n"));
        assert_eq!(hop, hop.clone());
        let other = RetryingCall::new(|| fail::<u8, _>(Failure::msg("no")));
        let other = other.start_bare([MS; 99]).await.unwrap_err();
        assert_ne!(other.trail(), failure.trail(), "of other attempts");
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_from_around_the_attempts_says_that() {
        let late: GaveUp<App> = TimedOut::default().into();
        assert_eq!(
            (late.to_string(), late.reason()),
            ("late".into(), Reason::Outside)
        );
        assert_eq!((late.count(), late.attempts().count()), (0, 0));
        assert_eq!(
            format!("{late:?}"),
            "GaveUp { error: TimedOut, reason: Outside }"
        );
        assert_eq!(late.into_first(), App::TimedOut);
    }
}

mod cancelled {
    use super::*;

    type Pending<E> = Deferred<Result<u32, E>, defer::HandMade<u32, E>>;

    /// A function of hand-made deferreds, and their resolvers as they are made.
    fn by_hand() -> (
        RetryingCall<impl FnMut() -> Pending<Failure> + Send>,
        Arc<Mutex<Vec<Resolver<u32>>>>,
    ) {
        let resolvers = Arc::new(Mutex::new(Vec::new()));
        let made = resolvers.clone();
        let call = RetryingCall::new(move || {
            let (resolver, deferred) = Deferred::new();
            made.lock().unwrap().push(resolver);
            deferred
        });
        (call, resolvers)
    }

    #[tokio::test(start_paused = true)]
    async fn before_it_begins_it_does_not_begin() {
        let (call, made) = by_hand();
        let (call, canceller) = call.start_bare([MS]).cancellable();
        canceller.cancel();
        assert!(call.await.unwrap_err().is_cancelled());
        assert!(made.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_waits_the_timer_goes_and_nothing_follows() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let call = RetryingCall::new(move || {
            counted.fetch_add(1, SeqCst);
            fail::<u32, _>(App::Gone)
        });
        let (call, canceller) = call.start([SECOND]).cancellable();
        let mut call = pin!(call);
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        assert!(call.as_mut().poll(&mut cx).is_pending());
        canceller.cancel();
        let Poll::Ready(Err(gave_up)) = call.as_mut().poll(&mut cx) else {
            panic!("it goes on")
        };
        assert_eq!(gave_up.into_last(), App::Cancelled);
        let woken = wakes.count();
        advance(2 * SECOND).await;
        assert_eq!(wakes.count(), woken, "no timer is left");
        assert_eq!(calls.load(SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_waits_for_the_first_attempt() {
        let (call, made) = by_hand();
        let (call, canceller) = call.start_bare(Retry::before_each([SECOND])).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        let failure = call.await.unwrap_err();
        assert!(failure.is_cancelled() && failure.trail().is_empty());
        assert!(made.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_attempt_its_errbacks_run_and_it_is_the_last() {
        let log = Log::default();
        let said = log.clone();
        let mut n = 0;
        let call = RetryingCall::new(move || {
            n += 1;
            let (first, said) = (n == 1, said.clone());
            let attempt = async move {
                if first {
                    return Err(App::Busy(1));
                }
                pending().await
            };
            let clean_up = move |error: App| {
                async move {
                    said.add(format!("cleaning up after {error}"));
                    sleep(5 * MS).await;
                    said.add("clean");
                    Err::<u32, _>(error)
                }
                .defer()
            };
            failing(attempt.defer()).add_errback(clean_up)
        });
        let (call, canceller) = call.start([MS, MS, MS]).cancellable();
        let call = tokio::spawn(call);
        sleep(20 * MS).await;
        canceller.cancel();
        let gave_up = call.await.unwrap().unwrap_err();
        let said = [
            "cleaning up after busy 1",
            "clean",
            "cleaning up after stopped",
            "clean",
        ];
        assert_eq!(log.all(), said);
        assert_eq!(gave_up.reason(), Reason::Cancelled);
        assert_eq!((gave_up.count(), gave_up.first()), (2, &App::Busy(1)));
        let words = "gave up after 2 attempts in 25ms (cancelled): stopped";
        assert_eq!(gave_up.to_string(), words);
    }

    /// Its cancellations become failures.
    #[errback]
    fn failing(error: App) -> Result<u32, App> {
        Err(error)
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_attempt_whose_errback_recovers() {
        let call = RetryingCall::new(|| {
            defer(pending::<Result<u32, Failure>>()).add_errback(|_| Ok::<_, Failure>(3))
        });
        let (call, canceller) = call.start([MS]).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(call.await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_attempt_that_lets_it_pass() {
        let call = RetryingCall::new(|| defer(pending::<Result<u32, App>>()));
        let (call, canceller) = call.start([MS]).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(call.await.unwrap_err().into_last(), App::Cancelled);
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_attempt_has_failed_unseen_nothing_follows() {
        let (call, made) = by_hand();
        let (call, canceller) = call.start([MS; 9]).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        let resolver = made.lock().unwrap().pop().unwrap();
        resolver.errback(Failure::msg("busy")).unwrap();
        canceller.cancel();
        let gave_up = call.await.unwrap_err();
        assert_eq!(gave_up.reason(), Reason::Cancelled);
        assert_eq!(gave_up.into_last().to_string(), "busy");
        assert!(made.lock().unwrap().is_empty(), "no further attempt");
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_attempt_has_succeeded_unseen_it_stands() {
        let (call, made) = by_hand();
        let (call, canceller) = call.start([MS; 9]).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        made.lock().unwrap().pop().unwrap().callback(3).unwrap();
        canceller.cancel();
        assert_eq!(call.await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_attempt_was_on_its_way_what_it_waits_for_next_is_cancelled() {
        let (resolver, first) = Deferred::<Result<u32, Failure>, _>::new();
        let (second, waiting) = Deferred::<Result<u32, Failure>, _>::new();
        let mut attempt = Some(first.add_callback(|_| waiting));
        let call = RetryingCall::new(move || attempt.take().expect("there is one attempt"));
        let (call, canceller) = call.start_bare([MS; 9]).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        resolver.callback(1).unwrap();
        canceller.cancel();
        let failure = call.await.unwrap_err();
        assert!(failure.is_cancelled());
        assert_eq!(second.callback(2), Err(2), "it was cancelled");
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_time_the_clean_up_is_cancelled() {
        let call = RetryingCall::new(|| {
            let never = || defer(pending::<Result<u32, Failure>>());
            never().add_errback(move |_| never())
        });
        let (call, canceller) = call.start_bare([MS; 9]).cancellable();
        let mut call = pin!(call);
        for _ in 0..2 {
            assert!(poll_once(call.as_mut()).is_pending());
            canceller.cancel();
        }
        assert!(call.await.unwrap_err().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_bare_failure_tells_what_was_tried() {
        let call = RetryingCall::new(|| fail::<u32, _>(Failure::msg("busy")));
        let (call, canceller) = call.start_bare([MS, SECOND]).cancellable();
        let call = tokio::spawn(call);
        sleep(20 * MS).await;
        canceller.cancel();
        let failure = call.await.unwrap().unwrap_err();
        assert!(failure.is_cancelled());
        let hop = failure.trail().hops().next().unwrap();
        assert_eq!(
            (hop.passage(), hop.attempt()),
            (Passage::Cancelled, Some(2))
        );
        let told = "cancelled\n  cancelled in retry (delays) after attempt 2\n    \
                    attempt 1, at 0ns: busy\n    attempt 2, at 1ms: busy";
        assert_eq!(format!("{failure:?}"), told);
    }

    #[tokio::test(start_paused = true)]
    async fn as_a_started_deferred() {
        let (call, made) = by_hand();
        let call = call.start_bare([MS]).start();
        sleep(MS).await;
        call.cancel();
        assert!(call.await.unwrap_err().is_cancelled());
        assert_eq!(made.lock().unwrap().len(), 1);
    }

    /// What a run leaves behind: live futures, and how often the function was called.
    #[derive(Default)]
    struct Runs {
        live: Arc<()>,
        calls: Arc<AtomicUsize>,
        log: Log,
    }
    impl Runs {
        fn live(&self) -> usize {
            Arc::strong_count(&self.live) - 1
        }
        /// Three attempts with delays between them; each is pending twice, its clean-up once.
        fn call(
            &self,
        ) -> Deferred<Result<u32, Failure>, impl Chain<Output = Result<u32, Failure>> + use<>>
        {
            let (live, calls, log) = (self.live.clone(), self.calls.clone(), self.log.clone());
            let call = RetryingCall::new(move || {
                calls.fetch_add(1, SeqCst);
                let (held, cleaning, log) = (live.clone(), live.clone(), log.clone());
                let attempt = async move {
                    let _held = held;
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                    Err::<u32, _>(Failure::msg("busy"))
                };
                attempt.defer().add_errback(move |failure| {
                    async move {
                        let _held = cleaning;
                        log.add("cleaning up");
                        tokio::task::yield_now().await;
                        Err::<u32, _>(failure)
                    }
                    .defer()
                })
            });
            call.start_bare([Duration::ZERO, MS])
        }
    }

    /// Polls so many times, with a millisecond after each; whether the outcome was there.
    async fn polled<F: Future>(mut call: Pin<&mut F>, polls: u32) -> bool {
        for _ in 0..polls {
            let mut cx = Context::from_waker(Waker::noop());
            if call.as_mut().poll(&mut cx).is_ready() {
                return true;
            }
            advance(MS).await;
        }
        false
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_at_every_poll_it_leaves_nothing() {
        for polls in 0..100 {
            let runs = Runs::default();
            let mut call = Box::pin(runs.call());
            let over = polled(call.as_mut(), polls).await;
            drop(call);
            let calls = runs.calls.load(SeqCst);
            assert_eq!(runs.live(), 0, "after poll {polls}");
            advance(SECOND).await;
            assert_eq!(runs.calls.load(SeqCst), calls);
            if over {
                assert_eq!((calls, runs.log.all().len()), (3, 3));
                assert!(polls > 9);
                return;
            }
        }
        panic!("it never ends");
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_at_every_poll_it_cleans_up_and_ends() {
        for polls in 0..100 {
            let runs = Runs::default();
            let (call, canceller) = runs.call().cancellable();
            let mut call = Box::pin(call);
            if polled(call.as_mut(), polls).await {
                assert!(polls > 9);
                return;
            }
            let calls = runs.calls.load(SeqCst);
            canceller.cancel();
            let failure = tokio::time::timeout(SECOND, call)
                .await
                .unwrap()
                .unwrap_err();
            assert_eq!(runs.live(), 0, "after poll {polls}");
            assert_eq!(runs.calls.load(SeqCst), calls, "no further attempt");
            assert_eq!(runs.log.all().len(), calls, "each attempt cleans up");
            assert!(failure.is_cancelled() || failure.to_string() == "busy");
        }
        panic!("it never ends");
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_of_the_function_is_none_of_its_failures() {
        let call = RetryingCall::new(|| -> Made<Failure> { panic!("no bread") });
        let failure = call.start_bare([MS]).catch_panics().await.unwrap_err();
        assert_eq!(failure.to_string(), "panicked: no bread");
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_attempt_held_is_gone_before_the_next() {
        let live = Arc::new(());
        let call = RetryingCall::new(|| {
            assert_eq!(Arc::strong_count(&live), 1, "the last one is gone");
            let held = live.clone();
            async move {
                let _held = held;
                sleep(MS).await;
                Err::<u32, _>(App::Gone)
            }
            .defer()
        });
        assert_eq!(call.start([MS; 2]).await.unwrap_err().count(), 3);
    }
}

mod deadlines {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_next_attempt_does_not_fit() {
        let begin = Instant::now();
        let call = always().start([4 * SECOND, 8 * SECOND, 16 * SECOND]);
        let gave_up = call.timeout(10 * SECOND).await.unwrap_err();
        assert_eq!(begin.elapsed(), 4 * SECOND, "without waiting for the end");
        let reason = Reason::NoTimeLeft {
            left: 6 * SECOND,
            delay: 8 * SECOND,
        };
        assert_eq!((gave_up.count(), gave_up.reason()), (2, reason));
        let words = "gave up after 2 attempts in 4s (the next would be in 8s, and 6s are left): \
                     busy 2";
        assert_eq!(gave_up.to_string(), words);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_would_begin_at_the_end_does_not_fit() {
        let call = always().start([10 * MS]).timeout(10 * MS);
        assert_eq!(call.await.unwrap_err().count(), 1);
        let call = RetryingCall::new(busy(1)).start([9 * MS]).timeout(10 * MS);
        assert_eq!(call.await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bare_failure_says_so_on_its_trail() {
        let call = RetryingCall::new(|| fail::<u32, _>(Failure::msg("busy")));
        let at = Instant::now() + SECOND;
        let failure = call
            .start_bare([5 * SECOND])
            .deadline(at)
            .await
            .unwrap_err();
        let hop = failure.trail().hops().next().unwrap();
        assert!(matches!(hop.reason(), Some(Reason::NoTimeLeft { .. })));
        let told = format!("{failure:?}");
        assert!(
            told.contains(": the next would be in 5s, and 1s are left"),
            "{told}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_attempt_the_limit_cancels_it() {
        let log = Log::default();
        let said = log.clone();
        let call = RetryingCall::new(move || {
            let said = said.clone();
            let slow = async {
                sleep(7 * SECOND).await;
                Err::<u32, _>(Failure::msg("busy"))
            };
            slow.defer().add_errback(move |failure| {
                said.add(failure.to_string());
                Err::<u32, _>(failure)
            })
        });
        let begin = Instant::now();
        let late = call.start_bare([SECOND, SECOND]).timeout(10 * SECOND);
        let failure = late.await.unwrap_err();
        assert_eq!(begin.elapsed(), 10 * SECOND);
        assert_eq!(log.all(), ["busy", "cancelled"]);
        assert_eq!(failure.to_string(), "timed out after 10s");
        let tried = failure
            .trail()
            .hops()
            .find_map(|hop| hop.attempts().first());
        assert_eq!(tried.unwrap().to_string(), "attempt 1, at 7s: busy");
    }

    #[tokio::test(start_paused = true)]
    async fn for_each_attempt_are_the_users() {
        let mut n = 0;
        let call = RetryingCall::new(move || {
            n += 1;
            let takes = if n < 3 { SECOND } else { MS };
            async move {
                sleep(takes).await;
                Ok::<_, Failure>(n)
            }
            .defer()
            .timeout(10 * MS)
        });
        let policy = Retry::delays([5 * MS; 2]).when(Failure::is_timeout);
        assert_eq!(call.start(policy).await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn without_one_nothing_is_given_up() {
        let day = 86_400 * SECOND;
        let call = RetryingCall::new(busy(1)).start([day]);
        assert_eq!(call.await.unwrap(), 7);
    }
}

mod types {
    use super::*;

    fn is_send_and_static<T: Send + 'static>(value: T) -> T {
        value
    }

    #[tokio::test(start_paused = true)]
    async fn go_to_other_threads_with_a_policy_of_closures() {
        let policy = Retry::default().when(|_| true).hint(|_| None);
        let call = is_send_and_static(RetryingCall::new(busy(1)).start(policy));
        assert_eq!(format!("{call:?}"), "Deferred { .. }");
        let boxed: Deferred<Result<u32, GaveUp<App>>> = call.boxed();
        assert_eq!(tokio::spawn(boxed).await.unwrap().unwrap(), 7);
    }

    #[test]
    fn an_outcome_with_all_attempts_is_small() {
        assert_eq!(size_of::<GaveUp<[u64; 32]>>(), size_of::<usize>());
    }

    #[test]
    fn can_be_looked_at() {
        let call = RetryingCall::new(busy(1));
        assert_eq!(format!("{call:?}"), "RetryingCall { .. }");
        let policy = Retry::<App>::default();
        let told = "Retry { name: \"retry (simple backoff)\", .. }";
        assert_eq!(format!("{policy:?}"), told);
        assert!(format!("{:?}", SimpleBackoff::default()).contains("remaining: 10"));
    }
}

mod plans {
    use super::*;

    #[callback]
    fn page(n: u32) -> Result<u32, Failure> {
        Ok(n)
    }

    #[callback]
    fn render(n: u32) -> String {
        n.to_string()
    }

    fn drawn<T, E, F: Chain<Output = Result<T, E>>>(call: Deferred<Result<T, E>, F>) -> String {
        call.plan().to_string()
    }

    #[test]
    fn name_the_policy() {
        let simple = drawn(always().start(Retry::default()));
        assert_eq!(simple, "retry (simple backoff)\n");
        let of = drawn(always().start(Exponential::default()));
        assert_eq!(of, "retry (exponential backoff)\n");
        let of = drawn(always().start(Retry::backoff(Fibonacci::default())));
        assert_eq!(of, "retry (fibonacci backoff)\n");
        assert_eq!(
            drawn(always().start(Constant::default())),
            "retry (constant backoff)\n"
        );
        assert_eq!(drawn(always().start([MS])), "retry (delays)\n");
        let named = Retry::default().named("retry politely");
        assert_eq!(drawn(always().start_bare(named)), "retry politely\n");
    }

    #[tokio::test(start_paused = true)]
    async fn show_the_attempt_that_runs() {
        let (_resolver, waiting) = Deferred::<Result<u32, Failure>, _>::new();
        let mut waiting = Some(waiting);
        let call = RetryingCall::new(move || page(waiting.take().unwrap()));
        let mut text = pin!(render(call.start_bare([MS])));
        let before = text.plan().to_string();
        let lines: Vec<_> = before.lines().map(str::trim).collect();
        assert!(lines[0].starts_with("render ("), "{before}");
        assert_eq!(lines[1..], ["n: retry (delays)"]);
        assert!(poll_once(text.as_mut()).is_pending());
        let during = text.plan().to_string();
        let lines: Vec<_> = during.lines().collect();
        assert_eq!(lines[1], "  n: retry (delays)");
        assert!(lines[2].starts_with("    page ("), "{during}");
    }
}
