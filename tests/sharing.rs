//! One deferred for many: clones among annotated functions, followers, tasks, limits of time.
//!
//! What clones do poll by poll is in `../defer-core/tests/share.rs`.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use defer::prelude::*;
use defer::{Cancelled, Panicked, TimedOut};
use tokio::time::sleep;

use crate::support::{Flag, Log, never};

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[callback]
fn sum(all: Vec<u32>) -> u32 {
    all.iter().sum()
}

#[errback]
fn or_zero(_: Failure) -> u32 {
    0
}

#[tokio::test(start_paused = true)]
async fn a_clone_is_an_argument_like_any_other() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let shared = defer(async move {
        counted.fetch_add(1, SeqCst);
        sleep(Duration::from_millis(10)).await;
        20
    })
    .shared();
    let twice = add(shared.clone(), shared.clone());
    assert_eq!(add(twice, shared.clone()).await, 60);
    assert_eq!(sum(vec![shared.clone(), shared.clone(), shared]).await, 60);
    assert_eq!(runs.load(SeqCst), 1);
}

#[test]
fn a_plan_draws_shared_work_once() {
    let shared = add(1, 2).shared();
    let plan = add(shared.clone(), shared).plan().to_string();
    let names: Vec<_> = plan
        .lines()
        .map(|line| line.split(" (").next().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "add",
            "  a: shared #1",
            "    add",
            "      a: value",
            "      b: value",
            "  b: shared #1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn followers_on_tasks_of_their_own_each_recover_or_not() {
    let (resolver, page) = Deferred::<Result<u32, Failure>, _>::new();
    let [recovers, fails, adds] = page.split();
    let recovers = or_zero(recovers).start();
    let adds = adds.add_callback(|n| n + 1).start();
    let fails = fails.start();
    tokio::task::yield_now().await;
    resolver.errback(Failure::msg("no such page")).unwrap();
    assert_eq!(recovers.await.unwrap(), 0);
    assert_eq!(fails.await.unwrap_err().to_string(), "no such page");
    assert_eq!(adds.await.unwrap_err().to_string(), "no such page");
}

#[tokio::test(start_paused = true)]
async fn each_follower_has_a_trail_of_its_own() {
    let [plain, longer] = fail::<u32, _>(Failure::msg("no such page")).split();
    let longer = add(longer, 1).await.unwrap_err();
    let plain = plain.await.unwrap_err();
    assert!(longer.trail().to_string().contains("add"), "{longer:#}");
    assert!(!plain.trail().to_string().contains("add"), "{plain:#}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_time_on_one_clone_leaves_the_others_alone() {
    let shared = defer(async {
        sleep(Duration::from_secs(3)).await;
        7
    })
    .shared();
    let limit = Duration::from_secs(1);
    let hurried = shared.clone().timeout(limit);
    assert_eq!(hurried.await, Err(TimedOut::after(limit)));
    assert_eq!(shared.await, 7);
}

#[tokio::test(start_paused = true)]
async fn shared_work_runs_under_the_limit_of_whoever_polls_it() {
    let shared = defer(async { defer::time::remaining() }).shared();
    let limit = Duration::from_secs(1);
    assert_eq!(shared.clone().timeout(limit).await, Ok(Some(limit)));
    let other = shared.timeout(Duration::from_secs(9));
    assert_eq!(other.await, Ok(Some(limit)), "it ran once");
}

#[tokio::test(start_paused = true)]
async fn the_task_that_polls_is_aborted_and_the_other_goes_on() {
    let shared = defer(async {
        sleep(Duration::from_secs(3)).await;
        7
    })
    .shared();
    let polls = shared.clone().start();
    let waits = shared.start();
    tokio::task::yield_now().await;
    polls.abort();
    assert_eq!(waits.await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn cancelled_by_all_its_tasks_the_work_cleans_up_once() {
    let log = Log::default();
    let said = log.clone();
    let (never, seen) = never::<Result<u32, Failure>>();
    let shared = never
        .add_errback(move |why: Failure| {
            said.add("cleans up");
            Err::<u32, _>(why)
        })
        .shared();
    let tasks: Vec<_> = (0..3).map(|_| shared.clone().start()).collect();
    drop(shared);
    tokio::task::yield_now().await;
    for task in &tasks {
        assert!(log.all().is_empty(), "somebody waits");
        task.cancel();
        tokio::task::yield_now().await;
    }
    for task in tasks {
        assert!(task.await.unwrap_err().is_cancelled());
    }
    assert_eq!(log.all(), ["cleans up"]);
    assert!(seen.dropped());
}

#[tokio::test(start_paused = true)]
async fn a_caught_panic_is_a_failure_for_every_clone() {
    let shared = defer(async {
        if true {
            panic!("odd page")
        }
        7
    })
    .catch_panics()
    .add_errback(|why: Panicked| Err::<u32, Failure>(why.into()))
    .shared();
    for clone in [shared.clone(), shared] {
        assert!(clone.await.unwrap_err().to_string().contains("odd page"));
    }
}

#[test]
fn clones_share_one_run_among_threads_of_a_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let runs = Arc::new(AtomicUsize::new(0));
        let (resolver, go) = Deferred::<Result<(), Failure>, _>::new();
        let counted = runs.clone();
        let shared = go
            .add_callback(move |()| counted.fetch_add(1, SeqCst) as u32)
            .shared();
        let tasks: Vec<_> = (0..100).map(|_| shared.clone().start()).collect();
        tokio::task::yield_now().await;
        resolver.callback(()).unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 0);
        }
        assert_eq!(runs.load(SeqCst), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn a_runtime_that_is_gone_takes_its_waiters_with_it() {
    let (flag, dropped) = Flag::new();
    let shared = defer(async move {
        let _flag = flag;
        std::future::pending::<u32>().await
    })
    .shared();
    let weak = shared.downgrade();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let waits = shared.start_on(runtime.handle());
        runtime.block_on(tokio::task::yield_now());
        drop(runtime);
        assert_eq!(
            futures::executor::block_on(waits).unwrap_err().check(),
            Some(&Cancelled)
        );
    })
    .join()
    .unwrap();
    assert!(dropped.load(SeqCst));
    assert!(weak.upgrade().is_none());
}
