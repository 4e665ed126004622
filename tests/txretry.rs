//! What `txretry` does, as it reads in Rust.
//!
//! By the classes of its suite, each test numbered by its place in its class; the sums are in
//! `README.md`. Three of its properties are not here: a cancellation leaves no timer behind,
//! the failure tells of all attempts, and the clock is the one of the runtime that the call is
//! made in. Those, and all else, are in `retrying.rs`.
//!
//! # `TestBackoffIterator`: 11
//!
//! | original | here |
//! | --- | --- |
//! | 1, 2: the first delay is none, if it is not said, and if it is | [`delays::the_first_is_none`] |
//! | 3: unless it is said otherwise | [`delays::the_first_is_some_if_that_is_asked_for`] |
//! | 4: a first delay | [`delays::the_first_one_that_is_given`] |
//! | 5: they come to an end | [`delays::there_are_ten`] |
//! | 6: none is negative | cannot be: a `Duration` is not |
//! | 7: how many there are | [`delays::as_many_as_are_asked_for`] |
//! | 8: a constant | [`delays::a_constant_follows_the_first`] |
//! | 9: three times as long | [`delays::each_three_times_as_long`] |
//! | 10: three seconds longer | [`delays::each_three_seconds_longer`] |
//! | 11: none is longer than the longest | [`delays::none_is_longer_than_the_longest`] |
//!
//! # `TestRetryingCall`: 16
//!
//! | original | here |
//! | --- | --- |
//! | 1: a function of a constant | [`calls::of_a_value`]: `succeed` makes a deferred of it |
//! | 2: a function that gives a deferred | [`calls::of_a_deferred`] |
//! | 3: with callbacks after it | [`calls::with_callbacks_after_it`] |
//! | 4: no failures where none was to be | [`calls::without_failures_nobody_is_told_of_any`] |
//! | 5: positional arguments | [`calls::with_arguments`]: the closure has them |
//! | 6, 7: keyword arguments, alone and with others | cannot be: Rust has none |
//! | 8: three failures that are ignored | [`calls::three_failures_of_any_kind`] |
//! | 9, 10: one failure, three failures of a type that is ignored | [`calls::failures_of_a_type_that_is_worth_it`] |
//! | 11: a failure of another type | [`calls::a_failure_of_another_type_is_the_end`] |
//! | 12: failures of two types that are ignored | [`calls::failures_of_two_types`] |
//! | 13, 14: delays from a list, from a tuple | [`calls::with_delays_from_a_list`]: a `Vec`, an array |
//! | 15: one success is one call | [`calls::a_success_is_the_last_call`] |
//! | 16: the first failure comes out | [`calls::the_first_failure_can_be_had`]: with all the others |

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::prelude::*;
use defer::retry::{Reason, Retry, RetryingCall, SimpleBackoff};

const SECOND: Duration = Duration::from_secs(1);

mod delays {
    use super::*;

    #[test]
    fn the_first_is_none() {
        assert_eq!(SimpleBackoff::default().next(), Some(Duration::ZERO));
        let said = SimpleBackoff::default().now(true).next();
        assert_eq!(said, Some(Duration::ZERO));
    }

    #[test]
    fn the_first_is_some_if_that_is_asked_for() {
        let first = SimpleBackoff::default().now(false).next();
        assert_eq!(first, Some(Duration::from_millis(10)));
    }

    #[test]
    fn the_first_one_that_is_given() {
        let mut delays = SimpleBackoff::default().now(false).init_delay(7 * SECOND);
        assert_eq!(delays.next(), Some(7 * SECOND));
    }

    #[test]
    fn there_are_ten() {
        let delays = SimpleBackoff::default().map(|delay| delay.as_millis());
        let delays: Vec<_> = delays.collect();
        assert_eq!(delays, [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560]);
    }

    #[test]
    fn as_many_as_are_asked_for() {
        let twelve = SimpleBackoff::default().now(false).max_results(12);
        assert_eq!(twelve.len(), 12);
        assert_eq!(twelve.count(), 12);
        assert_eq!(SimpleBackoff::default().max_results(12).count(), 12);
        assert_eq!(SimpleBackoff::default().max_results(0).next(), None);
    }

    /// Delays from `first` on, none longer than ten seconds.
    fn from(
        first: u64,
        increase: fn(Duration) -> Duration,
        results: usize,
    ) -> impl Iterator<Item = u64> {
        SimpleBackoff::default()
            .now(false)
            .init_delay(Duration::from_secs(first))
            .increase(increase)
            .max_delay(10 * SECOND)
            .max_results(results)
            .map(|delay| delay.as_secs())
    }

    #[test]
    fn a_constant_follows_the_first() {
        let delays: Vec<_> = from(3, |_| 5 * SECOND, 11).collect();
        assert_eq!(delays[0], 3);
        assert_eq!(delays[1..], [5; 10]);
    }

    #[test]
    fn each_three_times_as_long() {
        let delays: Vec<_> = from(1, |delay| delay * 3, 10).take(3).collect();
        assert_eq!(delays, [1, 3, 9]);
    }

    #[test]
    fn each_three_seconds_longer() {
        let delays: Vec<_> = from(2, |delay| delay + 3 * SECOND, 10).take(3).collect();
        assert_eq!(delays, [2, 5, 8]);
    }

    #[test]
    fn none_is_longer_than_the_longest() {
        let delays: Vec<_> = from(1, |delay| delay * 3, 5).collect();
        assert_eq!(delays, [1, 3, 9, 10, 10]);
        let doubled = SimpleBackoff::default().max_results(10_000);
        assert_eq!(doubled.last(), Some(120 * SECOND));
    }
}

mod calls {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Error {
        Value,
        Key,
        Name,
    }

    /// Fails with each of these, then succeeds with `value`; a further call is one too many.
    fn initially_failing(
        errors: &'static [Error],
        value: u32,
    ) -> impl FnMut() -> Made + Send + 'static {
        let outcomes = errors.iter().map(|error| Err(*error));
        let mut outcomes = outcomes.chain([Ok(value)]);
        move || defer(std::future::ready(outcomes.next().expect("it was over")))
    }
    type Made =
        Deferred<Result<u32, Error>, defer::Wrapped<std::future::Ready<Result<u32, Error>>>>;

    /// The numbers of the attempts that failed: what `txretry` has in `failures`.
    #[derive(Clone, Default)]
    struct Failures(Arc<Mutex<Vec<usize>>>);

    impl Failures {
        fn of(&self, policy: Retry<Error>) -> Retry<Error> {
            let told = self.0.clone();
            policy.on_failure(move |attempt, _, _| told.lock().unwrap().push(attempt))
        }
        fn numbers(&self) -> Vec<usize> {
            self.0.lock().unwrap().clone()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_value() {
        let failures = Failures::default();
        let call = RetryingCall::new(|| succeed(Ok::<_, Error>(20)));
        assert_eq!(call.start(failures.of(Retry::default())).await.unwrap(), 20);
        assert!(failures.numbers().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_deferred() {
        let call = RetryingCall::new(|| async { Ok::<_, Failure>(15) }.defer());
        assert_eq!(call.start(Retry::default()).await.unwrap(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn with_callbacks_after_it() {
        let call = RetryingCall::new(|| async { Ok::<_, Failure>(200) }.defer());
        let after = call.start(Retry::default()).add_callback(|n| {
            assert_eq!(n, 200);
            "floopy".to_string()
        });
        assert_eq!(after.await.unwrap(), "floopy");
    }

    #[tokio::test(start_paused = true)]
    async fn without_failures_nobody_is_told_of_any() {
        let failures = Failures::default();
        let call = RetryingCall::new(initially_failing(&[], 1));
        assert_eq!(call.start(failures.of(Retry::default())).await.unwrap(), 1);
        assert!(failures.numbers().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn with_arguments() {
        #[callback]
        fn three(a: u8, b: u8, c: u8) -> Result<(u8, u8, u8), Error> {
            Ok((a, b, c))
        }
        let (a, b, c) = (9, 10, 11);
        let call = RetryingCall::new(|| three(a, b, succeed(c)));
        assert_eq!(call.start(Retry::default()).await.unwrap(), (9, 10, 11));
    }

    #[tokio::test(start_paused = true)]
    async fn three_failures_of_any_kind() {
        let failures = Failures::default();
        let errors = &[Error::Value, Error::Key, Error::Name];
        let call = RetryingCall::new(initially_failing(errors, 5));
        assert_eq!(call.start(failures.of(Retry::default())).await.unwrap(), 5);
        assert_eq!(failures.numbers(), [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_a_type_that_is_worth_it() {
        for errors in [&[Error::Value][..], &[Error::Value; 3]] {
            let failures = Failures::default();
            let call = RetryingCall::new(initially_failing(errors, 7));
            let policy = Retry::default().when(|error| *error == Error::Value);
            assert_eq!(call.start(failures.of(policy)).await.unwrap(), 7);
            assert_eq!(failures.numbers().len(), errors.len());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_of_another_type_is_the_end() {
        let call = RetryingCall::new(initially_failing(&[Error::Key, Error::Key], 1));
        let policy = Retry::default().when(|error| *error == Error::Value);
        let gave_up = call.start(policy).await.unwrap_err();
        assert_eq!((gave_up.count(), gave_up.reason()), (1, Reason::Refused));
        assert_eq!(gave_up.into_last(), Error::Key);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_two_types() {
        let failures = Failures::default();
        let call = RetryingCall::new(initially_failing(&[Error::Value, Error::Name], 15));
        let policy = Retry::default().when(|error| matches!(error, Error::Value | Error::Name));
        assert_eq!(call.start(failures.of(policy)).await.unwrap(), 15);
        assert_eq!(failures.numbers(), [1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn with_delays_from_a_list() {
        let ms = Duration::from_millis;
        let list = vec![ms(50), ms(60), ms(70)];
        let call = RetryingCall::new(|| fail::<u8, _>(Error::Value));
        let gave_up = call.start(Retry::before_each(list)).await.unwrap_err();
        let began: Vec<_> = gave_up.attempts().map(|tried| tried.began()).collect();
        assert_eq!(began, [ms(50), ms(110), ms(180)]);

        let call = RetryingCall::new(|| fail::<u8, _>(Error::Value));
        let gave_up = call.start([ms(10), ms(10), ms(10)]).await.unwrap_err();
        assert_eq!(gave_up.count(), 4, "between the attempts");
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_is_the_last_call() {
        let calls = AtomicUsize::new(0);
        let call = RetryingCall::new(|| {
            calls.fetch_add(1, SeqCst);
            succeed(Ok::<_, Error>(99))
        });
        assert_eq!(call.start(Retry::default()).await.unwrap(), 99);
        assert_eq!(calls.load(SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_failure_can_be_had() {
        let mut errors = [Error::Value].into_iter();
        let call = RetryingCall::new(move || fail::<u8, _>(errors.next().unwrap_or(Error::Name)));
        let gave_up = call
            .start([Duration::from_millis(10); 3])
            .await
            .unwrap_err();
        assert_eq!(*gave_up.last(), Error::Name);
        assert_eq!(gave_up.into_first(), Error::Value);
    }
}
