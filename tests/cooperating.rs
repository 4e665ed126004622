//! Tasks that take turns: their work, their results, and what stopping does to them.

mod support;

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use defer::prelude::*;
use defer::task::{
    CooperativeTask, Cooperator, TaskFinished, WhenDone, coiterate, cooperate, give_way,
    iterate_here,
};
use defer::time::{defer_later, remaining};
use defer::{Cancelled, Panicked};
use futures::stream;
use static_assertions::assert_impl_all;
use support::{Flag, Log, poll_once, poll_to_end};
use tokio::runtime::{Builder, Handle};
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};

const SECOND: Duration = Duration::from_secs(1);

assert_impl_all!(Cooperator: Send, Sync, Unpin, Clone, Default);
assert_impl_all!(CooperativeTask<u8, Failure>: Send, Sync, Unpin, Clone);
assert_impl_all!(WhenDone<u8, Failure>: Send, Sync, Unpin);

/// One unit in a turn.
fn stepwise() -> Cooperator {
    Cooperator::builder().units(1).build()
}

async fn turns(count: usize) {
    for _ in 0..count {
        yield_now().await;
    }
}

/// Fails with its cancellation after it has cleaned up for a second.
fn cleans_up(log: &Log) -> Deferred<Result<(), Failure>> {
    let log = log.clone();
    defer(pending::<Result<(), Failure>>())
        .add_errback(move |why| {
            log.add("cleans up");
            defer_later(SECOND, move || {
                log.add("has cleaned up");
                Err::<(), _>(why)
            })
        })
        .boxed()
}

/// Units that never end, and say so when they are dropped.
fn endless(flag: Flag) -> impl Iterator<Item = ()> + Send {
    (0..).map(move |_: u64| {
        let _flag = &flag;
    })
}

fn finished<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> TaskFinished {
    let failure = outcome.unwrap_err();
    *failure
        .check()
        .unwrap_or_else(|| panic!("it failed otherwise: {failure}"))
}

#[callback]
async fn sum(upto: u64) -> Result<u64, Failure> {
    let mut sum = 0;
    for n in 0..upto {
        sum += n;
        give_way().await;
    }
    Ok(sum)
}

mod work {
    use super::*;

    #[tokio::test]
    async fn is_a_stream() {
        let log = Log::default();
        let said = log.clone();
        let units = stream::unfold(0, move |n| {
            let said = said.clone();
            async move {
                yield_now().await;
                said.add(format!("{n}"));
                (n < 3).then_some(((), n + 1))
            }
        });
        cooperate(units).when_done().await.unwrap();
        assert_eq!(log.all().concat(), "0123");
    }

    #[tokio::test(start_paused = true)]
    async fn is_a_stream_of_deferreds() {
        let begin = Instant::now();
        let units = stream::iter(0..3).map_to_waits();
        coiterate(units).await.unwrap();
        assert_eq!(begin.elapsed(), 3 * SECOND);
    }

    trait Waits: Sized {
        fn map_to_waits(self) -> impl futures::Stream<Item = Deferred<Result<(), Failure>>> + Send
        where
            Self: futures::Stream<Item = i32> + Send,
        {
            futures::StreamExt::map(self, |_| defer_later(SECOND, || Ok(())).boxed())
        }
    }
    impl<S> Waits for S {}

    #[tokio::test]
    async fn is_a_deferred_with_its_result() {
        assert_eq!(cooperate(sum(1000)).when_done().await.unwrap(), 499_500);
        assert_eq!(coiterate(sum(10)).await.unwrap(), 45);
    }

    #[tokio::test]
    async fn is_a_deferred_that_cannot_fail() {
        assert_eq!(coiterate(succeed(7)).await.unwrap(), 7);
    }

    #[derive(Clone, Debug, PartialEq)]
    enum App {
        Finished(TaskFinished),
        Panicked,
        Own(u8),
    }
    impl From<TaskFinished> for App {
        fn from(finished: TaskFinished) -> Self {
            App::Finished(finished)
        }
    }
    impl From<Panicked> for App {
        fn from(_: Panicked) -> Self {
            App::Panicked
        }
    }

    #[tokio::test]
    async fn fails_with_its_own_error() {
        let units = (0..).map(|n| if n < 3 { Ok(()) } else { Err(App::Own(n)) });
        assert_eq!(coiterate(units).await, Err(App::Own(3)));
        let broken = cooperate((0..1).map(|_| -> Result<(), App> { panic!("no") }));
        assert_eq!(broken.when_done().await, Err(App::Panicked));
        let endless = cooperate((0..).map(|_| Ok::<_, App>(())));
        endless.stop().unwrap();
        let stopped = App::Finished(TaskFinished::Stopped);
        assert_eq!(endless.when_done().await, Err(stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_each_deferred_before_the_next_unit() {
        let begin = Instant::now();
        let log = Log::default();
        let said = log.clone();
        let units = (0..3).map(move |_| {
            said.add(format!("{:?}", begin.elapsed()));
            defer_later(SECOND, || ())
        });
        coiterate(units).await.unwrap();
        assert_eq!(log.all(), ["0ns", "1s", "2s"]);
        assert_eq!(begin.elapsed(), 3 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn that_waits_lets_the_others_go_on() {
        let log = Log::default();
        let (slow, quick) = (log.clone(), log.clone());
        let cooperator = Cooperator::new();
        let slow = cooperator.cooperate((0..2).map(move |n| {
            slow.add(format!("slow {n}"));
            defer_later(SECOND, || ())
        }));
        let quick = cooperator.cooperate((0..3).map(move |n| quick.add(format!("quick {n}"))));
        quick.when_done().await.unwrap();
        slow.when_done().await.unwrap();
        assert_eq!(
            log.all(),
            ["slow 0", "quick 0", "quick 1", "quick 2", "slow 1"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn knows_how_much_time_is_left() {
        let log = Log::default();
        let said = log.clone();
        let units = (0..2).map(move |_| {
            said.add(format!("{:?}", remaining()));
            defer_later(SECOND, || ())
        });
        let limited = coiterate(units).timeout(3 * SECOND);
        limited.await.unwrap();
        assert_eq!(log.all(), ["Some(3s)", "Some(2s)"]);
    }

    #[tokio::test]
    async fn is_drawn() {
        let drawn = coiterate(sum(3)).plan().to_string();
        assert!(
            drawn.starts_with("coiterate\n") && drawn.contains("sum"),
            "{drawn}"
        );
        assert!(coiterate(0..3).plan().to_string().contains("iterator"));
    }
}

mod turns {
    use super::*;

    #[tokio::test]
    async fn a_task_that_is_resumed_is_the_last_of_them() {
        let log = Log::default();
        let cooperator = stepwise();
        let tasks = ["a", "b", "c"].map(|name| {
            let said = log.clone();
            cooperator.cooperate((0..).map(move |_: u32| said.add(name)))
        });
        turns(3).await;
        tasks[0].pause().unwrap();
        turns(3).await; // its place is passed over
        tasks[0].resume().unwrap();
        turns(4).await;
        assert_eq!(log.all().concat(), "abcbcbcbac");
    }

    #[tokio::test]
    async fn a_task_that_is_paused_and_resumed_at_once_has_one_place() {
        let log = Log::default();
        let cooperator = stepwise();
        let tasks = ["a", "b"].map(|name| {
            let said = log.clone();
            cooperator.cooperate((0..).map(move |_: u32| said.add(name)))
        });
        for _ in 0..3 {
            tasks[0].pause().unwrap();
            tasks[0].resume().unwrap();
        }
        turns(4).await;
        assert_eq!(log.all().concat(), "abab");
    }

    #[tokio::test]
    async fn a_body_that_gives_way_has_one_unit_in_between() {
        let log = Log::default();
        let cooperator = stepwise();
        let body = |name: &'static str| {
            let said = log.clone();
            defer(async move {
                for n in 0..3 {
                    said.add(format!("{name}{n}"));
                    give_way().await;
                }
                Ok::<_, Failure>(())
            })
        };
        let (a, b) = (
            cooperator.cooperate(body("a")),
            cooperator.cooperate(body("b")),
        );
        a.when_done().await.unwrap();
        b.when_done().await.unwrap();
        assert_eq!(log.all().concat(), "a0b0a1b1a2b2");
    }

    #[tokio::test]
    async fn many_units_make_one_turn() {
        let cooperator = Cooperator::builder().units(1000).build();
        let task = cooperator.cooperate(sum(2500));
        let mut count = 0;
        while !task.is_finished() {
            turns(1).await;
            count += 1;
        }
        assert_eq!(count, 3);
    }

    #[tokio::test]
    async fn a_turn_ends_with_its_time_and_has_one_unit_at_least() {
        let count = async |cooperator: Cooperator| {
            let task = cooperator.cooperate(0..10);
            let mut count = 0;
            while !task.is_finished() {
                turns(1).await;
                count += 1;
            }
            count
        };
        let builder = Cooperator::builder;
        assert_eq!(count(builder().budget(Duration::ZERO).build()).await, 11);
        assert_eq!(count(builder().budget(Duration::MAX).build()).await, 1);
        assert_eq!(count(builder().units(0).build()).await, 11);
    }

    #[tokio::test]
    async fn outside_of_a_cooperator_the_runtime_goes_on() {
        let log = Log::default();
        let other = log.clone();
        let other = tokio::spawn(async move { other.add("other") });
        log.add("before");
        give_way().await;
        log.add("after");
        other.await.unwrap();
        assert_eq!(log.all(), ["before", "other", "after"]);
    }

    #[test]
    fn give_way_needs_no_runtime() {
        let (sum, polls) = poll_to_end(sum(3));
        assert_eq!((sum.unwrap(), polls), (3, 4));
    }

    #[tokio::test]
    async fn tokio_does_not_shorten_them() {
        // What tokio lets a task do in one poll is less than this.
        let (sender, receiver) = tokio::sync::mpsc::channel(1000);
        for n in 0..1000 {
            sender.try_send(n).unwrap();
        }
        let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
        let units = (0..1000).map(move |_| {
            let receiver = receiver.clone();
            defer(async move {
                let _: Option<i32> = receiver.lock().await.recv().await;
            })
        });
        let task = Cooperator::builder().units(5000).build().cooperate(units);
        turns(1).await;
        assert!(task.is_finished());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn none_is_lost_whoever_wakes_pauses_and_stops() {
        let cooperator = Cooperator::builder().units(7).build();
        let done = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..200)
            .map(|n: u64| {
                let done = done.clone();
                cooperator.cooperate((0..50).map(move |unit| {
                    done.fetch_add(1, SeqCst);
                    let wakes = tokio::spawn(async move {
                        if unit % 3 == 0 {
                            yield_now().await;
                        }
                    });
                    defer(async move {
                        if n % 2 == 0 {
                            wakes.await.unwrap();
                        }
                    })
                }))
            })
            .collect();
        let teased = tasks.clone();
        let teases = thread::spawn(move || {
            for _ in 0..50 {
                for task in &teased {
                    // It may be done.
                    if task.pause().is_ok() {
                        thread::yield_now();
                        task.resume().unwrap();
                    }
                }
            }
            for task in teased.iter().step_by(10) {
                let _ = task.stop();
            }
        });
        let mut whole = 0;
        for task in &tasks {
            whole += usize::from(task.when_done().await.is_ok());
        }
        teases.join().unwrap();
        assert!(whole >= 180, "{whole}");
        assert!(done.load(SeqCst) >= 180 * 50);
    }

    #[tokio::test]
    async fn a_hundred_thousand_tasks_end() {
        let cooperator = Cooperator::new();
        let tasks: Vec<_> = (0..100_000).map(|_| cooperator.cooperate(0..2)).collect();
        for task in tasks {
            task.when_done().await.unwrap();
        }
    }
}

mod stopping {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_until_what_it_waits_for_has_cleaned_up() {
        let log = Log::default();
        let said = log.clone();
        let task = cooperate((0..2).map(move |_| cleans_up(&said)));
        turns(2).await;
        task.stop().unwrap();
        turns(2).await;
        assert_eq!(log.all(), ["cleans up"]);
        assert!(!task.is_finished());
        assert_eq!(task.pause(), Err(TaskFinished::Stopped));
        assert_eq!(finished(task.when_done().await), TaskFinished::Stopped);
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_task_too() {
        let log = Log::default();
        let said = log.clone();
        let task = cooperate((0..2).map(move |_| cleans_up(&said)));
        turns(2).await;
        task.pause().unwrap();
        task.stop().unwrap();
        assert_eq!(finished(task.when_done().await), TaskFinished::Stopped);
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
    }

    #[tokio::test(start_paused = true)]
    async fn shows_a_failure_of_cleaning_up() {
        let units = (0..2).map(|_| {
            defer(pending::<Result<(), Failure>>())
                .add_errback(|_| Err::<(), _>(Failure::msg("it does not close")))
        });
        let task = cooperate(units);
        turns(2).await;
        task.stop().unwrap();
        let failure = task.when_done().await.unwrap_err();
        assert_eq!(failure.to_string(), "it does not close");
        assert_eq!(task.pause(), Err(TaskFinished::Stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn goes_on_with_no_unit_even_if_one_takes_the_cancellation() {
        let log = Log::default();
        let said = log.clone();
        let units = (0..2).map(move |_| {
            said.add("unit");
            defer(pending::<Result<(), Failure>>()).add_errback(|_| Ok::<_, Failure>(()))
        });
        let task = cooperate(units);
        turns(2).await;
        task.stop().unwrap();
        assert_eq!(finished(task.when_done().await), TaskFinished::Stopped);
        assert_eq!(log.all(), ["unit"]);
    }

    #[tokio::test(start_paused = true)]
    async fn leaves_a_deferred_what_it_makes_of_it() {
        let work = defer(pending::<Result<u8, Failure>>()).add_errback(|_| Ok::<_, Failure>(7));
        let task = cooperate(work);
        turns(2).await;
        task.stop().unwrap();
        assert_eq!(task.when_done().await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_not_begun_begins_no_more() {
        let log = Log::default();
        let said = log.clone();
        let held = Cooperator::builder().started(false).build();
        let task = held.cooperate((0..2).map(move |_| said.add("unit")));
        task.stop().unwrap();
        assert!(task.is_finished());
        assert_eq!(finished(task.when_done().await), TaskFinished::Stopped);
        let other = held.cooperate(0..2);
        held.start();
        other.when_done().await.unwrap();
        assert_eq!(log.all(), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_cooperator_waits_for_cleaning_up_and_reaches_all() {
        let log = Log::default();
        let (said, paused) = (log.clone(), log.clone());
        let cooperator = Cooperator::new();
        let waits = cooperator.cooperate((0..2).map(move |_| cleans_up(&said)));
        let held = cooperator.cooperate((0..2).map(move |_| paused.add("unit")));
        held.pause().unwrap();
        turns(2).await;
        cooperator.stop();
        assert_eq!(held.pause(), Err(TaskFinished::SchedulerStopped));
        for task in [held, waits] {
            let outcome = task.when_done().await;
            assert_eq!(finished(outcome), TaskFinished::SchedulerStopped);
        }
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
        cooperator.start();
        cooperator.coiterate(0..3).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_the_trail_of_the_cancellation() {
        #[callback]
        async fn forever(n: u8) -> Result<u8, Failure> {
            pending::<()>().await;
            Ok(n)
        }
        #[errback]
        fn closes(why: Failure) -> Result<u8, Failure> {
            Err(why)
        }
        let task = cooperate(closes(forever(1)));
        turns(2).await;
        task.stop().unwrap();
        let failure = task.when_done().await.unwrap_err();
        assert_eq!(failure.check(), Some(&TaskFinished::Stopped));
        assert!(
            failure.trail().to_string().contains("closes"),
            "{failure:#}"
        );
    }
}

mod cancelling {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn cancels_what_the_work_waits_for_and_closes_the_iterator() {
        let log = Log::default();
        let (said, (flag, gone)) = (log.clone(), Flag::new());
        let units = (0..2).map(move |_| {
            let _flag = &flag;
            cleans_up(&said)
        });
        let (work, canceller) = coiterate(units).cancellable();
        let work = tokio::spawn(work);
        turns(3).await;
        canceller.cancel();
        turns(3).await;
        assert_eq!(log.all(), ["cleans up"]);
        assert!(work.await.unwrap().unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
        assert!(gone.load(SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn closes_an_iterator_between_two_units() {
        let (flag, gone) = Flag::new();
        let (work, canceller) = stepwise().coiterate(endless(flag)).cancellable();
        let work = tokio::spawn(work);
        turns(5).await;
        assert!(!gone.load(SeqCst));
        canceller.cancel();
        assert!(work.await.unwrap().unwrap_err().is_cancelled());
        assert!(gone.load(SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn before_the_first_poll_takes_on_no_work() {
        let cooperator = stepwise();
        let (work, canceller) = cooperator.coiterate(0..3).cancellable();
        canceller.cancel();
        assert!(work.await.unwrap_err().is_cancelled());
        assert!(format!("{cooperator:?}").contains("tasks: 0"));
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn again_cancels_what_cleans_up() {
        let log = Log::default();
        let said = log.clone();
        let (work, canceller) = coiterate((0..2).map(move |_| cleans_up(&said))).cancellable();
        let work = tokio::spawn(work);
        turns(3).await;
        canceller.cancel();
        turns(3).await;
        canceller.cancel();
        assert!(work.await.unwrap().unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["cleans up"]);
    }

    #[tokio::test(start_paused = true)]
    async fn comes_out_as_what_an_errback_makes_of_it() {
        let work = defer(pending::<Result<u8, Failure>>()).add_errback(|why| {
            assert!(why.is_cancelled());
            Ok::<_, Failure>(7)
        });
        let work = coiterate(work).start();
        turns(3).await;
        work.cancel();
        assert_eq!(work.await.unwrap(), 7);
        let failing = defer(pending::<Result<(), Failure>>())
            .add_errback(|_| Err::<(), _>(Failure::msg("no")));
        let work = coiterate([failing]).start();
        turns(3).await;
        work.cancel();
        assert_eq!(work.await.unwrap_err().to_string(), "no");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_done_changes_nothing() {
        let (work, canceller) = stepwise().coiterate(0..0).cancellable();
        let mut work = Box::pin(work);
        assert!(poll_once(work.as_mut()).is_pending());
        turns(1).await;
        canceller.cancel();
        work.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_waits_leaves_the_task_to_the_others() {
        let task = cooperate(sum(10));
        let (waits, canceller) = task.when_done().cancellable();
        let mut waits = Box::pin(waits);
        assert!(poll_once(waits.as_mut()).is_pending());
        canceller.cancel();
        assert!(waits.await.unwrap_err().is_cancelled());
        assert_eq!(task.when_done().await.unwrap(), 45);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_gives_way_drops_it_there() {
        let (flag, gone) = Flag::new();
        let log = Log::default();
        let said = log.clone();
        let body = defer(async move {
            let _flag = flag;
            loop {
                give_way().await;
                said.add("unit");
            }
            #[allow(unreachable_code, reason = "it says what it would yield")]
            Ok::<(), Failure>(())
        });
        let (work, canceller) = stepwise().coiterate(body).cancellable();
        let work = tokio::spawn(work);
        turns(4).await;
        canceller.cancel();
        assert!(work.await.unwrap().unwrap_err().is_cancelled());
        assert!(gone.load(SeqCst));
        assert!(!log.all().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn at_every_moment_ends_it_once() {
        for moment in 0..20 {
            let ends = Arc::new(AtomicUsize::new(0));
            let count = ends.clone();
            let units = (0..5).map(|n| {
                defer_later(Duration::from_millis(n), || Ok::<_, Failure>(()))
                    .add_errback(|why| defer_later(SECOND, || Err::<(), _>(why)))
            });
            let work = coiterate(units).add_both(move |outcome| {
                count.fetch_add(1, SeqCst);
                outcome
            });
            let work = work.start();
            for _ in 0..moment {
                advance(Duration::from_millis(1)).await;
            }
            work.cancel();
            let outcome = work.await;
            if let Err(failure) = outcome {
                assert!(failure.is_cancelled(), "{moment}: {failure}");
            }
            assert!(ends.load(SeqCst) <= 1);
            turns(3).await;
            assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "{moment}");
        }
    }
}

mod dropping {
    use super::*;

    #[tokio::test]
    async fn the_deferred_drops_the_work_at_once() {
        let (flag, gone) = Flag::new();
        let mut work = Box::pin(stepwise().coiterate(endless(flag)));
        assert!(poll_once(work.as_mut()).is_pending());
        turns(2).await;
        drop(work);
        assert!(gone.load(SeqCst));
        turns(3).await;
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }

    #[tokio::test]
    async fn the_last_handle_drops_the_work() {
        let (flag, gone) = Flag::new();
        let task = stepwise().cooperate(endless(flag));
        let (other, waits) = (task.clone(), task.when_done());
        turns(2).await;
        drop((task, other));
        turns(2).await;
        assert!(!gone.load(SeqCst));
        drop(waits);
        assert!(gone.load(SeqCst));
    }

    #[tokio::test]
    async fn runs_no_errback() {
        let log = Log::default();
        let said = log.clone();
        let task = cooperate((0..2).map(move |_| cleans_up(&said)));
        turns(2).await;
        drop(task);
        turns(2).await;
        assert_eq!(log.all(), [""; 0]);
    }

    #[tokio::test]
    async fn a_task_in_its_own_unit_ends_it_after_that() {
        let place: Arc<Mutex<Option<CooperativeTask>>> = Arc::default();
        let (inside, (flag, gone)) = (place.clone(), Flag::new());
        let log = Log::default();
        let said = log.clone();
        let task = stepwise().cooperate((0..).map(move |_: u32| {
            let _flag = &flag;
            drop(inside.lock().unwrap().take());
            said.add("unit");
        }));
        *place.lock().unwrap() = Some(task);
        turns(3).await;
        assert_eq!(log.all(), ["unit"]);
        assert!(gone.load(SeqCst));
    }

    #[tokio::test]
    async fn what_is_left_to_itself_goes_on() {
        let (sender, done) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let units = (0..3).map(move |n| {
            if n == 2 {
                sender.take().unwrap().send(n).unwrap();
            }
        });
        cooperate(units).detach();
        assert_eq!(done.await, Ok(2));
    }

    #[tokio::test]
    async fn a_cooperator_that_nobody_can_start_ends_its_tasks() {
        let (flag, gone) = Flag::new();
        let held = Cooperator::builder().started(false).build();
        let task = held.cooperate(endless(flag));
        drop(held);
        assert!(gone.load(SeqCst));
        let outcome = task.when_done().await;
        assert_eq!(finished(outcome), TaskFinished::SchedulerStopped);
    }

    #[tokio::test]
    async fn a_running_cooperator_changes_nothing() {
        let task = Cooperator::new().cooperate(0..100);
        task.when_done().await.unwrap();
    }

    #[test]
    fn the_runtime_ends_the_tasks() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let (flag, gone) = Flag::new();
        let cooperator = Cooperator::builder().units(1).build();
        let task = runtime.block_on(async { cooperator.cooperate(endless(flag)) });
        runtime.block_on(turns(3));
        drop(runtime);
        assert!(gone.load(SeqCst));
        assert_eq!(task.stop(), Err(TaskFinished::SchedulerStopped));
        let other = Builder::new_current_thread().build().unwrap();
        let outcome = other.block_on(task.when_done());
        assert_eq!(finished(outcome), TaskFinished::SchedulerStopped);
        // It works on the other one now.
        other.block_on(async { cooperator.coiterate(0..3).await.unwrap() });
    }

    #[test]
    fn one_runtime_leaves_the_shared_cooperator_of_another_alone() {
        let [one, other] = [(); 2].map(|()| Builder::new_current_thread().build().unwrap());
        let (in_one, in_other) = (
            one.block_on(async { cooperate(sum(10)) }),
            other.block_on(async { cooperate(sum(100)) }),
        );
        drop(one);
        assert_eq!(other.block_on(in_other.when_done()).unwrap(), 4950);
        let outcome = other.block_on(in_one.when_done());
        assert_eq!(finished(outcome), TaskFinished::SchedulerStopped);
    }

    #[test]
    #[should_panic(expected = "name one with `Cooperator::builder().on(..)`")]
    fn without_a_runtime_there_is_no_work() {
        let _task = Cooperator::new().cooperate(0..3);
    }
}

mod panics {
    use super::*;

    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !thread::panicking() {
                panic!("dropped");
            }
        }
    }

    #[tokio::test]
    async fn of_a_body_are_its_failure() {
        let broken = cooperate(defer(async {
            give_way().await;
            panic!("no") as Result<u8, Failure>
        }));
        let failure = broken.when_done().await.unwrap_err();
        assert_eq!(failure.check::<Panicked>().unwrap().message(), Some("no"));
    }

    #[tokio::test]
    async fn of_what_the_work_drops_fail_it_and_no_other() {
        let bomb = Bomb;
        let cooperator = Cooperator::new();
        let broken = cooperator.cooperate((0..3).map(move |_| {
            let _bomb = &bomb;
        }));
        let whole = cooperator.cooperate(0..9);
        let failure = broken.when_done().await.unwrap_err();
        assert_eq!(
            failure.check::<Panicked>().unwrap().message(),
            Some("dropped")
        );
        whole.when_done().await.unwrap();
    }
}

mod here {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[tokio::test(start_paused = true)]
    async fn nothing_has_to_be_send() {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let units = (0..3).map(|n| {
            let seen = seen.clone();
            defer_later(SECOND, move || seen.borrow_mut().push(n))
        });
        let begin = Instant::now();
        iterate_here(units).await.unwrap();
        assert_eq!(*seen.borrow(), [0, 1, 2]);
        assert_eq!(begin.elapsed(), 3 * SECOND);
    }

    #[tokio::test]
    async fn a_unit_that_fails_ends_it() {
        let units = (0..5).map(|n| if n < 3 { Ok(()) } else { Err(n) });
        assert_eq!(iterate_here(units).await, Err(3));
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_cancels_a_unit_and_drops_the_iterator() {
        let log = Log::default();
        let (said, (flag, gone)) = (log.clone(), Flag::new());
        let units = (0..2).map(move |_| {
            let _flag = &flag;
            cleans_up(&said)
        });
        let work = iterate_here(units).start();
        turns(2).await;
        work.cancel();
        assert!(work.await.unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["cleans up", "has cleaned up"]);
        assert!(gone.load(SeqCst));
    }

    #[tokio::test]
    async fn an_endless_one_lets_the_runtime_go_on_and_is_cancelled() {
        let work = iterate_here((0..).map(|_: u64| Ok::<_, Cancelled>(())));
        let (work, canceller) = work.cancellable();
        let work = tokio::spawn(work);
        turns(3).await;
        canceller.cancel();
        assert_eq!(work.await.unwrap(), Err(Cancelled));
    }
}

#[tokio::test(start_paused = true)]
async fn seed_summing_stops_after_three_seconds() {
    // The whole program of the post on coiterate: eight rounds of a second each, of which the
    // client does not wait for the end.
    let log = Log::default();
    let said = log.clone();
    let rounds = defer(async move {
        let mut sum = 0;
        for n in 0..8 {
            sum += n;
            said.add(format!("adding {n}"));
            defer_later(SECOND, || ()).await;
        }
        Ok::<u32, Failure>(sum)
    });
    let work = coiterate(rounds).start();
    sleep(3 * SECOND - Duration::from_millis(1)).await;
    work.cancel();
    assert!(work.await.unwrap_err().is_cancelled());
    assert_eq!(log.all(), ["adding 0", "adding 1", "adding 2"]);
}

#[tokio::test]
async fn they_tell_of_themselves() {
    let cooperator = Cooperator::new();
    let task = cooperator.cooperate(0..3);
    assert_eq!(
        format!("{cooperator:?}"),
        "Cooperator { running: true, tasks: 1 }"
    );
    let text = "CooperativeTask { paused: false, finished: None }";
    assert_eq!(format!("{task:?}"), text);
    task.when_done().await.unwrap();
    let text = "CooperativeTask { paused: false, finished: Some(Done) }";
    assert_eq!(format!("{task:?}"), text);
}
