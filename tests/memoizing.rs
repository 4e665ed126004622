//! Promises that are remembered by key, and calls that share a run while it runs.

mod support;

use std::cell::Cell;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::share::{Memo, memoize, single_flight};
use futures::executor::block_on;
use tokio::time::sleep;

use crate::support::poll_once;

/// A function whose runs are finished by hand.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<HashMap<u32, Vec<defer::Resolver<u32>>>>>);

impl Asked {
    fn ask(&self, key: u32) -> Deferred<Result<u32, Failure>> {
        let (resolver, answer) = Deferred::new();
        self.0
            .lock()
            .unwrap()
            .entry(key)
            .or_default()
            .push(resolver);
        answer.boxed()
    }
    fn runs(&self, key: u32) -> usize {
        self.0.lock().unwrap().get(&key).map_or(0, Vec::len)
    }
    /// The last run with this key.
    fn last(&self, key: u32) -> defer::Resolver<u32> {
        let last = self.0.lock().unwrap().get_mut(&key).and_then(Vec::pop);
        last.expect("it was asked")
    }
    fn memo(&self) -> Memo<u32, Result<u32, Failure>> {
        let asked = self.clone();
        memoize(move |key| asked.ask(key))
    }
}

#[test]
fn calls_at_the_same_time_share_a_run_and_later_ones_its_value() {
    let asked = Asked::default();
    let memo = asked.memo();
    let (mut one, mut two) = (pin!(memo.call(1)), pin!(memo.call(1)));
    assert_eq!(asked.runs(1), 0, "nothing runs before it is polled");
    assert!(poll_once(one.as_mut()).is_pending());
    assert!(poll_once(two.as_mut()).is_pending());
    assert_eq!(asked.runs(1), 1);
    assert!(poll_once(pin!(memo.call(2))).is_pending());
    assert_eq!(asked.runs(2), 1, "another key is another run");
    asked.last(1).callback(10).unwrap();
    assert_eq!(block_on(two).unwrap(), 10);
    assert_eq!(block_on(one).unwrap(), 10);
    assert_eq!(block_on(memo.clone().call(1)).unwrap(), 10);
    assert_eq!(asked.runs(1), 0, "it was taken, and there was no other");
    assert_eq!(memo.len(), 1);
}

#[test]
fn a_failure_goes_to_those_who_share_it_and_the_next_call_tries_again() {
    let asked = Asked::default();
    let memo = asked.memo();
    let (mut one, two) = (pin!(memo.call(1)), memo.call(1));
    assert!(poll_once(one.as_mut()).is_pending());
    asked.last(1).errback(Failure::msg("down")).unwrap();
    assert!(matches!(poll_once(one.as_mut()), Poll::Ready(Err(_))));
    assert!(memo.is_empty(), "before the others have it");
    let mut again = pin!(memo.call(1));
    assert!(poll_once(again.as_mut()).is_pending());
    assert_eq!(block_on(two).unwrap_err().to_string(), "down");
    asked.last(1).callback(10).unwrap();
    assert_eq!(block_on(again).unwrap(), 10);
    assert_eq!(memo.len(), 1);
}

#[test]
fn a_panic_is_not_remembered() {
    let broken = Arc::new(AtomicBool::new(true));
    let breaks = broken.clone();
    let memo = memoize(move |key: u32| {
        assert!(!breaks.load(SeqCst), "broken");
        key + 1
    });
    let shares = memo.call(1);
    let called = memo.call(1);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(called)));
    assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "broken");
    assert!(memo.is_empty());
    broken.store(false, SeqCst);
    assert_eq!(block_on(memo.call(1)), 2);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(shares)));
    assert!(panic.is_err(), "it had been shared");
}

#[test]
fn what_was_invalidated_while_it_ran_is_not_kept() {
    let asked = Asked::default();
    let memo = asked.memo();
    let mut old = pin!(memo.call(1));
    assert!(poll_once(old.as_mut()).is_pending());
    memo.invalidate(&1);
    assert!(memo.is_empty());
    let mut new = pin!(memo.call(1));
    assert!(poll_once(new.as_mut()).is_pending());
    assert_eq!(asked.runs(1), 2);
    let (of_new, of_old) = (asked.last(1), asked.last(1));
    of_old.callback(1).unwrap();
    assert_eq!(block_on(old).unwrap(), 1);
    of_new.callback(2).unwrap();
    assert_eq!(block_on(memo.call(1)).unwrap(), 2);
    assert_eq!(block_on(new).unwrap(), 2);
}

#[test]
fn cleared_while_some_run_and_some_are_kept() {
    let asked = Asked::default();
    let memo = asked.memo();
    let mut kept = pin!(memo.call(1));
    assert!(poll_once(kept.as_mut()).is_pending());
    asked.last(1).callback(1).unwrap();
    assert_eq!(block_on(kept).unwrap(), 1);
    let mut runs = pin!(memo.call(2));
    assert!(poll_once(runs.as_mut()).is_pending());
    assert_eq!(memo.len(), 2);
    memo.clear();
    assert!(memo.is_empty());
    asked.last(2).callback(2).unwrap();
    assert_eq!(block_on(runs).unwrap(), 2);
    assert!(memo.is_empty(), "it is not kept");
}

#[test]
fn the_call_that_began_is_dropped_and_another_goes_on() {
    let asked = Asked::default();
    let memo = asked.memo();
    let mut first = Box::pin(memo.call(1));
    let mut second = Box::pin(memo.call(1));
    assert!(poll_once(first.as_mut()).is_pending());
    drop(first);
    assert!(poll_once(second.as_mut()).is_pending());
    assert_eq!(asked.runs(1), 1);
    drop(second);
    assert!(memo.is_empty(), "nobody waits for it");
    assert!(asked.last(1).is_cancelled());
    assert!(poll_once(pin!(memo.call(1))).is_pending());
    assert_eq!(asked.runs(1), 1, "a run of its own");
}

#[test]
fn cancelled_by_all_who_wait_it_is_removed_at_once_and_cleans_up() {
    let (cleans, cleaned) = Deferred::<Result<(), Failure>, _>::new();
    let cleaned = Mutex::new(Some(cleaned));
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let memo = memoize(move |_: u32| {
        counted.fetch_add(1, SeqCst);
        let cleaned = cleaned.lock().unwrap().take();
        defer(std::future::pending::<Result<u32, Failure>>()).add_errback(move |why: Failure| {
            cleaned
                .expect("it is cancelled once")
                .add_callback(move |()| Err::<u32, _>(why))
        })
    });
    let (one, cancels_one) = memo.call(1).cancellable();
    let (two, cancels_two) = memo.call(1).cancellable();
    let (mut one, mut two) = (pin!(one), pin!(two));
    assert!(poll_once(one.as_mut()).is_pending());
    assert!(poll_once(two.as_mut()).is_pending());
    cancels_one.cancel();
    assert!(matches!(poll_once(one), Poll::Ready(Err(why)) if why.is_cancelled()));
    assert_eq!(memo.len(), 1, "the other one waits");
    cancels_two.cancel();
    assert!(poll_once(two.as_mut()).is_pending(), "it cleans up");
    assert!(memo.is_empty());
    assert!(poll_once(pin!(memo.call(1))).is_pending());
    assert_eq!(
        runs.load(SeqCst),
        2,
        "a call does not wait for what cleans up"
    );
    cleans.callback(()).unwrap();
    assert!(matches!(poll_once(two), Poll::Ready(Err(why)) if why.is_cancelled()));
}

#[test]
fn a_value_that_came_after_a_cancellation_is_not_kept() {
    let memo = memoize(|_: u32| {
        let waits = defer(std::future::pending::<Result<u32, Failure>>());
        waits.add_errback(|_: Failure| Ok::<u32, Failure>(0))
    });
    let (call, canceller) = memo.call(1).cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert!(matches!(poll_once(call), Poll::Ready(Ok(0))), "recovered");
    assert!(memo.is_empty());
}

#[test]
fn the_function_may_call_its_own_memo() {
    static FIBONACCI: std::sync::LazyLock<Memo<u32, u64>> = std::sync::LazyLock::new(|| {
        memoize(|n: u32| -> Deferred<u64> {
            RUNS.fetch_add(1, SeqCst);
            if n < 2 {
                return succeed(u64::from(n)).boxed();
            }
            sum(FIBONACCI.call(n - 1), FIBONACCI.call(n - 2)).boxed()
        })
    });
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    #[callback]
    fn sum(a: u64, b: u64) -> u64 {
        a + b
    }
    assert_eq!(block_on(FIBONACCI.call(40)), 102_334_155);
    assert_eq!(RUNS.load(SeqCst), 41, "each number once");

    static ITSELF: std::sync::LazyLock<Memo<u32, u64>> =
        std::sync::LazyLock::new(|| memoize(|n: u32| ITSELF.call(n)));
    let panic = std::panic::catch_unwind(|| block_on(ITSELF.call(1)));
    let said = *panic.unwrap_err().downcast::<&str>().unwrap();
    assert!(said.contains("awaits itself"), "{said}");
}

#[test]
fn values_and_keys_may_use_the_memo_when_they_are_dropped() {
    #[derive(Clone)]
    struct Uses(Memo<u32, Value>);
    #[derive(Clone)]
    struct Value(#[allow(dead_code, reason = "it is dropped")] Arc<Mutex<Option<Uses>>>);
    impl Drop for Uses {
        fn drop(&mut self) {
            // Under a lock of the memo's this would wait for ever.
            let _ = self.0.len();
        }
    }
    impl defer::Plain for Value {}
    let memo = memoize(|_: u32| Value(Arc::default()));
    let value = block_on(memo.call(1));
    *value.0.lock().unwrap() = Some(Uses(memo.clone()));
    drop(value);
    memo.invalidate(&1);
    let value = block_on(memo.call(2));
    *value.0.lock().unwrap() = Some(Uses(memo.clone()));
    drop(value);
    memo.clear();
    assert!(memo.is_empty());
}

#[test]
fn a_key_that_panics_harms_one_call_only() {
    thread_local!(static HASHES: Cell<u32> = const { Cell::new(0) });
    #[derive(Clone, PartialEq, Eq)]
    struct Odd(u32);
    impl std::hash::Hash for Odd {
        fn hash<H: std::hash::Hasher>(&self, to: &mut H) {
            HASHES.set(HASHES.get() + 1);
            assert_ne!(HASHES.get(), self.0, "a key");
            self.0.hash(to);
        }
    }
    let memo = memoize(|key: Odd| key.0 * 2);
    for nth in 1..6 {
        HASHES.set(0);
        let call = std::panic::AssertUnwindSafe(|| block_on(memo.call(Odd(nth))));
        if let Ok(value) = std::panic::catch_unwind(call) {
            assert_eq!(value, nth * 2);
        }
        HASHES.set(100);
        assert_eq!(block_on(memo.call(Odd(nth))), nth * 2);
    }
}

#[test]
fn threads_call_it_at_the_same_time() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let memo = memoize(move |key: usize| {
        counted.fetch_add(1, SeqCst);
        key * 2
    });
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for key in 0..500 {
                    assert_eq!(block_on(memo.call(key)), key * 2);
                }
            });
        }
    });
    assert_eq!(runs.load(SeqCst), 500);
    assert_eq!(memo.len(), 500);
}

#[test]
fn a_single_flight_keeps_nothing() {
    let asked = Asked::default();
    let asks = asked.clone();
    let flight = single_flight(move |key| asks.ask(key));
    let (mut one, two) = (pin!(flight.call(1)), flight.clone().call(1));
    assert!(poll_once(one.as_mut()).is_pending());
    assert_eq!(flight.len(), 1);
    asked.last(1).callback(10).unwrap();
    assert!(matches!(poll_once(one.as_mut()), Poll::Ready(Ok(10))));
    assert!(flight.is_empty());
    assert_eq!(block_on(two).unwrap(), 10);
    assert!(poll_once(pin!(flight.call(1))).is_pending());
    assert_eq!(asked.runs(1), 1, "a run of its own");
}

#[test]
fn a_single_flight_outlives_the_cancellation_of_the_call_that_began_it() {
    let asked = Asked::default();
    let asks = asked.clone();
    let flight = single_flight(move |key| asks.ask(key));
    let (begins, canceller) = flight.call(1).cancellable();
    let mut begins = pin!(begins);
    let mut waits = pin!(flight.call(1));
    assert!(poll_once(begins.as_mut()).is_pending());
    assert!(poll_once(waits.as_mut()).is_pending());
    canceller.cancel();
    assert!(matches!(poll_once(begins), Poll::Ready(Err(why)) if why.is_cancelled()));
    let joins = flight.call(1);
    asked.last(1).callback(10).unwrap();
    assert_eq!(block_on(waits).unwrap(), 10);
    assert_eq!(block_on(joins).unwrap(), 10);
}

// The attributes.

static PAGES: AtomicUsize = AtomicUsize::new(0);

#[callback(memoize)]
async fn page(site: u32, #[value] language: String) -> Result<String, Failure> {
    PAGES.fetch_add(1, SeqCst);
    sleep(Duration::from_millis(10)).await;
    if site == 404 {
        return Err(Failure::msg("no such page"));
    }
    Ok(format!("{site} in {language}"))
}

#[tokio::test(start_paused = true)]
async fn a_memoized_function_runs_once_for_each_key() {
    let english = || "en".to_string();
    let before = PAGES.load(SeqCst);
    let (one, two) = tokio::join!(
        page(succeed(1), english()),
        page(defer(async { 1 }), english())
    );
    assert_eq!(
        (one.unwrap(), two.unwrap()),
        ("1 in en".to_string(), "1 in en".to_string())
    );
    assert_eq!(page(1, english()).await.unwrap(), "1 in en");
    assert_eq!(PAGES.load(SeqCst), before + 1);
    // Plain parameters are a part of the key, too.
    assert_eq!(page(1, "da".to_string()).await.unwrap(), "1 in da");
    assert_eq!(PAGES.load(SeqCst), before + 2);

    for _ in 0..2 {
        let failure = page(404, english()).await.unwrap_err();
        assert!(failure.trail().to_string().contains("page"), "{failure:#}");
    }
    assert_eq!(PAGES.load(SeqCst), before + 4, "a failure is tried again");
    let skipped = page(fail::<u32, _>(Failure::msg("no site")), english());
    assert!(skipped.await.is_err());
    assert_eq!(PAGES.load(SeqCst), before + 4, "arguments first");
}

#[test]
fn the_plan_of_a_memoized_call_is_that_of_a_call() {
    let plan = page(1, String::new()).plan().to_string();
    assert!(plan.starts_with("page (tests/memoizing.rs:"), "{plan}");
}

static SLOW: AtomicUsize = AtomicUsize::new(0);

#[callback(single_flight)]
async fn slow(key: u32) -> Result<u32, Failure> {
    SLOW.fetch_add(1, SeqCst);
    sleep(Duration::from_secs(1)).await;
    Ok(key)
}

#[tokio::test(start_paused = true)]
async fn a_single_flight_function_runs_once_for_calls_at_the_same_time() {
    let begins = slow(1).start();
    let waits = slow(1).start();
    tokio::task::yield_now().await;
    begins.cancel();
    assert!(begins.await.unwrap_err().is_cancelled());
    assert_eq!(waits.await.unwrap(), 1);
    assert_eq!(SLOW.load(SeqCst), 1);
    assert_eq!(slow(1).await.unwrap(), 1);
    assert_eq!(SLOW.load(SeqCst), 2);
}

thread_local!(static SYNCHRONOUS: Cell<u32> = const { Cell::new(0) });

/// Patterns, an unused parameter, a type without `Plain`.
#[callback(memoize)]
fn synchronous((a, b): (u32, u32), _unused: bool, mut c: Vec<u32>) -> Pair {
    SYNCHRONOUS.set(SYNCHRONOUS.get() + 1);
    c.push(a);
    Pair(c, b)
}

#[derive(Clone, Debug, PartialEq)]
struct Pair(Vec<u32>, u32);

#[callback(memoize, boxed)]
fn given(n: u32) -> Deferred<Result<u32, Failure>> {
    if n == 0 {
        return succeed(Ok(0)).boxed();
    }
    given(n - 1).add_callback(|n| n + 1).boxed()
}

#[inline_callbacks(memoize)]
fn inline(n: u32) -> Result<u32, Failure> {
    Ok(given(n).await? + 1)
}

#[callback(memoize)]
fn nothing() -> u32 {
    SYNCHRONOUS.set(SYNCHRONOUS.get() + 1);
    7
}

#[callback(single_flight, error = std::num::ParseIntError)]
fn static_text(text: &'static str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[test]
fn functions_of_every_shape() {
    for _ in 0..2 {
        assert_eq!(
            block_on(synchronous((1, 2), true, succeed(vec![3]))),
            Pair(vec![3, 1], 2)
        );
        assert_eq!(block_on(nothing()), 7);
    }
    assert_eq!(SYNCHRONOUS.get(), 2);
    assert_eq!(block_on(given(200)).unwrap(), 200);
    assert_eq!(block_on(inline(200)).unwrap(), 201);
    assert_eq!(block_on(static_text("12")).unwrap(), 12);
    assert!(block_on(static_text("x")).is_err());
}

static LEFT: AtomicUsize = AtomicUsize::new(0);

#[callback(memoize)]
async fn on_a_runtime(key: u32, wait: bool) -> u32 {
    if LEFT.fetch_add(1, SeqCst) == 0 {
        sleep(Duration::from_secs(3600)).await;
    }
    key + u32::from(wait)
}

#[test]
fn a_run_that_was_begun_on_a_runtime_that_is_gone_is_begun_anew() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let first = runtime();
    let task = on_a_runtime(1, true).start_on(first.handle());
    first.block_on(tokio::task::yield_now());
    assert_eq!(LEFT.load(SeqCst), 1);
    drop(first);
    drop(task);
    assert_eq!(runtime().block_on(on_a_runtime(1, true)), 2);
    assert_eq!(LEFT.load(SeqCst), 2);
    assert_eq!(
        block_on(on_a_runtime(1, true)),
        2,
        "no runtime is needed for a value"
    );
}

#[cfg(feature = "moka")]
mod bounded {
    use super::*;
    use defer::share::Bounds;

    #[test]
    fn so_many_are_kept_and_no_more() {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = runs.clone();
        let memo = memoize(move |key: u32| {
            counted.fetch_add(1, SeqCst);
            key + 1
        })
        .bounded(Bounds::new().size(10));
        for key in 0..1000 {
            assert_eq!(block_on(memo.call(key)), key + 1);
        }
        assert_eq!(runs.load(SeqCst), 1000);
        assert!(memo.len() <= 10, "{}", memo.len());
        memo.clear();
        assert!(memo.is_empty());
        block_on(memo.call(1));
        block_on(memo.call(1));
        assert_eq!(runs.load(SeqCst), 1001, "it is kept");
        memo.invalidate(&1);
        block_on(memo.call(1));
        assert_eq!(runs.load(SeqCst), 1002);
    }

    #[test]
    fn what_expires_runs_again_and_what_runs_is_shared_all_the_same() {
        let asked = Asked::default();
        let soon = Bounds::new().expires(Duration::from_nanos(1));
        let memo = asked.memo().bounded(soon);
        let (mut one, two) = (pin!(memo.call(1)), memo.call(1));
        assert!(poll_once(one.as_mut()).is_pending());
        assert_eq!(asked.runs(1), 1);
        asked.last(1).callback(10).unwrap();
        assert_eq!(block_on(two).unwrap(), 10);
        assert_eq!(block_on(one).unwrap(), 10);
        assert!(poll_once(pin!(memo.call(1))).is_pending());
        assert_eq!(asked.runs(1), 1, "a second run");
    }

    #[test]
    fn what_was_invalidated_while_it_ran_is_not_kept_within_bounds() {
        let asked = Asked::default();
        let memo = asked.memo().bounded(Bounds::new().size(10));
        let mut old = pin!(memo.call(1));
        assert!(poll_once(old.as_mut()).is_pending());
        memo.invalidate(&1);
        asked.last(1).callback(1).unwrap();
        assert_eq!(block_on(old).unwrap(), 1);
        assert!(memo.is_empty());
    }

    static BOUNDED: AtomicUsize = AtomicUsize::new(0);

    #[callback(memoize(size = 2, expires = Duration::from_secs(3600)))]
    fn within(key: u32) -> u32 {
        BOUNDED.fetch_add(1, SeqCst);
        key
    }

    #[test]
    fn bounds_of_an_attribute() {
        for key in 0..100 {
            assert_eq!(block_on(within(key)), key);
        }
        for key in 0..100 {
            assert_eq!(block_on(within(key)), key);
        }
        let runs = BOUNDED.load(SeqCst);
        assert!((190..=200).contains(&runs), "{runs} runs, two are kept");
    }
}
