//! Several functions for one result: what `txdpce` tests, and what it has beside that.
//!
//! The original tests, numbered in their order.
//!
//! # `TestParallelCommand`: 6
//!
//! | original | here |
//! | --- | --- |
//! | 1: without functions it raises an error at once | [`without_functions_it_fails_at_once`]: a failure, with a type of its own |
//! | 2: two functions with a value | [`two_functions_have_a_value`] |
//! | 3: the slow one is cancelled | [`the_slow_one_is_cancelled`] |
//! | 4: one has a value, one fails | [`one_has_a_value_and_one_fails`] |
//! | 5: one has a value late, one fails early | [`one_has_a_value_late_and_one_fails_early`] |
//! | 6: both fail, and both failures are told | [`both_fail`] |

mod support;

use std::error::Error;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use defer::Cancelled;
use defer::list::{ParallelCommandError, ParallelCommandExecutor};
use defer::prelude::*;
use futures::executor::block_on;
use support::{Log, never, poll_once, poll_to_end, told};
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
enum Oops {
    Division,
    NoSuchName(&'static str),
    Cancelled,
}

impl From<Cancelled> for Oops {
    fn from(_: Cancelled) -> Self {
        Oops::Cancelled
    }
}

impl std::fmt::Display for Oops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Oops::Division => f.write_str("division by zero"),
            Oops::NoSuchName(name) => write!(f, "no {name}"),
            Oops::Cancelled => f.write_str("cancelled"),
        }
    }
}
impl Error for Oops {}

type Commands<'a, A = u32, E = Oops> = ParallelCommandExecutor<'a, A, u32, E>;

#[test]
fn without_functions_it_fails_at_once() {
    let commands = Commands::<u32, Failure>::new();
    let (outcome, polls) = poll_to_end(commands.execute(1));
    assert_eq!(polls, 1);
    let error = outcome.unwrap_err();
    assert!(matches!(error, ParallelCommandError::NoCommands));
    assert_eq!(error.to_string(), "no command is registered");
    let failure = Failure::from(error);
    assert_eq!(failure.chain().count(), 1);
}

#[test]
fn two_functions_have_a_value() {
    let mut commands = Commands::<u32>::new();
    commands
        .register(|n| n + 1)
        .register(|n| Ok::<_, Oops>(n + 2));
    let answer = block_on(commands.execute(1)).unwrap();
    assert_eq!((answer.index, answer.name, answer.value), (0, None, 2));
}

#[tokio::test(start_paused = true)]
async fn the_slow_one_is_cancelled() {
    let log = Log::default();
    let mut commands = Commands::<u32, Failure>::new();
    let tells = log.clone();
    commands.register_named("slow", move |n| {
        let slow = defer(async move {
            sleep(Duration::from_secs(1)).await;
            Ok(n)
        });
        let tells = tells.clone();
        slow.add_errback(move |why: Failure| {
            // Clean-up is waited for.
            defer(async move {
                sleep(Duration::from_millis(5)).await;
                tells.add(format!("cleaned up: {why}"));
                Err::<u32, _>(why)
            })
        })
    });
    commands.register_named("fast", |n| {
        defer(async move {
            sleep(Duration::from_millis(10)).await;
            n * 2
        })
    });
    let start = Instant::now();
    let answer = commands.execute(3).await.unwrap();
    assert_eq!(
        (answer.index, answer.name, answer.value),
        (1, Some("fast"), 6)
    );
    assert_eq!(log.all(), ["cleaned up: cancelled"]);
    assert_eq!(start.elapsed().as_millis(), 15);
}

#[test]
fn one_has_a_value_and_one_fails() {
    let mut commands = Commands::<u32>::new();
    commands
        .register(|_| Err::<u32, _>(Oops::Division))
        .register(|_| 3);
    assert_eq!(block_on(commands.execute(1)).unwrap().value, 3);
}

#[tokio::test(start_paused = true)]
async fn one_has_a_value_late_and_one_fails_early() {
    let mut commands = Commands::<u32>::new();
    commands.register(|_| Err::<u32, _>(Oops::Division));
    commands.register(|_| {
        defer(async {
            sleep(Duration::from_millis(200)).await;
            Ok::<u32, Oops>(3)
        })
    });
    let answer = commands.execute(1).await.unwrap();
    assert_eq!((answer.index, answer.value), (1, 3));
}

#[test]
fn both_fail() {
    let mut commands = Commands::<&str>::new();
    // The one that fails last is told first: it was registered first.
    commands.register(|_| told("late", &Log::default(), 3, Err::<u32, _>(Oops::Division)));
    commands.register_named("names", |name| fail::<u32, _>(Oops::NoSuchName(name)));
    let error = block_on(commands.execute("dummy")).unwrap_err();
    let text = "all 2 commands failed: command 0: division by zero; names: no dummy";
    assert_eq!(error.to_string(), text);
    let lines = "all 2 commands failed:\n  command 0: division by zero\n  names: no dummy";
    assert_eq!(format!("{error:#}"), lines);
    assert_eq!(
        error.source().and_then(|why| why.downcast_ref()),
        Some(&Oops::Division)
    );
    let ParallelCommandError::AllFailed(failures) = error else {
        panic!("{error:?}")
    };
    let failures: Vec<_> = failures
        .into_iter()
        .map(|failure| (failure.index, failure.name, failure.error))
        .collect();
    let expected = [
        (0, None, Oops::Division),
        (1, Some("names"), Oops::NoSuchName("dummy")),
    ];
    assert_eq!(failures, expected);
}

#[derive(Debug, PartialEq)]
enum App {
    Parse(ParseIntError),
    Oops(Oops),
}
impl From<ParseIntError> for App {
    fn from(error: ParseIntError) -> Self {
        App::Parse(error)
    }
}
impl From<Oops> for App {
    fn from(error: Oops) -> Self {
        App::Oops(error)
    }
}

#[callback]
async fn halve(n: u32) -> Result<u32, Oops> {
    if n % 2 == 0 {
        Ok(n / 2)
    } else {
        Err(Oops::Division)
    }
}

/// Values, results and deferreds; different errors; references.
#[test]
fn functions_of_every_kind_work_together() {
    let texts = ["seven".to_string(), "8".to_string()];
    let mut commands = ParallelCommandExecutor::<&str, u32, App>::new();
    commands
        .register(|text| text.parse::<u32>())
        .register(|text| halve(text.len() as u32));
    let failed = block_on(commands.execute(&texts[0])).unwrap_err();
    let ParallelCommandError::AllFailed(failures) = failed else {
        panic!("{failed:?}")
    };
    assert!(matches!(failures[0].error, App::Parse(_)));
    assert_eq!(failures[1].error, App::Oops(Oops::Division));
    assert_eq!(block_on(commands.execute(&texts[1])).unwrap().value, 8);
    commands.register(|_| succeed(1)).register(|_| 2);
    assert_eq!(block_on(commands.execute(&texts[0])).unwrap().index, 2);
    assert_eq!(commands.len(), 4);
}

#[test]
fn nothing_runs_before_it_is_polled_and_what_was_registered_before_runs() {
    let runs = AtomicUsize::new(0);
    let count = |n: u32| {
        runs.fetch_add(1, SeqCst);
        Err::<u32, _>(Oops::NoSuchName(["a", "b"][n as usize]))
    };
    let mut commands = Commands::<u32>::new();
    commands.register(count);
    let before = commands.execute(0);
    let clone = commands.clone();
    commands.register(count);
    assert_eq!(runs.load(SeqCst), 0);
    drop(commands.execute(1));
    assert_eq!(runs.load(SeqCst), 0);
    assert!(block_on(before).is_err());
    assert_eq!(runs.load(SeqCst), 1);
    assert!(block_on(commands.execute(0)).is_err());
    assert_eq!(runs.load(SeqCst), 3);
    assert!(block_on(clone.execute(1)).is_err());
    assert_eq!(runs.load(SeqCst), 4);
}

#[test]
fn what_comes_after_a_value_that_is_there_does_not_begin() {
    let (waiting, seen) = never::<Result<u32, Oops>>();
    let waiting = std::sync::Mutex::new(Some(waiting));
    let mut commands = Commands::<u32>::new();
    commands.register(|n| n);
    commands.register(move |_| waiting.lock().unwrap().take().unwrap());
    assert_eq!(block_on(commands.execute(5)).unwrap().value, 5);
    assert_eq!((seen.polls(), seen.dropped()), (0, true));
}

/// The same executor for many arguments at once, on several threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_used_many_times_at_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counts = asked.clone();
    let mut commands = Commands::<u32, Failure>::new();
    commands.register_named("odd", |n| {
        defer(async move {
            tokio::task::yield_now().await;
            if n % 2 == 1 {
                Ok(n)
            } else {
                Err(Failure::msg("even"))
            }
        })
    });
    commands.register_named("even", move |n| {
        counts.fetch_add(1, SeqCst);
        if n % 2 == 0 {
            Ok(n * 10)
        } else {
            Err(Failure::msg("odd"))
        }
    });
    let all = (0..100)
        .map(|n| commands.execute(n).start())
        .collect::<Vec<_>>();
    for (n, started) in (0..100).zip(all) {
        let answer = started.await.unwrap();
        let expected = if n % 2 == 0 {
            (1, "even", n * 10)
        } else {
            (0, "odd", n)
        };
        assert_eq!((answer.index, answer.name.unwrap(), answer.value), expected);
    }
    assert_eq!(asked.load(SeqCst), 100);
}

#[test]
fn to_cancel_it_cancels_all_of_them() {
    let log = Log::default();
    let mut commands = Commands::<u32, Failure>::new();
    for name in ["a", "b"] {
        let tells = log.clone();
        commands.register_named(name, move |_| {
            let tells = tells.clone();
            let waiting = defer(std::future::pending::<Result<u32, Failure>>());
            waiting.add_errback(move |why: Failure| {
                tells.add(name);
                Err::<u32, _>(why)
            })
        });
    }
    let (waiting, canceller) = commands.execute(1).cancellable();
    let mut waiting = pin!(waiting);
    assert!(poll_once(waiting.as_mut()).is_pending());
    canceller.cancel();
    let Poll::Ready(Err(error)) = poll_once(waiting) else {
        panic!("it was cancelled")
    };
    assert_eq!(log.all(), ["a", "b"]);
    assert_eq!(
        error.to_string(),
        "all 2 commands failed: a: cancelled; b: cancelled"
    );

    // Without an errback the cancellation leaves them, and it is one.
    let mut commands = Commands::<u32, Oops>::new();
    commands.register(|_| defer(std::future::pending::<u32>()));
    let (waiting, canceller) = commands.execute(1).cancellable();
    let mut waiting = pin!(waiting);
    assert!(poll_once(waiting.as_mut()).is_pending());
    canceller.cancel();
    let Poll::Ready(Err(error)) = poll_once(waiting) else {
        panic!("it was cancelled")
    };
    assert_eq!(error, ParallelCommandError::Stopped(Oops::Cancelled));
    assert_eq!(error.to_string(), "the commands were stopped: cancelled");
    // Before it has begun.
    let (not_begun, canceller) = commands.execute(1).cancellable();
    canceller.cancel();
    assert_eq!(
        block_on(not_begun).unwrap_err(),
        ParallelCommandError::Stopped(Oops::Cancelled)
    );
}

#[tokio::test(start_paused = true)]
async fn started_and_limited_it_stops_with_an_error_of_its_own() {
    let mut commands = Commands::<u32, Failure>::new();
    commands.register(|n| {
        defer(async move {
            sleep(Duration::from_millis(n.into())).await;
            [1, 2][n as usize / 10]
        })
    });
    let limit = Duration::from_millis(15);
    let limited = |n| commands.execute(n).timeout(limit);
    assert_eq!(limited(10).await.unwrap().value, 2);
    let Err(ParallelCommandError::Stopped(failure)) = limited(20).await else {
        panic!("it takes longer")
    };
    assert!(failure.is_timeout());
    let stopped = commands.execute(20).start().await;
    let Err(error @ ParallelCommandError::Stopped(_)) = stopped else {
        panic!("the index is out of bounds")
    };
    assert!(error.source().unwrap().is::<defer::Panicked>());
}

#[test]
fn one_that_recovers_from_the_cancellation_is_the_answer() {
    let mut commands = Commands::<u32, Failure>::new();
    commands.register(|_| defer(std::future::pending::<u32>()));
    commands.register(|n| {
        defer(std::future::pending::<Result<u32, Failure>>()).add_errback(move |_: Failure| n)
    });
    let (waiting, canceller) = commands.execute(4).cancellable();
    let mut waiting = pin!(waiting);
    assert!(poll_once(waiting.as_mut()).is_pending());
    canceller.cancel();
    let Poll::Ready(Ok(answer)) = poll_once(waiting) else {
        panic!("it recovers")
    };
    assert_eq!((answer.index, answer.value), (1, 4));
}

#[test]
fn an_annotated_function_is_registered_as_it_is() {
    let mut commands = Commands::<u32>::new();
    commands.register_named("halve", halve);
    assert_eq!(block_on(commands.execute(8)).unwrap().value, 4);
}

#[test]
fn to_drop_it_drops_all_of_them() {
    let (waiting, seen) = never::<Result<u32, Oops>>();
    let waiting = std::sync::Mutex::new(Some(waiting));
    let mut commands = Commands::<u32>::new();
    commands.register(move |_| waiting.lock().unwrap().take().unwrap());
    let mut running = Box::pin(commands.execute(5));
    assert!(poll_once(running.as_mut()).is_pending());
    assert!(!seen.dropped());
    drop(running);
    assert!(seen.dropped());
}

#[test]
fn names_are_in_the_plan() {
    let mut commands = Commands::<u32, Failure>::new();
    commands.register_named("cache", |_| Err::<u32, _>(Failure::msg("no entry")));
    commands.register_named("network", |n| halve(defer(Leaf(n))));
    commands.register(|_| defer(std::future::pending::<u32>()));
    let running = commands.execute(3);
    let drawn = "execute, 3 at once\n  cache\n  network\n  command\n";
    assert_eq!(running.plan().to_string(), drawn);
    let mut running = pin!(running);
    assert!(poll_once(running.as_mut()).is_pending());
    // Of those that run there is more to tell, and of those that are done there is nothing.
    let drawn = running.plan().to_string();
    let drawn: Vec<_> = drawn
        .lines()
        .filter_map(|line| line.split(" (").next())
        .collect();
    let expected = [
        "execute",
        "  first_success of 2, 2 at once",
        "    network",
        "      halve",
        "        n: future of u32",
        "    future of u32",
    ];
    assert_eq!(drawn, expected);
    assert!(format!("{commands:?}").contains("cache"), "{commands:?}");
}

/// Pending, once.
struct Leaf(u32);

impl Future for Leaf {
    type Output = u32;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        if self.0 % 2 == 0 {
            return Poll::Ready(self.0 + 1);
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[test]
fn names_are_in_the_trail() {
    let mut commands = Commands::<u32, Failure>::new();
    commands.register_named("cache", |_| Err::<u32, _>(Failure::msg("no entry")));
    commands.register_named("network", |n| total(defer(Leaf(n)), fail(Oops::Division)));
    commands.register(|_| Err::<u32, _>(Failure::msg("without a name")));
    let Err(ParallelCommandError::AllFailed(failures)) = block_on(commands.execute(3)) else {
        panic!("all fail")
    };
    let trails = failures.iter().map(|failure| failure.error.trail());
    let [cache, network, unnamed] = &trails.collect::<Vec<_>>()[..] else {
        panic!("{failures:?}")
    };
    assert_eq!(cache.to_string(), "in cache");
    let names: Vec<_> = network.hops().map(defer::Hop::name).collect();
    assert_eq!(names, ["total", "network"]);
    assert!(unnamed.is_empty());
    assert!(failures[1].error.check::<Oops>().is_some());
}

#[callback]
fn total(a: u32, b: u32) -> Result<u32, Failure> {
    Ok(a + b)
}

#[test]
fn failures_of_all_become_one_failure() {
    let mut commands = Commands::<u32, Failure>::new();
    commands.register_named("cache", |_| Err::<u32, _>(Failure::from(Oops::Division)));
    let failure = block_on(commands.execute(3))
        .map_err(Failure::from)
        .unwrap_err();
    let texts: Vec<_> = failure.chain().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "the only command failed: cache: division by zero",
            "division by zero"
        ]
    );
}

#[test]
fn a_panic_goes_through() {
    let mut commands = Commands::<u32>::new();
    commands.register(|n| [1, 2][n as usize]);
    let out_of_bounds = catch_unwind(AssertUnwindSafe(|| poll_to_end(commands.execute(2))));
    assert!(out_of_bounds.is_err());
    assert_eq!(block_on(commands.execute(1)).unwrap().value, 2);
}

#[test]
fn it_goes_to_other_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let commands = ParallelCommandExecutor::<std::rc::Rc<u32>, u32, Failure>::new();
    shared(&commands);
    fn sent<T: Send>(_: &T) {}
    sent(&Commands::<u32>::new().execute(1));
}
