//! Starting: it runs by itself, and can be awaited, cancelled, aborted, left alone.

mod support;

use std::collections::BTreeMap;
use std::future::pending;
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use defer::prelude::*;
use defer::{Cancelled, Chain, Panicked, Started, TimedOut, Unwind};
use support::{Flag, Log};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

/// An error of the user's own. It has no `Display`.
#[derive(Debug, PartialEq)]
enum App {
    Cancelled,
    Panicked(Option<String>),
    TimedOut(Duration),
    Other,
}
impl From<Cancelled> for App {
    fn from(_: Cancelled) -> Self {
        App::Cancelled
    }
}
impl From<Panicked> for App {
    fn from(panicked: Panicked) -> Self {
        App::Panicked(panicked.message().map(str::to_owned))
    }
}
impl From<TimedOut> for App {
    fn from(late: TimedOut) -> Self {
        App::TimedOut(late.allowed().unwrap())
    }
}

const MS: Duration = Duration::from_millis(1);

#[callback]
async fn after(#[value] time: Duration, n: u32) -> Result<u32, App> {
    sleep(time).await;
    Ok(n)
}

#[callback]
async fn never(#[value] held: Flag) -> Result<u32, App> {
    let _held = held;
    pending().await
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[errback]
async fn cleanup(failure: App, #[value] log: Log) -> Result<u32, App> {
    log.add("cleaning");
    sleep(10 * MS).await;
    log.add("clean");
    Err(failure)
}

mod running {
    use super::*;

    #[tokio::test]
    async fn it_runs_though_nobody_awaits_it() {
        let log = Log::default();
        let said = log.clone();
        let started = defer(async move { said.add("ran") }).start();
        assert!(log.all().is_empty(), "not before its turn");
        assert!(!started.is_finished());
        yield_now().await;
        assert_eq!(log.all(), ["ran"]);
        assert!(started.is_finished());
        started.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn they_run_beside_each_other() {
        let begin = Instant::now();
        let (a, b) = (after(10 * MS, 1).start(), after(10 * MS, 2).start());
        sleep(10 * MS).await;
        assert_eq!(a.await.unwrap() + b.await.unwrap(), 3);
        assert_eq!(begin.elapsed(), 10 * MS);
    }

    #[tokio::test]
    async fn it_keeps_its_error() {
        assert_eq!(fail::<u8, _>(App::Other).start().await, Err(App::Other));
        let failed: Result<u8, Failure> = fail(Failure::msg("no")).start().await;
        assert_eq!(failed.unwrap_err().to_string(), "no");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_an_argument() {
        let call = add(after(MS, 1).start(), after(MS, 2).start());
        assert_eq!(call.await, Ok(3));

        #[callback]
        fn total(list: Vec<u32>) -> u32 {
            list.iter().sum()
        }
        let list: Vec<Started<u32, App>> = (0..5).map(|n| after(n * MS, n).start()).collect();
        assert_eq!(total(list).await, Ok(10));

        #[callback]
        fn observed(outcome: Result<u32, App>) -> String {
            format!("{outcome:?}")
        }
        let failed = fail::<u32, _>(App::Other).start();
        assert_eq!(observed(failed).await, "Err(Other)");

        #[errback]
        fn rescue(failure: App) -> u32 {
            assert_eq!(failure, App::Other);
            7
        }
        assert_eq!(rescue(fail::<u32, _>(App::Other).start()).await, 7);
    }

    #[tokio::test]
    async fn it_takes_callbacks_and_a_box() {
        let started = succeed(1_u32).start().add_callback(|n| n + 1);
        let boxed: Deferred<Result<u32, Failure>> = started.add_errback(|_| 0).start().boxed();
        assert_eq!(boxed.await.unwrap(), 2);
    }

    #[test]
    fn it_can_be_kept() {
        #[derive(Debug)]
        struct Cache {
            pages: BTreeMap<&'static str, Started<u32>>,
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.unwrap();
        let mut cache = Cache {
            pages: BTreeMap::from([("a", succeed(1).start_on(runtime.handle()))]),
        };
        let page = cache.pages.get_mut("a").unwrap();
        assert_eq!(runtime.block_on(page).unwrap(), 1);
        static_assertions::assert_impl_all!(Started<u32>: Send, Sync, Unpin);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_several_threads() {
        let started: Vec<_> = (0..100)
            .map(|n| {
                defer(async move {
                    yield_now().await;
                    n
                })
                .start()
            })
            .collect();
        let mut sum = 0;
        for one in started {
            sum += one.await.unwrap();
        }
        assert_eq!(sum, 4950);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_another_thread_while_this_one_is_busy() {
        let (said, told) = std::sync::mpsc::channel();
        let started = defer(async move { said.send(7).unwrap() }).start();
        assert_eq!(
            told.recv(),
            Ok(7),
            "this thread waits and does nothing else"
        );
        started.await.unwrap();
    }

    #[test]
    fn on_a_runtime_that_is_named() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build();
        let runtime = runtime.unwrap();
        let can_fail = fail::<u8, _>(App::Other).start_on(runtime.handle());
        let cannot = succeed(3).start_on(runtime.handle());
        // Their tasks need no polling; to await them needs no runtime.
        assert_eq!(futures::executor::block_on(can_fail), Err(App::Other));
        assert_eq!(futures::executor::block_on(cannot).unwrap(), 3);
    }

    #[test]
    #[should_panic(expected = "`start` was called outside of a tokio runtime")]
    fn outside_of_a_runtime_it_says_so() {
        drop(succeed(3).start());
    }

    #[test]
    #[should_panic(expected = "name one with `start_on`")]
    fn outside_of_a_runtime_it_says_what_to_do() {
        drop(fail::<u8, _>(App::Other).start());
    }

    #[test]
    fn outside_of_a_runtime_it_says_where() {
        let places = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let told = places.clone();
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            told.lock()
                .unwrap()
                .push(panic.location().unwrap().to_string());
            hook(panic);
        }));
        let line = line!();
        assert!(std::panic::catch_unwind(|| succeed(3).start()).is_err());
        assert!(std::panic::catch_unwind(|| fail::<u8, _>(App::Other).start()).is_err());
        let places = places.lock().unwrap();
        for line in [line + 1, line + 2] {
            let place = format!("starting.rs:{line}:");
            assert!(
                places.iter().any(|said| said.contains(&place)),
                "{places:?}"
            );
        }
    }

    #[tokio::test]
    async fn on_this_thread() {
        let local = tokio::task::LocalSet::new();
        let shared = Rc::new(3);
        local
            .run_until(async {
                let held = shared.clone();
                let cannot_fail = defer(async move { *held }).start_local();
                let held = shared.clone();
                let can_fail = defer(async move { Err::<Rc<u8>, App>(App::Other).or(Ok(held)) });
                let can_fail: Started<Rc<u8>, App> = can_fail.start_local();
                assert_eq!(cannot_fail.await.unwrap(), 3);
                assert_eq!(*can_fail.await.unwrap(), 3);
            })
            .await;
    }

    #[test]
    fn in_a_plan_it_is_a_leaf() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let started = fail::<u32, _>(App::Other).start_on(runtime.unwrap().handle());
        let plan = add(started, 1).plan();
        let names: Vec<_> = plan.nodes().skip(1).map(|(_, node)| node.name()).collect();
        assert_eq!(names, ["started", "value"]);
    }
}

mod cancelling {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn errbacks_clean_up_and_are_waited_for() {
        let log = Log::default();
        let (flag, gone) = Flag::new();
        let started = cleanup(never(flag), log.clone()).start();
        yield_now().await;
        let begin = Instant::now();
        started.cancel();
        assert!(!started.is_finished());
        assert_eq!(started.await, Err(App::Cancelled));
        assert_eq!(log.all(), ["cleaning", "clean"]);
        assert!(gone.load(SeqCst));
        assert_eq!(begin.elapsed(), 10 * MS);
    }

    #[tokio::test]
    async fn an_errback_recovers() {
        #[errback]
        fn caught(failure: App) -> u32 {
            assert_eq!(failure, App::Cancelled);
            7
        }
        let started = add(caught(never(Flag::new().0)), 1).start();
        yield_now().await;
        started.cancel();
        assert_eq!(started.await.unwrap(), 8);
    }

    #[tokio::test]
    async fn before_it_has_begun_nothing_begins() {
        let log = Log::default();
        let said = log.clone();
        let started = defer(async move { said.add("ran") }).start();
        started.cancel();
        assert!(started.await.unwrap_err().is_cancelled());
        assert!(log.all().is_empty());

        // Everything it needs is there, and still it does not begin.
        let started = add(1, 2).start();
        started.cancel();
        assert!(started.await.unwrap_err().is_cancelled());
    }

    #[tokio::test]
    async fn after_its_outcome_nothing_changes() {
        let started = add(1, 2).start();
        yield_now().await;
        started.cancel();
        assert_eq!(started.await.unwrap(), 3);

        let mut started = add(1, 2).start();
        yield_now().await;
        let told = Chain::cancel(std::pin::Pin::new(&mut started));
        assert!(matches!(told, Unwind::Idle), "nothing inside waits");
        assert_eq!(started.await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn again_cancels_what_cleans_up() {
        let log = Log::default();
        let started = cleanup(never(Flag::new().0), log.clone()).start();
        yield_now().await;
        started.cancel();
        yield_now().await;
        started.cancel();
        assert_eq!(started.await, Err(App::Cancelled));
        assert_eq!(log.all(), ["cleaning"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_chain_that_waits_for_it_cancels_it_and_waits() {
        let log = Log::default();
        let inner = cleanup(never(Flag::new().0), log.clone()).start();
        let (call, canceller) = add(inner, after(MS, 1).start()).cancellable();
        let call = tokio::spawn(call);
        sleep(5 * MS).await;
        canceller.cancel();
        yield_now().await;
        assert!(!call.is_finished(), "the task cleans up");
        assert_eq!(call.await.unwrap(), Err(App::Cancelled));
        assert_eq!(log.all(), ["cleaning", "clean"]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_recovers_in_the_task_is_the_value_of_the_chain_around() {
        let inner = never(Flag::new().0)
            .add_both(|outcome| outcome.unwrap_or(5))
            .start();
        let (call, canceller) = add(inner, 1).cancellable();
        canceller.cancel();
        // Not even begun: nobody can recover.
        assert!(call.await.unwrap_err().is_cancelled());

        #[errback]
        fn caught(failure: App) -> u32 {
            let _ = failure;
            7
        }
        let inner = caught(never(Flag::new().0)).start();
        let (call, canceller) = add(inner, 1).cancellable();
        let call = tokio::spawn(call);
        yield_now().await;
        canceller.cancel();
        assert_eq!(call.await.unwrap().unwrap(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn every_member_of_a_list_cleans_up() {
        #[callback]
        fn total(list: Vec<u32>) -> u32 {
            list.iter().sum()
        }
        let log = Log::default();
        let one = || cleanup(never(Flag::new().0), log.clone()).start();
        let (call, canceller) = total((0..3).map(|_| one()).collect::<Vec<_>>()).cancellable();
        let call = tokio::spawn(call);
        yield_now().await;
        canceller.cancel();
        assert_eq!(call.await.unwrap(), Err(App::Cancelled));
        assert_eq!(log.all().iter().filter(|said| *said == "clean").count(), 3);
    }

    #[tokio::test]
    async fn nobody_in_the_task_takes_it_but_an_errback_around() {
        #[errback]
        fn caught(failure: App) -> u32 {
            assert_eq!(failure, App::Cancelled);
            7
        }
        let started = never(Flag::new().0).start();
        let canceller = started.canceller();
        let call = tokio::spawn(caught(started));
        yield_now().await;
        canceller.cancel();
        assert_eq!(call.await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_around_it_is_told_from_a_cancellation() {
        // Though its error has its own idea of one.
        let started = never(Flag::new().0).start().timeout(3 * MS);
        assert_eq!(started.await, Err(App::TimedOut(3 * MS)));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn from_another_thread() {
        for _ in 0..50 {
            let started = never(Flag::new().0).start();
            let canceller = started.canceller();
            let other = std::thread::spawn(move || canceller.cancel());
            assert_eq!(started.await, Err(App::Cancelled));
            other.join().unwrap();
        }
    }
}

mod letting_go {
    use super::*;

    fn watched(
        log: &Log,
    ) -> (
        Started<u32, App>,
        std::sync::Arc<std::sync::atomic::AtomicBool>,
    ) {
        let (flag, gone) = Flag::new();
        (cleanup(never(flag), log.clone()).start(), gone)
    }

    #[tokio::test]
    async fn to_drop_it_is_to_abort_it() {
        let log = Log::default();
        let (started, gone) = watched(&log);
        yield_now().await;
        drop(started);
        yield_now().await;
        assert!(gone.load(SeqCst));
        assert!(log.all().is_empty(), "no errback runs");
    }

    #[tokio::test]
    async fn so_is_to_drop_what_it_is_inside() {
        let log = Log::default();
        let (started, gone) = watched(&log);
        let call = add(1, started.add_callback(|n| n + 1)).boxed();
        yield_now().await;
        drop(call);
        yield_now().await;
        assert!(gone.load(SeqCst) && log.all().is_empty());
    }

    #[tokio::test]
    async fn a_failure_beside_it_aborts_it() {
        let (started, gone) = watched(&Log::default());
        assert_eq!(
            add(started, fail::<u32, _>(App::Other)).await,
            Err(App::Other)
        );
        yield_now().await;
        assert!(gone.load(SeqCst));
    }

    #[tokio::test]
    async fn aborted_and_awaited_it_was_cancelled() {
        let log = Log::default();
        let (started, gone) = watched(&log);
        yield_now().await;
        started.abort();
        assert_eq!(started.await, Err(App::Cancelled));
        assert!(gone.load(SeqCst) && log.all().is_empty());

        let late = add(1, 2).start();
        yield_now().await;
        late.abort();
        assert_eq!(late.await.unwrap(), 3, "its outcome was there");
    }

    #[tokio::test(start_paused = true)]
    async fn detached_it_goes_on() {
        let log = Log::default();
        let said = log.clone();
        let work = after(10 * MS, 1).add_callback(move |n| {
            said.add("done");
            n
        });
        work.start().detach();
        sleep(9 * MS).await;
        assert!(log.all().is_empty());
        sleep(2 * MS).await;
        assert_eq!(log.all(), ["done"]);
    }

    #[tokio::test(start_paused = true)]
    async fn in_the_middle_of_its_clean_up() {
        let log = Log::default();
        let (started, _) = watched(&log);
        yield_now().await;
        started.cancel();
        yield_now().await;
        drop(started);
        sleep(20 * MS).await;
        assert_eq!(log.all(), ["cleaning"], "dropped, it does not end");

        let log = Log::default();
        let (started, _) = watched(&log);
        yield_now().await;
        started.cancel();
        started.detach();
        sleep(20 * MS).await;
        assert_eq!(log.all(), ["cleaning", "clean"], "detached, it does");
    }

    #[test]
    fn the_runtime_goes() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (flag, gone) = Flag::new();
        let started = never(flag).start_on(runtime.handle());
        drop(runtime);
        assert!(gone.load(SeqCst));
        assert!(started.is_finished());
        assert_eq!(futures::executor::block_on(started), Err(App::Cancelled));
    }
}

mod racing {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn its_end_against_its_owner() {
        for round in 0..2000 {
            let (flag, gone) = Flag::new();
            let started = defer(async move {
                let _held = flag;
                for _ in 0..round % 7 {
                    yield_now().await;
                }
                round
            })
            .start();
            let canceller = started.canceller();
            let other =
                (round % 3 == 0).then(|| tokio::task::spawn_blocking(move || canceller.cancel()));
            match round % 4 {
                0 => drop(started),
                1 => started.detach(),
                2 => {
                    started.abort();
                    assert!(
                        started
                            .await
                            .map_or_else(|why| why.is_cancelled(), |n| n == round)
                    );
                }
                _ => {
                    started.cancel();
                    assert!(
                        started
                            .await
                            .map_or_else(|why| why.is_cancelled(), |n| n == round)
                    );
                }
            }
            if let Some(other) = other {
                other.await.unwrap();
            }
            while !gone.load(SeqCst) {
                yield_now().await;
            }
        }
    }
}

mod panicking {
    use super::*;

    #[callback]
    fn boom(n: u32) -> Result<u32, App> {
        panic!("boom {n}")
    }

    #[tokio::test]
    async fn it_is_a_failure() {
        let told = App::Panicked(Some("boom 1".into()));
        assert_eq!(boom(1).start().await, Err(told));

        let failure = defer(async { [1][std::hint::black_box(1)] }).start().await;
        let failure = failure.unwrap_err();
        let panicked = failure.check::<Panicked>().unwrap();
        assert!(panicked.message().unwrap().contains("out of bounds"));
    }

    #[tokio::test]
    async fn others_run_on() {
        let (bad, good) = (boom(1).start(), add(1, 2).start());
        assert!(bad.await.is_err());
        assert_eq!(good.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn an_errback_takes_it() {
        #[errback]
        fn rescue(failure: App) -> u32 {
            assert!(matches!(failure, App::Panicked(_)));
            7
        }
        assert_eq!(rescue(boom(1).start()).await, 7);
    }

    #[tokio::test]
    async fn it_can_go_on_where_it_is_awaited() {
        let failed = defer(async { std::panic::panic_any(7_u8) as u8 })
            .start()
            .await;
        let failure = failed.unwrap_err();
        let panicked = failure.check::<Panicked>().unwrap().clone();
        let caught = std::panic::catch_unwind(move || -> () { panicked.resume() });
        assert_eq!(*caught.unwrap_err().downcast::<u8>().unwrap(), 7);
    }

    #[tokio::test]
    async fn while_it_is_cancelled() {
        #[errback]
        fn broken(failure: App) -> u32 {
            panic!("cannot take {failure:?}")
        }
        let started = broken(never(Flag::new().0)).start();
        yield_now().await;
        started.cancel();
        let failure = started.await.unwrap_err();
        let panicked = failure.check::<Panicked>().unwrap();
        assert_eq!(panicked.message(), Some("cannot take Cancelled"));
    }

    /// Panics when it goes.
    struct Brittle;
    impl Drop for Brittle {
        fn drop(&mut self) {
            panic!("dropped")
        }
    }

    #[tokio::test]
    async fn while_what_is_used_up_is_dropped() {
        struct Holds(#[allow(dead_code, reason = "it is dropped")] Brittle);
        impl Future for Holds {
            type Output = u8;
            fn poll(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<u8> {
                std::task::Poll::Ready(1)
            }
        }
        let failure = defer(Holds(Brittle)).start().await.unwrap_err();
        let panicked = failure.check::<Panicked>().unwrap();
        assert_eq!(panicked.message(), Some("dropped"));
    }

    #[tokio::test]
    async fn while_it_is_aborted_nobody_is_hurt() {
        let started = defer(async {
            let _brittle = Brittle;
            pending::<u8>().await
        })
        .start();
        yield_now().await;
        started.abort();
        let failure = started.await.unwrap_err();
        assert!(failure.check::<Panicked>().is_some());
    }
}
