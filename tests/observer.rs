//! Observing deferreds: what `txdlo` tests, and what its examples build.
//!
//! The original tests of the class, numbered in their order. A deferred is observed when it
//! settles, and it settles when it is polled: where the original appends one that has fired,
//! it is awaited here.
//!
//! # `TestDeferredListObserver`: 16
//!
//! | original | here |
//! | --- | --- |
//! | 1: an empty one counts nothing | [`an_empty_observer_counts_nothing`] |
//! | 2: a deferred that was appended is pending | [`what_was_appended_is_pending`] |
//! | 3: a fired one counts as a success | [`a_success_is_counted`] |
//! | 4: a fired one is in the history | [`a_history_keeps_what_happened`] |
//! | 5: a failed one counts as a failure | [`a_failure_is_counted`] |
//! | 6: firing moves it from pending to success | [`firing_moves_it_from_pending_to_success`] |
//! | 7: failing moves it from pending to failure | [`failing_moves_it_from_pending_to_failure`] |
//! | 8: firing calls the observer | [`firing_calls_the_observer`] |
//! | 9: firing calls several observers, in order | [`observers_are_called_in_order`] |
//! | 10: replay without a history is an error | a compile error, ui case `replay_without_history` |
//! | 11: the history is replayed | [`a_history_is_replayed`] |
//! | 12: the history is not replayed unasked | [`a_history_is_not_replayed_unasked`] |
//! | 13: failing calls the observer | [`failing_calls_the_observer`] |
//! | 14: several deferreds, told and counted in order of firing | [`several_deferreds_are_told_and_counted`] |
//! | 15: the value passes to callbacks | [`the_value_passes`]: it is moved, and not copied |
//! | 16: the error passes to errbacks | [`the_error_passes`] |
//!
//! Below them stand its examples, each as a function. One had a mistake and was not tested.
//! What happens on several threads, in cancellations and in panics is in
//! `defer-core/tests/observer.rs`.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::list::{Counts, DeferredListObserver, Event};
use defer::prelude::*;
use defer::{HandMade, Resolver};
use futures::executor::block_on;
use support::poll_to_end;
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
struct Oops(u32);

macro_rules! oops_from {
    ($($Error:ident)+) => {$(
        impl From<defer::$Error> for Oops {
            fn from(_: defer::$Error) -> Self {
                Oops(0)
            }
        }
    )+};
}
oops_from!(Abandoned Cancelled Panicked);

type Made = Deferred<Result<u32, Oops>, HandMade<u32, Oops>>;

fn made() -> (Resolver<u32, Oops>, Made) {
    Deferred::new()
}

fn fired(value: u32) -> Made {
    let (resolver, deferred) = made();
    resolver.callback(value).expect("it is waited for");
    deferred
}

/// Which deferred, and what it came to.
type Heard = (usize, Option<Result<u32, Oops>>);

/// A list, and an observer that writes its events into it.
fn writer() -> (
    Arc<Mutex<Vec<Heard>>>,
    impl Fn(&Event<'_, u32, Oops>) + Send + Sync + 'static,
) {
    let list = Arc::new(Mutex::new(Vec::new()));
    let writes = list.clone();
    let observer = move |event: &Event<'_, u32, Oops>| {
        let heard = (event.index, event.outcome.cloned());
        writes.lock().unwrap().push(heard);
    };
    (list, observer)
}

fn take<T>(list: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut list.lock().unwrap())
}

fn pending_success_failure(counts: Counts) -> (usize, usize, usize) {
    assert_eq!(counts.gone, 0);
    (counts.pending, counts.success, counts.failure)
}

#[test]
fn an_empty_observer_counts_nothing() {
    let observer = DeferredListObserver::<u32, Oops>::new();
    assert_eq!(pending_success_failure(observer.counts()), (0, 0, 0));
}

#[test]
fn what_was_appended_is_pending() {
    let observer = DeferredListObserver::new();
    let _waiting = observer.append(made().1);
    assert_eq!(pending_success_failure(observer.counts()), (1, 0, 0));
}

#[test]
fn a_success_is_counted() {
    let observer = DeferredListObserver::new();
    block_on(observer.append(fired(1))).unwrap();
    assert_eq!(pending_success_failure(observer.counts()), (0, 1, 0));
}

#[test]
fn a_history_keeps_what_happened() {
    let observer = DeferredListObserver::with_history();
    block_on(observer.append(fired(1))).unwrap();
    let history = observer.history();
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].index, history[0].outcome.as_deref()),
        (0, Some(&Ok(1)))
    );
}

#[test]
fn a_failure_is_counted() {
    let observer = DeferredListObserver::new();
    let failed = observer.append(fail::<u32, _>(Oops(42)));
    assert_eq!(block_on(failed), Err(Oops(42)));
    assert_eq!(pending_success_failure(observer.counts()), (0, 0, 1));
}

#[test]
fn firing_moves_it_from_pending_to_success() {
    let observer = DeferredListObserver::new();
    let (resolver, waiting) = made();
    let waiting = observer.append(waiting);
    assert_eq!(pending_success_failure(observer.counts()), (1, 0, 0));
    resolver.callback(42).unwrap();
    block_on(waiting).unwrap();
    assert_eq!(pending_success_failure(observer.counts()), (0, 1, 0));
}

#[test]
fn failing_moves_it_from_pending_to_failure() {
    let observer = DeferredListObserver::new();
    let (resolver, waiting) = made();
    let waiting = observer.append(waiting);
    assert_eq!(pending_success_failure(observer.counts()), (1, 0, 0));
    resolver.errback(Oops(42)).unwrap();
    block_on(waiting).unwrap_err();
    assert_eq!(pending_success_failure(observer.counts()), (0, 0, 1));
}

#[test]
fn firing_calls_the_observer() {
    let observer = DeferredListObserver::new();
    let (heard, writes) = writer();
    observer.observe(writes);
    block_on(observer.append(fired(42))).unwrap();
    assert_eq!(take(&heard), [(0, Some(Ok(42)))]);
}

#[test]
fn observers_are_called_in_order() {
    let observer = DeferredListObserver::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    for name in 1..=3 {
        let heard = heard.clone();
        observer.observe(move |event: &Event<'_, u32, Oops>| {
            let outcome = event.outcome.cloned();
            heard.lock().unwrap().push((name, event.index, outcome));
        });
    }
    block_on(observer.append(fired(42))).unwrap();
    assert_eq!(take(&heard), [1, 2, 3].map(|name| (name, 0, Some(Ok(42)))));
}

#[test]
fn a_history_is_replayed() {
    let observer = DeferredListObserver::with_history();
    block_on(observer.append(fired(42))).unwrap();
    let (heard, writes) = writer();
    observer.observe_with_replay(writes);
    assert_eq!(take(&heard), [(0, Some(Ok(42)))]);
    block_on(observer.append(fired(43))).unwrap();
    assert_eq!(take(&heard), [(1, Some(Ok(43)))]);
}

#[test]
fn a_history_is_not_replayed_unasked() {
    let observer = DeferredListObserver::with_history();
    block_on(observer.append(fired(42))).unwrap();
    let (heard, writes) = writer();
    observer.observe(writes);
    assert_eq!(take(&heard), []);
}

#[test]
fn failing_calls_the_observer() {
    let observer = DeferredListObserver::new();
    let (heard, writes) = writer();
    observer.observe(writes);
    block_on(observer.append(fail(Oops(42)))).unwrap_err();
    assert_eq!(take(&heard), [(0, Some(Err(Oops(42))))]);
}

#[test]
fn several_deferreds_are_told_and_counted() {
    let observer = DeferredListObserver::new();
    let (heard, writes) = writer();
    observer.observe(writes);
    let (resolver, first) = made();
    let first = observer.append(first);
    block_on(observer.append(fired(42))).unwrap();
    assert_eq!(take(&heard), [(1, Some(Ok(42)))]);
    assert_eq!(pending_success_failure(observer.counts()), (1, 1, 0));

    let _never = observer.append(made().1);
    assert_eq!(pending_success_failure(observer.counts()), (2, 1, 0));
    block_on(observer.append(fired(43))).unwrap();
    assert_eq!(take(&heard), [(3, Some(Ok(43)))]);
    assert_eq!(pending_success_failure(observer.counts()), (2, 2, 0));

    resolver.callback(44).unwrap();
    block_on(first).unwrap();
    assert_eq!(take(&heard), [(0, Some(Ok(44)))]);
    assert_eq!(pending_success_failure(observer.counts()), (1, 3, 0));
}

/// Not `Clone`.
#[derive(Debug, PartialEq)]
struct Only(Vec<u32>);

#[test]
fn the_value_passes() {
    let observer = DeferredListObserver::<Only, Oops>::new();
    let value = Only(vec![1, 2]);
    let place = value.0.as_ptr();
    let passed = observer.append(succeed(Ok(value)));
    let passed = block_on(passed.add_callback(|value| value.0)).unwrap();
    assert_eq!(
        (passed.as_slice(), passed.as_ptr()),
        ([1, 2].as_slice(), place)
    );
}

#[test]
fn the_error_passes() {
    let observer = DeferredListObserver::<u32, Only>::new();
    let failed = observer.append(fail(Only(vec![7])));
    assert_eq!(block_on(failed.add_errback(|error| error.0[0])), 7);
    assert_eq!(observer.counts().failure, 1);
}

#[test]
fn to_look_on_takes_no_memory() {
    let observer = DeferredListObserver::<u32, Oops>::new();
    let heard = Arc::new(AtomicUsize::new(0));
    let hears = heard.clone();
    observer.observe(move |event| {
        hears.fetch_add(event.index, SeqCst);
    });
    let taken = allocation_counter::measure(|| {
        for n in 0..10 {
            let observed = observer.append(succeed(Ok(n)));
            assert_eq!(poll_to_end(observed).0, Ok(n));
        }
    });
    assert_eq!(taken.count_total, 0);
    assert_eq!(heard.load(SeqCst), 45);
    let plain = succeed(Ok(1));
    let size = size_of_val(&plain);
    assert_eq!(
        size_of_val(&observer.append(plain)),
        size + 2 * size_of::<usize>()
    );
}

/// What was added before is seen, what is added after is not.
#[test]
fn it_is_observed_at_the_place_where_it_was_appended() {
    let observer = DeferredListObserver::new();
    let (heard, writes) = writer();
    observer.observe(writes);
    let page = fired(42).add_callback(|n| n + 1);
    let page = observer
        .append(page)
        .add_callback(|n| Err::<u32, _>(Oops(n)));
    assert_eq!(block_on(page), Err(Oops(43)));
    assert_eq!(take(&heard), [(0, Some(Ok(43)))]);
}

#[test]
fn calls_of_annotated_functions_are_observed_and_are_arguments_again() {
    #[callback]
    async fn size_of(page: u32) -> Result<u32, Oops> {
        if page == 0 {
            Err(Oops(0))
        } else {
            Ok(page * 100)
        }
    }
    #[callback]
    fn total(a: u32, b: u32) -> u32 {
        a + b
    }
    let observer = DeferredListObserver::new();
    let (heard, writes) = writer();
    observer.observe(writes);
    let sizes = |a, b| total(observer.append(size_of(a)), observer.append(size_of(b)));
    assert_eq!(poll_to_end(sizes(1, 2)).0, Ok(300));
    assert_eq!(poll_to_end(sizes(0, 2)).0, Err(Oops(0)));
    let told = [Ok(100), Ok(200), Err(Oops(0))].map(Some);
    // The last one was dropped: it had not begun.
    let told = told.into_iter().chain([None]).enumerate();
    assert_eq!(take(&heard), told.collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn started_deferreds_are_observed() {
    let observer = DeferredListObserver::with_history();
    let mut started = Vec::new();
    for millis in [30, 10, 20] {
        let slow = defer(async move {
            sleep(Duration::from_millis(millis)).await;
            Ok::<_, Failure>(millis)
        });
        started.push(observer.append(slow).start());
    }
    let counts = observer.all_done().await;
    assert_eq!((counts.success, counts.pending), (3, 0));
    let order: Vec<_> = observer.history().iter().map(|event| event.index).collect();
    assert_eq!(order, [1, 2, 0]);
}

/// The examples of the original, built of an observer as they are there. For most of them
/// the library has a function.
mod examples {
    use super::*;

    /// `deferredList`: every outcome, in order. A `Vec<Result<_, _>>` as a parameter does it,
    /// too.
    async fn deferred_list(deferreds: Vec<Made>) -> Vec<Result<u32, Oops>> {
        let observer = DeferredListObserver::with_history();
        let members: Vec<_> = deferreds
            .into_iter()
            .map(|one| observer.append(one))
            .collect();
        let done = observer.all_done();
        futures::future::join_all(members).await;
        in_order(done.await, &observer.history())
    }

    fn in_order(
        counts: Counts,
        history: &[defer::list::Recorded<u32, Oops>],
    ) -> Vec<Result<u32, Oops>> {
        let mut outcomes = vec![Err(Oops(0)); counts.total()];
        for event in history {
            outcomes[event.index] = Result::clone(event.outcome.as_deref().expect("none is gone"));
        }
        outcomes
    }

    #[test]
    fn all_results_of_a_list() {
        let (resolver, last) = made();
        let list = vec![last, fired(2), made().1];
        resolver.errback(Oops(1)).unwrap();
        // The third one has been abandoned: an outcome as well.
        assert_eq!(
            block_on(deferred_list(list)),
            [Err(Oops(1)), Ok(2), Err(Oops(0))]
        );
        assert_eq!(block_on(deferred_list(vec![])), []);
    }

    /// `DeferredList` with `append`: every outcome, of a list that grows.
    #[tokio::test(start_paused = true)]
    async fn all_results_of_a_list_that_grows() {
        let observer = DeferredListObserver::with_history();
        let run = |one: Made| observer.append(one).start();
        let (resolver, first) = made();
        let first = run(first);
        let done = observer.all_done();
        let second = run(fired(2));
        assert_eq!(second.await, Ok(2));
        resolver.callback(1).unwrap();
        assert_eq!(in_order(done.await, &observer.history()), [Ok(1), Ok(2)]);
        first.await.unwrap();
    }

    /// `onFirstCallback`: the first to have an outcome, with its place.
    fn on_first(deferreds: Vec<Made>) -> (Vec<Deferred<Result<u32, Oops>>>, First) {
        let observer = DeferredListObserver::new();
        let (resolver, first) = First::new();
        let resolver = Mutex::new(Some(resolver));
        observer.observe(move |event| {
            if let (Some(outcome), Some(resolver)) =
                (event.outcome, resolver.lock().unwrap().take())
            {
                let told = outcome
                    .clone()
                    .map_err(|why| Failure::msg(format!("{why:?}")));
                let told = told.map(|value| (event.index, value));
                resolver.resolve(told).expect("it is waited for");
            }
        });
        let members = deferreds.into_iter();
        (
            members.map(|one| observer.append(one).boxed()).collect(),
            first,
        )
    }
    type First = Deferred<Result<(usize, u32), Failure>, HandMade<(usize, u32)>>;

    #[test]
    fn the_first_outcome() {
        let (members, first) = on_first(vec![made().1, fired(7), fired(8)]);
        let mut members = members.into_iter().rev();
        block_on(members.next().unwrap()).unwrap();
        assert_eq!(block_on(first).unwrap(), (2, 8));
        let (members, first) = on_first(vec![made().1, fired(7)]);
        block_on(futures::future::join_all(members));
        assert_eq!(block_on(first).unwrap_err().to_string(), "Oops(0)");
        let (_, first) = on_first(vec![]);
        assert!(
            block_on(first)
                .unwrap_err()
                .check::<defer::Abandoned>()
                .is_some()
        );
    }

    /// `onNCallbacks`: as soon as `n` have succeeded, their values with their places.
    async fn on_n(deferreds: Vec<Made>, n: usize) -> Result<Vec<(usize, u32)>, defer::Abandoned> {
        let observer = DeferredListObserver::with_history();
        let members = deferreds.into_iter().map(|one| observer.append(one));
        let members: Vec<_> = members.collect();
        let enough = observer.when(move |counts| counts.success >= n);
        let handle = observer.clone();
        drop(observer);
        // They go on, whether enough have come or not.
        futures::future::join_all(members).await;
        let history = handle.history();
        drop(handle);
        enough.await?;
        let values = history.into_iter().filter_map(|event| {
            let value = *event.outcome?.as_ref().as_ref().ok()?;
            Some((event.index, value))
        });
        Ok(values.take(n).collect())
    }

    #[test]
    fn the_first_n_successes() {
        let list = || vec![fired(1), made().1, fired(3), fired(4)];
        assert_eq!(block_on(on_n(list(), 2)), Ok(vec![(0, 1), (2, 3)]));
        assert_eq!(block_on(on_n(list(), 0)), Ok(vec![]));
        assert_eq!(block_on(on_n(list(), 4)), Err(defer::Abandoned));
    }

    /// `onFirstCallbackOnlyErrbackAsALastResort`: the first success; if there is none, the
    /// first failure.
    fn last_resort(deferreds: Vec<Made>) -> (Vec<Deferred<Result<u32, Oops>>>, First) {
        let observer = DeferredListObserver::<u32, Oops>::new();
        let (resolver, first) = First::new();
        let state = Mutex::new((Some(resolver), None));
        observer.observe(move |event| {
            let (resolver, failure) = &mut *state.lock().unwrap();
            let answer = match event.outcome {
                Some(Ok(value)) => Ok((event.index, *value)),
                Some(Err(why)) => Err(format!("{} of {}", why.0, event.index)),
                None => Err(format!("{} is gone", event.index)),
            };
            let answer = answer.map_err(|why| failure.get_or_insert(why).clone());
            if answer.is_ok() || event.counts.pending == 0 {
                if let Some(resolver) = resolver.take() {
                    let _ = resolver.resolve(answer.map_err(Failure::msg));
                }
            }
        });
        let members = deferreds.into_iter();
        (
            members.map(|one| observer.append(one).boxed()).collect(),
            first,
        )
    }

    #[test]
    fn the_first_success_and_a_failure_only_as_a_last_resort() {
        let failed = |why| {
            let (resolver, deferred) = made();
            resolver.errback(Oops(why)).unwrap();
            deferred
        };
        let (members, first) = last_resort(vec![failed(1), failed(2), fired(3), fired(4)]);
        block_on(futures::future::join_all(members));
        assert_eq!(block_on(first).unwrap(), (2, 3));
        let (members, first) = last_resort(vec![failed(1), failed(2)]);
        for member in members.into_iter().rev() {
            block_on(member).unwrap_err();
        }
        assert_eq!(block_on(first).unwrap_err().to_string(), "2 of 1");
        // Nobody waits for ever when they are dropped.
        let (members, first) = last_resort(vec![made().1, fired(2)]);
        drop(members);
        assert_eq!(block_on(first).unwrap_err().to_string(), "0 is gone");
    }

    /// `DeferredPoolWithEmptyFunction`.
    #[tokio::test(start_paused = true)]
    async fn a_pool_that_tells_when_it_is_empty() {
        let pool = DeferredListObserver::new();
        let job = |millis| {
            let job = defer(async move {
                sleep(Duration::from_millis(millis)).await;
                Ok::<_, Oops>(())
            });
            pool.append(job).start()
        };
        let start = Instant::now();
        let _jobs = [job(10), job(30)];
        let (empty, also) = (pool.all_done(), pool.all_done());
        sleep(Duration::from_millis(20)).await;
        let _more = job(50);
        assert_eq!(empty.await.success, 3);
        assert_eq!(start.elapsed().as_millis(), 70);
        assert_eq!(also.await.success, 3);
        // Again, after it was empty.
        let _again = job(5);
        assert_eq!(pool.all_done().await.success, 4);
    }
}
