//! Failures of started deferreds that nobody takes: reported once, and no others.

mod support;

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};

use defer::prelude::*;
use defer::{Cancelled, Panicked, StartLosers, Started, list};
use tokio::task::yield_now;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// What was reported on this thread, one line an event.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl Reports {
    fn begin() -> (Self, DefaultGuard) {
        let reports = Reports::default();
        let subscriber = tracing_subscriber::registry().with(reports.clone());
        (reports, tracing::subscriber::set_default(subscriber))
    }
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<S: tracing::Subscriber> Layer<S> for Reports {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                // Lines of the source change.
                if field.name() == "started" {
                    let place = format!("{value:?}");
                    assert!(place.contains("unhandled.rs:"), "{place}");
                } else {
                    self.0 += &format!("{field}={} ", without_places(&format!("{value:?}")));
                }
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                self.0 += &format!("{field}={value} ");
            }
        }
        if event.metadata().target() == "defer" {
            assert_eq!(*event.metadata().level(), tracing::Level::ERROR);
            let mut line = Line(String::new());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

/// A trail without `(file:line)`, which changes.
fn without_places(text: &str) -> String {
    let mut parts = text.split(" (tests/unhandled.rs:");
    let mut short = parts.next().unwrap_or_default().to_string();
    for part in parts {
        short += part
            .split_once(')')
            .expect("a line and the end of the place")
            .1;
    }
    short
}

/// What is said of a call that failed so.
fn of(call: &str, failure: &str) -> String {
    format!("message=unhandled failure of a started deferred deferred={call} failure={failure} ")
}

#[callback]
fn fetch(name: &'static str) -> Result<u8, Failure> {
    Err(Failure::msg(format!("no page {name}")))
}

#[callback]
async fn never(name: &'static str) -> Result<u8, Failure> {
    let _ = name;
    pending().await
}

/// It has `Debug` and nothing else.
#[derive(Debug, PartialEq)]
struct Typed(u8);
impl From<Cancelled> for Typed {
    fn from(_: Cancelled) -> Self {
        Typed(0)
    }
}
impl From<Panicked> for Typed {
    fn from(_: Panicked) -> Self {
        Typed(1)
    }
}

async fn settled<T, E>(started: Started<T, E>) -> Started<T, E> {
    while !started.is_finished() {
        yield_now().await;
    }
    started
}

#[tokio::test]
async fn of_a_detached_one() {
    let (reports, _guard) = Reports::begin();
    fetch("a").start().detach();
    assert!(reports.take().is_empty(), "it has not run");
    yield_now().await;
    assert_eq!(reports.take(), [of("fetch", "no page a in fetch")]);
    yield_now().await;
    assert!(reports.take().is_empty(), "once");
}

#[tokio::test]
async fn of_one_that_is_dropped_after_it_failed() {
    let (reports, _guard) = Reports::begin();
    let started = settled(fetch("a").start()).await;
    assert!(reports.take().is_empty(), "somebody may take it yet");
    drop(started);
    assert_eq!(reports.take(), [of("fetch", "no page a in fetch")]);

    // Inside of something else.
    let started = settled(fetch("b").start()).await;
    drop(started.add_callback(|n| n + 1).boxed());
    assert_eq!(reports.take(), [of("fetch", "no page b in fetch")]);
}

#[tokio::test]
async fn of_one_that_is_detached_after_it_failed() {
    let (reports, _guard) = Reports::begin();
    settled(fetch("a").start()).await.detach();
    assert_eq!(reports.take(), [of("fetch", "no page a in fetch")]);
}

#[tokio::test]
async fn an_error_of_the_users_own_is_shown_as_debug() {
    let (reports, _guard) = Reports::begin();
    fail::<u8, _>(Typed(7)).start().detach();
    yield_now().await;
    assert_eq!(reports.take(), [of("value", "Typed(7)")]);
}

#[tokio::test]
async fn a_panic_is_a_failure() {
    #[callback]
    fn boom() -> u8 {
        panic!("boom")
    }
    let (reports, _guard) = Reports::begin();
    boom().start().detach();
    yield_now().await;
    assert_eq!(reports.take(), [of("boom", "panicked: boom")]);
}

#[tokio::test]
async fn what_is_taken_is_not_reported() {
    #[errback]
    fn rescue(failure: Failure) -> u8 {
        let _ = failure;
        0
    }
    let (reports, _guard) = Reports::begin();
    assert!(fetch("a").start().await.is_err());
    assert_eq!(rescue(fetch("b").start()).await, 0);
    rescue(fetch("c").start()).start().await.unwrap();
    // What an errback has taken before is no failure at all.
    rescue(fetch("d")).start().detach();
    yield_now().await;
    // It passed on to another deferred, which is awaited.
    let outer = fetch("e").start().add_callback(|n| n + 1).start();
    assert!(outer.await.is_err());
    assert!(reports.take().is_empty());
}

#[tokio::test]
async fn what_passed_on_is_reported_where_it_ends() {
    #[callback]
    fn outer(n: u8) -> u8 {
        n
    }
    let (reports, _guard) = Reports::begin();
    outer(fetch("a").start()).start().detach();
    for _ in 0..3 {
        yield_now().await;
    }
    assert_eq!(reports.take(), [of("outer", "no page a in fetch <- outer")]);
}

#[tokio::test]
async fn what_did_not_fail_is_silent() {
    let (reports, _guard) = Reports::begin();
    succeed(1).start().detach();
    yield_now().await;
    drop(settled(succeed(1).start()).await);
    // What never ran.
    drop(fetch("a"));
    drop(fetch("a").start());
    // What was aborted in its work.
    let started = never("a").start();
    yield_now().await;
    drop(started);
    let started = never("a").start();
    yield_now().await;
    started.abort();
    drop(settled(started).await);
    yield_now().await;
    assert!(reports.take().is_empty());
}

#[tokio::test]
async fn a_cancellation_that_was_asked_for_is_silent() {
    let (reports, _guard) = Reports::begin();
    // Of a call with a `Failure`, of a call with an error of its own, and of a future.
    let started = never("a").start();
    yield_now().await;
    started.cancel();
    started.detach();
    let started = defer(pending::<Result<u8, Typed>>()).start();
    yield_now().await;
    started.cancel();
    drop(settled(started).await);
    let started = defer(pending::<u8>()).start();
    started.cancel();
    started.detach();
    yield_now().await;
    assert!(reports.take().is_empty());
}

#[tokio::test]
async fn a_cancellation_that_was_not_asked_for_is_reported() {
    let (reports, _guard) = Reports::begin();
    fail::<u8, Failure>(Cancelled.into()).start().detach();
    yield_now().await;
    assert_eq!(reports.take(), [of("value", "cancelled")]);
}

#[tokio::test]
async fn a_clean_up_that_fails_is_reported() {
    #[errback]
    fn cleanup(failure: Failure) -> Result<u8, Failure> {
        assert!(failure.is_cancelled());
        Err(Failure::msg("cannot clean up"))
    }
    let (reports, _guard) = Reports::begin();
    let started = cleanup(never("a")).start();
    yield_now().await;
    started.cancel();
    started.detach();
    yield_now().await;
    assert_eq!(
        reports.take(),
        [of("cleanup", "cannot clean up in cleanup")]
    );
}

#[tokio::test]
async fn members_of_a_list_are_reported_once_each_at_most() {
    #[callback]
    fn total(list: Vec<u8>) -> u8 {
        list.iter().sum()
    }
    let (reports, _guard) = Reports::begin();
    let mut list = Vec::new();
    for name in ["a", "b", "c"] {
        list.push(settled(fetch(name).start()).await);
    }
    let failure = total(list).await.unwrap_err();
    let mut said = reports.take();
    assert_eq!(said.len(), 2, "one failure was taken");
    said.push(of("fetch", &format!("{failure} in fetch")));
    said.sort();
    assert_eq!(
        said,
        ["a", "b", "c"].map(|name| of("fetch", &format!("no page {name} in fetch")))
    );
}

#[tokio::test]
async fn members_of_a_list_of_outcomes_are_taken() {
    #[callback]
    fn failed(list: Vec<Result<u8, Failure>>) -> usize {
        list.iter().filter(|outcome| outcome.is_err()).count()
    }
    let (reports, _guard) = Reports::begin();
    let mut list = Vec::new();
    for name in ["a", "b"] {
        list.push(settled(fetch(name).start()).await);
    }
    assert_eq!(failed(list).await, 2);
    assert!(reports.take().is_empty());
}

#[tokio::test]
async fn what_a_callback_gave_is_reported_once_where_it_ends() {
    let (reports, _guard) = Reports::begin();
    for given in [
        fetch("a").boxed(),
        settled(fetch("a").start()).await.boxed(),
        fetch("a").start().boxed(),
    ] {
        // Taken at the end, it is nobody's.
        let outer = succeed(1).add_callback(|_| given).start();
        assert!(outer.await.is_err());
        assert!(reports.take().is_empty());
    }
    let given = fetch("a").start();
    succeed(1).add_callback(|_| given).start().detach();
    for _ in 0..3 {
        yield_now().await;
    }
    assert_eq!(reports.take().len(), 1);
}

#[tokio::test]
async fn a_failure_whose_errback_waits_is_no_failure() {
    let (reports, _guard) = Reports::begin();
    let (_resolver, waiting) = Deferred::<Result<u8, Failure>, _>::new();
    let failed = settled(fetch("a").start()).await;
    let started = failed.add_errback(|_| waiting).start();
    yield_now().await;
    drop(started);
    yield_now().await;
    assert!(reports.take().is_empty());
}

#[tokio::test]
async fn losers_that_are_left_to_the_runtime_are_reported_each_with_its_place() {
    let (reports, _guard) = Reports::begin();
    let (first, a) = Deferred::<Result<u8, Failure>, _>::new();
    let (second, b) = Deferred::<Result<u8, Failure>, _>::new();
    let (third, c) = Deferred::<Result<u8, Failure>, _>::new();
    let call = list::with()
        .losers(StartLosers::new())
        .first_success([a, b, c]);
    let mut call = Box::pin(call);
    assert!(support::poll_once(call.as_mut()).is_pending());
    second.callback(7).unwrap();
    assert_eq!(call.await.unwrap(), (1, 7), "it does not wait for them");
    yield_now().await;
    assert_eq!(reports.take(), [""; 0]);
    third.errback(Failure::msg("no page c")).unwrap();
    yield_now().await;
    let of_member =
        |place: usize, failure: &str| of(&format!("member of a list member={place}"), failure);
    assert_eq!(reports.take(), [of_member(2, "no page c")]);
    first.errback(Failure::msg("no page a")).unwrap();
    yield_now().await;
    assert_eq!(reports.take(), [of_member(0, "no page a")]);
}

#[tokio::test]
async fn losers_whose_failures_are_consumed_are_silent() {
    let (reports, _guard) = Reports::begin();
    let (resolver, a) = Deferred::<Result<u8, Failure>, _>::new();
    let rule = StartLosers::new().consume_failures();
    let call = list::with()
        .losers(rule)
        .race([a.boxed(), succeed(Ok(7)).boxed()]);
    assert!(matches!(call.await, Some((1, Ok(7)))));
    resolver
        .errback(Failure::msg("no page"))
        .expect("it goes on");
    yield_now().await;
    assert_eq!(reports.take(), [""; 0]);
}

#[tokio::test]
async fn a_loser_that_panics_is_reported_and_ends_the_others() {
    let (reports, _guard) = Reports::begin();
    let panics = defer(async {
        yield_now().await;
        yield_now().await;
        if true {
            panic!("no page");
        }
        Ok::<u8, Failure>(1)
    });
    let (resolver, waits) = Deferred::<Result<u8, Failure>, _>::new();
    let wins = defer(async {
        yield_now().await;
        Ok(7)
    });
    let members = [panics.boxed(), waits.boxed(), wins.boxed()];
    let call = list::with()
        .losers(StartLosers::new())
        .first_success(members);
    assert_eq!(call.await.unwrap(), (2, 7));
    for _ in 0..5 {
        yield_now().await;
    }
    let reports = reports.take();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("no page"), "{reports:?}");
    assert!(resolver.callback(1).is_err(), "it was dropped");
}

#[tokio::test(start_paused = true)]
async fn losers_that_are_left_to_the_runtime_run_to_their_ends() {
    let ended = Arc::new(Mutex::new(Vec::new()));
    let members = [30, 10, 20].map(|time| {
        let ended = ended.clone();
        defer(async move {
            tokio::time::sleep(std::time::Duration::from_millis(time)).await;
            ended.lock().unwrap().push(time);
            Ok::<_, Failure>(time)
        })
    });
    let start = tokio::time::Instant::now();
    let call = list::with().losers(StartLosers::new()).n_of(members, 1);
    assert_eq!(call.await.unwrap(), [(1, 10)]);
    assert_eq!(start.elapsed().as_millis(), 10);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(*ended.lock().unwrap(), [10, 20, 30]);
}

#[test]
fn losers_cannot_be_left_to_a_runtime_outside_of_one() {
    let members = [
        defer(pending()).boxed(),
        succeed(Ok::<u8, Failure>(1)).boxed(),
    ];
    let call = list::with()
        .losers(StartLosers::new())
        .first_success(members);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        futures::executor::block_on(call)
    }));
    let payload = caught.unwrap_err();
    let message = payload.downcast_ref::<&str>().expect("a plain message");
    assert!(message.contains("outside of a tokio runtime"), "{message}");
}

/// What is said of something else than a started deferred.
fn of_other(what: &str, name: &str, failure: &str) -> String {
    format!("message=unhandled failure of a {what} deferred={name} failure={failure} ")
}

#[tokio::test(start_paused = true)]
async fn of_a_delayed_call_it_is_reported_with_its_function() {
    let (reports, _guard) = Reports::begin();
    let call =
        defer::time::call_later(std::time::Duration::from_secs(1), || Err::<(), _>(Typed(7)));
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert!(!call.active());
    let [report] = &reports.take()[..] else {
        panic!("one report was expected")
    };
    let begin = "message=unhandled failure of a delayed call deferred=unhandled::";
    assert!(report.starts_with(begin), "{report}");
    assert!(report.ends_with("failure=Typed(7) "), "{report}");
}

#[tokio::test]
async fn of_a_cooperative_task_it_is_reported_if_nobody_took_it() {
    let (reports, _guard) = Reports::begin();
    let task = defer::task::cooperate(fetch("a"));
    let other = defer::task::cooperate([Err::<(), _>(Failure::msg("no"))]);
    let taken = defer::task::cooperate(fetch("b"));
    assert!(taken.when_done().await.is_err());
    drop(taken);
    assert_eq!(reports.take(), [""; 0]);
    drop((task, other));
    let what = "cooperative task";
    let reported = reports.take();
    assert_eq!(reported.len(), 2, "{reported:?}");
    let of_fetch = of_other(what, "fetch", "no page a");
    assert!(reported[0].starts_with(of_fetch.trim_end()), "{reported:?}");
    assert_eq!(reported[1], of_other(what, "iterator", "no"));
}

#[tokio::test]
async fn a_cooperative_task_that_was_stopped_or_left_is_silent() {
    let (reports, _guard) = Reports::begin();
    let stopped = defer::task::cooperate(never("a"));
    let left = defer::task::cooperate(never("b"));
    yield_now().await;
    stopped.stop().unwrap();
    drop(left);
    while !stopped.is_finished() {
        yield_now().await;
    }
    drop(stopped);
    assert_eq!(reports.take(), [""; 0]);
}
