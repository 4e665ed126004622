//! What Twisted's own tests show of tasks that take turns, as it reads in Rust.
//!
//! By the classes of `twisted/test/test_cooperator.py` in Twisted 26.10.0, each test numbered
//! by its place in its class; the sums are in `README.md`. A task's result comes in a later
//! turn, since deferreds act when they are polled. One that yields the iterator in Twisted
//! yields `()` here.
//!
//! # `CooperatorTests`: 14
//!
//! | original | here |
//! | --- | --- |
//! | 1: stopped, it takes no tasks | [`a_stopped_cooperator_takes_no_tasks`] |
//! | 2: stopped, what has begun is not done | [`what_has_begun_is_not_done_when_the_cooperator_is_stopped`] |
//! | 3: stopped while a task waits | [`a_task_that_waits_ends_when_the_cooperator_is_stopped`] |
//! | 4: the iterator fails | [`an_iterator_that_panics_fails_its_task_and_no_other`]; [`a_unit_that_is_an_error_fails_its_task`] |
//! | 5: what a unit waits for fails | [`a_unit_that_fails_later_fails_its_task`] |
//! | 6: it has failed already | [`a_unit_that_has_failed_fails_its_task`] |
//! | 7: one unit of each | [`tasks_have_one_unit_each_in_turn`] |
//! | 8: a turn is over when it is told so | [`a_turn_is_over_when_the_predicate_says_so`] |
//! | 9: work that is added when other work is done | [`work_that_is_added_when_other_work_is_done_is_done_soon`] |
//! | 10: without tasks nothing is scheduled | [`without_tasks_there_is_no_driver`] |
//! | 11: runs when it was started at once | [`a_new_cooperator_runs`] |
//! | 12: does not run before it is started | [`one_that_is_not_started_does_not_run`] |
//! | 13: runs when it is started | [`one_that_is_started_runs`] |
//! | 14: does not run when it was stopped | [`one_that_was_stopped_does_not_run`] |
//!
//! # `AliasTests`: 1
//!
//! | original | here |
//! | --- | --- |
//! | 1: the cooperator that all share | [`the_shared_cooperator_does_the_work`] |
//!
//! # `RunStateTests`: 14
//!
//! | original | here |
//! | --- | --- |
//! | 1: paused and resumed | [`paused_a_task_has_no_turns_until_it_is_resumed`] |
//! | 2: resumed, but not paused | [`a_task_that_is_not_paused_cannot_be_resumed`] |
//! | 3: paused twice | [`paused_twice_a_task_is_resumed_twice`] |
//! | 4: paused while it waits | [`paused_while_it_waits_a_task_needs_both`] |
//! | 5: its result, more than once | [`each_who_waits_has_the_result_for_himself`] |
//! | 6: its failure | [`who_waits_has_the_failure`] |
//! | 7: stopped | [`who_waits_hears_that_it_was_stopped`] |
//! | 8: done already | [`who_comes_late_has_the_result_at_once`] |
//! | 9: stopped, it does nothing more | [`stopped_a_task_has_no_turns_and_cannot_be_stopped_or_paused`] |
//! | 10: paused, stopped, resumed | [`paused_stopped_and_resumed_a_task_does_nothing`] |
//! | 11: stopped while it waits | [`stopped_while_it_waits_a_task_does_nothing_more`]: what it waits for is cancelled |
//! | 12: stopped when it is done | [`a_task_that_is_done_cannot_be_stopped`] |
//! | 13: stopped when it has failed | [`a_task_that_has_failed_cannot_be_stopped`] |
//! | 14: who waits stops the cooperator | [`who_waits_may_stop_the_cooperator`] |

mod support;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use defer::prelude::*;
use defer::task::{CooperativeTask, Cooperator, TaskFinished, cooperate};
use defer::{NotPaused, Panicked, Resolver};
use support::Log;
use tokio::runtime::Handle;
use tokio::task::yield_now;

/// What a worker does next.
enum Order {
    Wait,
    Stop,
    Fail,
}

type Unit = Deferred<Result<(), Failure>>;

/// An iterator whose units count up, unless it is told otherwise.
#[derive(Clone, Default)]
struct Worker {
    orders: Arc<Mutex<VecDeque<Order>>>,
    work: Arc<Mutex<Vec<u32>>>,
    waiting: Arc<Mutex<Vec<Resolver<()>>>>,
    count: u32,
}

impl Worker {
    fn order(&self, order: Order) {
        self.orders.lock().unwrap().push_back(order);
    }
    fn work(&self) -> Vec<u32> {
        self.work.lock().unwrap().clone()
    }
    fn waiting(&self) -> Option<Resolver<()>> {
        self.waiting.lock().unwrap().pop()
    }
}

impl Iterator for Worker {
    type Item = Unit;
    fn next(&mut self) -> Option<Unit> {
        self.count += 1;
        match self.orders.lock().unwrap().pop_front() {
            None => {
                self.work.lock().unwrap().push(self.count);
                Some(succeed(Ok(())).boxed())
            }
            Some(Order::Wait) => {
                let (resolver, waits) = Deferred::<Result<(), Failure>, _>::new();
                self.waiting.lock().unwrap().push(resolver);
                Some(waits.boxed())
            }
            Some(Order::Stop) => None,
            Some(Order::Fail) => Some(fail(Failure::msg("unhandled")).boxed()),
        }
    }
}

/// A cooperator of one unit in a turn, and a task of a worker.
fn working() -> (Cooperator, CooperativeTask, Worker) {
    let worker = Worker::default();
    let cooperator = Cooperator::builder().units(1).build();
    let task = cooperator.cooperate(worker.clone());
    (cooperator, task, worker)
}

/// Let the cooperator have a turn.
async fn turn() {
    yield_now().await;
}

fn stopped_by<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> TaskFinished {
    let failure = outcome.unwrap_err();
    *failure.check::<TaskFinished>().unwrap()
}

// CooperatorTests

#[tokio::test]
async fn a_stopped_cooperator_takes_no_tasks() {
    let cooperator = Cooperator::new();
    cooperator.stop();
    let log = Log::default();
    let said = log.clone();
    let refused = cooperator.coiterate((0..3).map(move |n| said.add(format!("{n}"))));
    assert_eq!(stopped_by(refused.await), TaskFinished::SchedulerStopped);
    let task = cooperator.cooperate(0..3);
    assert_eq!(task.pause(), Err(TaskFinished::SchedulerStopped));
    let refused = task.when_done().await;
    assert_eq!(stopped_by(refused), TaskFinished::SchedulerStopped);
    assert_eq!(log.all(), [""; 0]);
}

#[tokio::test]
async fn what_has_begun_is_not_done_when_the_cooperator_is_stopped() {
    let (cooperator, task, worker) = working();
    turn().await;
    cooperator.stop();
    let outcome = task.when_done().await;
    assert_eq!(stopped_by(outcome), TaskFinished::SchedulerStopped);
    assert_eq!(worker.work(), [1]);
}

#[tokio::test]
async fn a_task_that_waits_ends_when_the_cooperator_is_stopped() {
    let (cooperator, task, worker) = working();
    worker.order(Order::Wait);
    turn().await;
    cooperator.stop();
    let outcome = task.when_done().await;
    assert_eq!(stopped_by(outcome), TaskFinished::SchedulerStopped);
    let resolver = worker.waiting().unwrap();
    assert_eq!(resolver.callback(()), Err(()));
    assert_eq!(worker.work(), []);
}

#[tokio::test]
async fn an_iterator_that_panics_fails_its_task_and_no_other() {
    let cooperator = Cooperator::new();
    let broken = cooperator.cooperate((0..3).map(|_| -> u8 { panic!("no") }));
    let whole = cooperator.cooperate(0..3);
    let failure = broken.when_done().await.unwrap_err();
    let panicked = failure.check::<Panicked>().unwrap();
    assert_eq!(panicked.message(), Some("no"));
    whole.when_done().await.unwrap();
}

#[tokio::test]
async fn a_unit_that_is_an_error_fails_its_task() {
    let units = [Ok(()), Err(Failure::msg("no")), Ok(())];
    let log = Log::default();
    let said = log.clone();
    let units = units.into_iter().inspect(move |_| said.add("unit"));
    let failure = Cooperator::new().coiterate(units).await.unwrap_err();
    assert_eq!(failure.to_string(), "no");
    assert_eq!(log.all(), ["unit", "unit"]);
}

#[tokio::test]
async fn a_unit_that_fails_later_fails_its_task() {
    let (_cooperator, task, worker) = working();
    worker.order(Order::Wait);
    turn().await;
    worker
        .waiting()
        .unwrap()
        .errback(Failure::msg("no"))
        .unwrap();
    let failure = task.when_done().await.unwrap_err();
    assert_eq!(failure.to_string(), "no");
    assert_eq!(task.pause(), Err(TaskFinished::Failed));
}

#[tokio::test]
async fn a_unit_that_has_failed_fails_its_task() {
    let units = [fail::<(), _>(Failure::msg("no"))];
    let failure = Cooperator::new().coiterate(units).await.unwrap_err();
    assert_eq!(failure.to_string(), "no");
}

#[tokio::test]
async fn tasks_have_one_unit_each_in_turn() {
    let log = Log::default();
    let cooperator = Cooperator::new();
    let groups = [
        ["a", "b", "c"],
        ["1", "2", "3"],
        ["d", "e", "f"],
        ["4", "5", "6"],
    ];
    let tasks = groups.map(|group| {
        let said = log.clone();
        cooperator.cooperate(group.into_iter().map(move |what| said.add(what)))
    });
    for task in tasks {
        task.when_done().await.unwrap();
    }
    assert_eq!(log.all().concat(), "a1d4b2e5c3f6");
}

#[tokio::test]
async fn a_turn_is_over_when_the_predicate_says_so() {
    let over = Arc::new(AtomicBool::new(false));
    let (asked, told) = (over.clone(), over.clone());
    let log = Log::default();
    let said = log.clone();
    let cooperator = Cooperator::builder()
        .until(move |_| asked.load(SeqCst))
        .build();
    let task = cooperator.cooperate((0..100).map(move |n| {
        said.add(n.to_string());
        told.fetch_or(n == 9, SeqCst);
    }));
    turn().await;
    cooperator.stop();
    let outcome = task.when_done().await;
    assert_eq!(stopped_by(outcome), TaskFinished::SchedulerStopped);
    assert!(over.load(SeqCst));
    assert_eq!(log.all().concat(), "0123456789");
}

#[tokio::test]
async fn work_that_is_added_when_other_work_is_done_is_done_soon() {
    let cooperator = Cooperator::builder().units(1).build();
    let again = cooperator.clone();
    let both = cooperator
        .coiterate(0..0)
        .add_callback(move |()| again.coiterate(0..0));
    let both = both.start();
    let mut turns = 0;
    while !both.is_finished() {
        turn().await;
        turns += 1;
        assert!(turns < 10, "it takes too long");
    }
    both.await.unwrap();
}

#[tokio::test]
async fn without_tasks_there_is_no_driver() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let cooperator = Cooperator::builder().units(1).build();
    assert_eq!(alive(), 0);
    let first = cooperator.cooperate(0..);
    let second = cooperator.cooperate(0..);
    assert_eq!(alive(), 1);
    first.stop().unwrap();
    turn().await;
    turn().await;
    assert!(first.is_finished());
    assert_eq!(alive(), 1);
    second.stop().unwrap();
    for _ in 0..3 {
        turn().await;
    }
    assert_eq!(alive(), 0);
    let third = cooperator.cooperate(0..3);
    assert_eq!(alive(), 1);
    third.when_done().await.unwrap();
}

#[test]
fn a_new_cooperator_runs() {
    assert!(Cooperator::new().is_running());
}

#[test]
fn one_that_is_not_started_does_not_run() {
    assert!(!Cooperator::builder().started(false).build().is_running());
}

#[tokio::test]
async fn one_that_is_started_runs() {
    let cooperator = Cooperator::builder().started(false).build();
    let task = cooperator.cooperate(0..3);
    for _ in 0..3 {
        turn().await;
    }
    assert!(!task.is_finished());
    cooperator.start();
    assert!(cooperator.is_running());
    task.when_done().await.unwrap();
}

#[tokio::test]
async fn one_that_was_stopped_does_not_run() {
    let cooperator = Cooperator::builder().started(false).build();
    cooperator.start();
    cooperator.stop();
    assert!(!cooperator.is_running());
}

// AliasTests

#[tokio::test]
async fn the_shared_cooperator_does_the_work() {
    let (resolver, done) = Deferred::<Result<&str, Failure>, _>::new();
    let mut resolver = Some(resolver);
    let units = (1..=4).map(move |n| {
        if n == 4 {
            resolver.take().unwrap().callback("done").unwrap();
        }
    });
    let task = cooperate(units);
    assert_eq!(done.await.unwrap(), "done");
    task.when_done().await.unwrap();
}

// RunStateTests

#[tokio::test]
async fn paused_a_task_has_no_turns_until_it_is_resumed() {
    let (_cooperator, task, worker) = working();
    turn().await;
    assert_eq!(worker.work(), [1]);
    turn().await;
    assert_eq!(worker.work(), [1, 2]);

    task.pause().unwrap();
    turn().await;
    turn().await;
    assert_eq!(worker.work(), [1, 2]);
    task.resume().unwrap();
    assert_eq!(worker.work(), [1, 2]);
    turn().await;
    assert_eq!(worker.work(), [1, 2, 3]);
}

#[tokio::test]
async fn a_task_that_is_not_paused_cannot_be_resumed() {
    let (_cooperator, task, worker) = working();
    assert_eq!(task.resume(), Err(NotPaused));
    task.pause().unwrap();
    task.resume().unwrap();
    assert_eq!(task.resume(), Err(NotPaused));
    // To wait is not to be paused.
    worker.order(Order::Wait);
    turn().await;
    assert_eq!(task.resume(), Err(NotPaused));
}

#[tokio::test]
async fn paused_twice_a_task_is_resumed_twice() {
    let (_cooperator, task, worker) = working();
    task.pause().unwrap();
    turn().await;
    assert_eq!(worker.work(), []);
    task.pause().unwrap();
    turn().await;
    assert_eq!(worker.work(), []);
    task.resume().unwrap();
    turn().await;
    assert_eq!(worker.work(), []);
    task.resume().unwrap();
    turn().await;
    assert_eq!(worker.work(), [1]);
}

#[tokio::test]
async fn paused_while_it_waits_a_task_needs_both() {
    for resumed_first in [true, false] {
        let (_cooperator, task, worker) = working();
        worker.order(Order::Wait);
        turn().await;
        task.pause().unwrap();
        let resolver = worker.waiting().unwrap();
        if resumed_first {
            task.resume().unwrap();
            turn().await;
            assert_eq!(worker.work(), []);
            resolver.callback(()).unwrap();
        } else {
            resolver.callback(()).unwrap();
            turn().await;
            assert_eq!(worker.work(), []);
            task.resume().unwrap();
        }
        turn().await;
        assert_eq!(worker.work(), [2]);
    }
}

#[tokio::test]
async fn each_who_waits_has_the_result_for_himself() {
    let (_cooperator, task, worker) = working();
    let first = task.when_done().add_callback(|()| 1);
    let second = task.when_done().add_callback(|()| 2);
    worker.order(Order::Stop);
    turn().await;
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(second.await.unwrap(), 2);
}

#[tokio::test]
async fn who_waits_has_the_failure() {
    let (_cooperator, task, worker) = working();
    let waits = task.when_done();
    worker.order(Order::Fail);
    assert_eq!(waits.await.unwrap_err().to_string(), "unhandled");
}

#[tokio::test]
async fn who_waits_hears_that_it_was_stopped() {
    let (_cooperator, task, _worker) = working();
    let waits = task.when_done();
    task.stop().unwrap();
    assert_eq!(stopped_by(waits.await), TaskFinished::Stopped);
}

#[tokio::test]
async fn who_comes_late_has_the_result_at_once() {
    let (_cooperator, task, worker) = working();
    worker.order(Order::Stop);
    turn().await;
    let mut waits = Box::pin(task.when_done());
    assert!(support::poll_once(waits.as_mut()).is_ready());
}

#[tokio::test]
async fn stopped_a_task_has_no_turns_and_cannot_be_stopped_or_paused() {
    let (_cooperator, task, worker) = working();
    task.stop().unwrap();
    turn().await;
    assert_eq!(worker.work(), []);
    assert_eq!(task.stop(), Err(TaskFinished::Stopped));
    assert_eq!(task.pause(), Err(TaskFinished::Stopped));
    turn().await;
    assert_eq!(worker.work(), []);
}

#[tokio::test]
async fn paused_stopped_and_resumed_a_task_does_nothing() {
    let (_cooperator, task, worker) = working();
    task.pause().unwrap();
    task.stop().unwrap();
    assert_eq!(task.resume(), Ok(()));
    turn().await;
    turn().await;
    assert_eq!(worker.work(), []);
    assert_eq!(stopped_by(task.when_done().await), TaskFinished::Stopped);
}

#[tokio::test]
async fn stopped_while_it_waits_a_task_does_nothing_more() {
    let (_cooperator, task, worker) = working();
    worker.order(Order::Wait);
    turn().await;
    let resolver = worker.waiting().unwrap();
    task.stop().unwrap();
    turn().await;
    assert!(resolver.is_cancelled());
    assert_eq!(resolver.callback(()), Err(()));
    turn().await;
    assert_eq!(worker.work(), []);
    assert_eq!(stopped_by(task.when_done().await), TaskFinished::Stopped);
}

#[tokio::test]
async fn a_task_that_is_done_cannot_be_stopped() {
    let (_cooperator, task, worker) = working();
    worker.order(Order::Stop);
    turn().await;
    assert_eq!(task.stop(), Err(TaskFinished::Done));
}

#[tokio::test]
async fn a_task_that_has_failed_cannot_be_stopped() {
    let (_cooperator, task, worker) = working();
    worker.order(Order::Fail);
    turn().await;
    assert_eq!(task.stop(), Err(TaskFinished::Failed));
    assert!(task.when_done().await.is_err());
}

#[tokio::test]
async fn who_waits_may_stop_the_cooperator() {
    let (cooperator, task, worker) = working();
    let log = Log::default();
    let said = log.clone();
    let waits = task.when_done().add_callback(move |()| {
        said.add("before");
        cooperator.stop();
        said.add("after");
    });
    worker.order(Order::Stop);
    waits.await.unwrap();
    assert_eq!(log.all(), ["before", "after"]);
    assert_eq!(task.stop(), Err(TaskFinished::Done));
}
