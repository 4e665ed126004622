//! Chains of every shape are dropped, and cancelled, after poll 0, 1, 2, …: nothing leaks,
//! nothing hangs, nothing runs twice.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use defer::list::{
    self, Losers, any_success_or_last_failure, deferred_list, first_success, growing, n_of,
};
use defer::prelude::*;
use defer::retry::RetryingCall;
use defer::task::iterate_here;
use defer::time::LoopingCall;
use defer::{Canceller, Chain, LocalBoxed, TimedOut};
use tokio::task::{LocalSet, yield_now};
use tokio::time::advance;

/// What a run leaves behind.
#[derive(Default)]
struct Book {
    /// Live futures, arguments and closures.
    live: i32,
    /// How often each body ran.
    runs: BTreeMap<&'static str, u32>,
}

#[derive(Clone, Default)]
struct Watch(Rc<RefCell<Book>>);

impl Watch {
    fn held(&self) -> Held {
        self.0.borrow_mut().live += 1;
        Held(self.clone())
    }
    fn ran(&self, body: &'static str) {
        *self.0.borrow_mut().runs.entry(body).or_default() += 1;
    }
}

/// Counted as long as it lives.
struct Held(Watch);
impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.borrow_mut().live -= 1;
    }
}

/// Pending `polls` times.
struct Later {
    polls: u32,
    _held: Held,
}
impl Future for Later {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.polls == 0 {
            return Poll::Ready(());
        }
        self.polls -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn later(polls: u32, watch: &Watch) -> Later {
    Later {
        polls,
        _held: watch.held(),
    }
}

/// A source that fails if `n` is odd.
#[callback]
async fn fetch(#[value] n: u32, #[value] watch: Watch) -> Result<u32, Failure> {
    let _held = watch.held();
    later(n, &watch).await;
    if n % 2 == 1 {
        return Err(Failure::msg("odd"));
    }
    Ok(n)
}

#[callback]
fn add(a: u32, b: u32, #[value] watch: Watch) -> u32 {
    watch.ran("add");
    a + b
}

#[callback]
async fn slowly(a: u32, #[value] watch: Watch) -> Result<u32, Failure> {
    watch.ran("slowly");
    let _held = watch.held();
    later(2, &watch).await;
    Ok(a)
}

#[callback]
fn total(list: Vec<u32>, #[value] watch: Watch) -> u32 {
    watch.ran("total");
    list.iter().sum()
}

#[errback]
fn zero(failure: Failure, #[value] watch: Watch) -> u32 {
    let _ = failure;
    watch.ran("zero");
    0
}

#[errback]
async fn cleanup(failure: Failure, #[value] watch: Watch) -> Result<u32, Failure> {
    watch.ran("cleanup");
    let _held = watch.held();
    later(3, &watch).await;
    Err(failure)
}

#[inline_callbacks]
fn inline(#[value] watch: Watch) -> Result<u32, Failure> {
    let _held = watch.held();
    let a = fetch(2, watch.clone()).await?;
    let b = zero(fetch(1, watch.clone()), watch.clone()).await;
    Ok(a + b)
}

/// A body that goes on after whatever comes out of its awaits.
#[inline_callbacks]
fn stubborn(#[value] watch: Watch) -> Result<u32, Failure> {
    watch.ran("stubborn");
    let _held = watch.held();
    let first = cleanup(fetch(3, watch.clone()), watch.clone()).await;
    later(1, &watch).await;
    let second = slowly(fetch(2, watch.clone()), watch.clone()).await;
    Ok(first.unwrap_or(1) + second.unwrap_or(1))
}

/// A body that waits inside a body, and for two at once.
#[callback]
async fn nested(a: u32, #[value] watch: Watch) -> Result<u32, Failure> {
    let _held = watch.held();
    let (b, c) = tokio::join!(async { fetch(4, watch.clone()).await }, async {
        inline(watch.clone()).await
    },);
    Ok(a + b? + c?)
}

type Run = Deferred<Result<u32, Failure>, LocalBoxed<'static, Result<u32, Failure>>>;

fn run<F: Chain<Output = Result<u32, Failure>> + 'static>(
    deferred: Deferred<Result<u32, Failure>, F>,
) -> (Run, Canceller) {
    let (deferred, canceller) = deferred.cancellable();
    (deferred.boxed_local(), canceller)
}

/// The shapes, made with a watch of their own.
fn shapes() -> Vec<(&'static str, fn(&Watch) -> (Run, Canceller))> {
    vec![
        ("source", |w| run(fetch(2, w.clone()))),
        ("join", |w| {
            run(add(fetch(2, w.clone()), fetch(4, w.clone()), w.clone()))
        }),
        ("failing join", |w| {
            run(add(fetch(3, w.clone()), fetch(4, w.clone()), w.clone()))
        }),
        ("nested", |w| {
            let inner = add(fetch(2, w.clone()), 1, w.clone());
            run(slowly(inner, w.clone()))
        }),
        ("recovered", |w| {
            let recovered = zero(fetch(3, w.clone()), w.clone());
            run(slowly(recovered, w.clone()))
        }),
        ("cleaned up", |w| {
            run(cleanup(fetch(2, w.clone()), w.clone()))
        }),
        ("cleaned up in a join", |w| {
            let left = cleanup(fetch(4, w.clone()), w.clone());
            run(add(left, slowly(fetch(0, w.clone()), w.clone()), w.clone()))
        }),
        ("list", |w| {
            let list: Vec<_> = (0..4).map(|n| fetch(2 * n, w.clone())).collect();
            run(total(list, w.clone()))
        }),
        ("failing list", |w| {
            let list: Vec<_> = (0..4).map(|n| fetch(n, w.clone())).collect();
            run(total(list, w.clone()))
        }),
        ("list that cleans up", |w| {
            let list: Vec<_> = (1..4)
                .map(|n| cleanup(fetch(2 * n, w.clone()), w.clone()).boxed_local())
                .collect();
            run(total(list, w.clone()))
        }),
        ("fluent", |w| {
            let held = w.held();
            run(fetch(2, w.clone())
                .add_callback(move |n| {
                    drop(held);
                    n + 1
                })
                .add_both(|outcome| outcome))
        }),
        ("pair", |w| {
            let w2 = w.clone();
            run(fetch(3, w.clone()).add_callbacks(Ok, move |_| slowly(1, w2)))
        }),
        ("boxed", |w| {
            run(add(fetch(2, w.clone()).boxed_local(), 1, w.clone()).boxed_local())
        }),
        ("inline", |w| run(inline(w.clone()))),
        ("body that goes on", |w| run(stubborn(w.clone()))),
        ("body in a body", |w| {
            run(nested(fetch(2, w.clone()), w.clone()))
        }),
        ("body in a list", |w| {
            let list: Vec<_> = (0..2).map(|_| inline(w.clone())).collect();
            run(total(list, w.clone()))
        }),
        ("pausable", |w| {
            let (left, pauser) = cleanup(fetch(2, w.clone()), w.clone()).pausable();
            let w2 = w.clone();
            // Paused from the start, and let go on from beside.
            pauser.pause();
            let goes_on = defer(async move {
                later(2, &w2).await;
                let _ = pauser.unpause();
                0
            });
            run(add(left, goes_on, w.clone()))
        }),
        ("chained", |w| {
            let (resolver, follower) = Deferred::<Result<u32, Failure>, _>::new();
            let first = cleanup(fetch(3, w.clone()), w.clone()).chain_into(resolver);
            run(add(first, zero(follower, w.clone()), w.clone()))
        }),
        ("list of which the first success counts", |w| {
            let list = [3, 4, 6].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            let first = first_success(list).add_callbacks(
                |(_, n)| Ok::<u32, Failure>(n),
                |failures: Vec<Failure>| Err(failures[0].clone()),
            );
            run(first)
        }),
        ("list of which every outcome counts", |w| {
            let list = [3, 4, 6].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            run(deferred_list(list).add_callback(|all| {
                let values = all.into_iter().filter_map(Result::ok);
                Ok::<u32, Failure>(values.sum())
            }))
        }),
        ("list that is gathered two at a time and cleans up", |w| {
            let list = [4, 3, 6].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            let options = list::with().limit(2).losers(Losers::Cancel);
            run(options.gather(list).add_callback(|all| all[0]))
        }),
        ("list that is raced to the end of all", |w| {
            let list = [3, 4, 6].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            let options = list::with().losers(Losers::Finish);
            run(options
                .race(list)
                .add_callback(|first| first.expect("three take part").1))
        }),
        ("list that is raced and dropped", |w| {
            let list = [3, 4, 6].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            let options = list::with().losers(Losers::Drop);
            run(options
                .race(list)
                .add_callback(|first| first.expect("three take part").1))
        }),
        ("list of which two count", |w| {
            let list = [4, 3, 6, 8].map(|n| fetch(n, w.clone()));
            let two = n_of(list, 2).add_callbacks(
                |all| Ok::<u32, Failure>(all[0].1),
                |_| Err(Failure::msg("odd")),
            );
            run(two)
        }),
        ("list of which the last failure counts", |w| {
            let list = [3, 1, 5].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            let any = any_success_or_last_failure(list);
            run(any.add_callback(|first| first.map_or(0, |(_, n)| n)))
        }),
        ("list that is a tuple", |w| {
            let cleans = cleanup(fetch(3, w.clone()), w.clone());
            let first = first_success((cleans, inline(w.clone()), fetch(6, w.clone())));
            run(first.add_callbacks(
                |(_, n)| Ok::<u32, Failure>(n),
                |failures: Vec<Failure>| Err(failures[0].clone()),
            ))
        }),
        ("list as a stream", |w| {
            let list = [3, 4, 6].map(|n| cleanup(fetch(n, w.clone()), w.clone()));
            let mut all = list::with().limit(2).select_all(list);
            run(defer(async move {
                let mut sum = 0;
                while let Some((_, out)) = all.next().await {
                    sum += out.unwrap_or(1);
                }
                Ok(sum)
            }))
        }),
        ("list that grows", |w| {
            let (handle, members) = growing();
            let list = deferred_list(members).add_callback(|all: Vec<Result<u32, Failure>>| {
                Ok::<u32, Failure>(all.into_iter().map_while(Result::ok).sum())
            });
            let w2 = w.clone();
            let pushes = defer(async move {
                for n in [2, 3, 4] {
                    later(1, &w2).await;
                    let _ = handle.push(cleanup(fetch(n, w2.clone()), w2.clone()));
                }
                0
            });
            run(add(list, pushes, w.clone()))
        }),
        ("panics caught", |w| {
            let left = cleanup(fetch(4, w.clone()), w.clone()).catch_panics();
            run(add(left, fetch(2, w.clone()), w.clone()).catch_panics())
        }),
        ("hand-made", |w| {
            let held = w.held();
            let (resolver, deferred) = Deferred::with_canceller(move || {
                drop(held);
                None
            });
            let w2 = w.clone();
            let fires = defer(async move {
                later(2, &w2).await;
                let _ = resolver.callback(1);
                0
            });
            run(add(deferred, fires, w.clone()))
        }),
        ("retried", |w| {
            let (held, w2) = (w.held(), w.clone());
            let call = RetryingCall::new(move || {
                let _ = &held;
                fetch(3, w2.clone())
            });
            run(add(
                call.start_bare([Duration::ZERO; 2]),
                fetch(2, w.clone()),
                w.clone(),
            ))
        }),
        ("retried and in need of clean-up", |w| {
            let w2 = w.clone();
            let call = RetryingCall::new(move || again(w2.clone()));
            run(cleanup(call.start_bare([Duration::ZERO]), w.clone()))
        }),
        ("list of units", |w| {
            let (w2, held) = (w.clone(), w.held());
            let units = (1..4).map(move |n| {
                let _held = &held;
                cleanup(fetch(2 * n, w2.clone()), w2.clone())
            });
            run(iterate_here(units).add_callback(|()| 0))
        }),
        ("list of calls in a loop", |w| {
            let (w2, held) = (w.clone(), w.held());
            let mut calls = 0;
            let looping = LoopingCall::with_control(move |control, _count| {
                let _held = &held;
                calls += 1;
                if calls == 3 {
                    let _ = control.stop();
                }
                cleanup(fetch(2, w2.clone()), w2.clone())
            });
            let runs = looping.start(Duration::ZERO).expect("it is new");
            run(runs.add_callback(|()| 0))
        }),
    ]
}

fn poll(run: &mut Run) -> Poll<Result<u32, Failure>> {
    Pin::new(run).poll(&mut Context::from_waker(Waker::noop()))
}

/// Poll to the end; how many polls it took.
fn to_the_end(name: &str, run: &mut Run) -> usize {
    (1..100)
        .find(|_| poll(run).is_ready())
        .unwrap_or_else(|| panic!("{name} hangs"))
}

fn check(name: &str, after: usize, watch: &Watch) {
    let book = watch.0.borrow();
    assert_eq!(book.live, 0, "{name}, after {after} polls: something leaks");
    for (body, runs) in &book.runs {
        // In lists the same body stands several times.
        let most = if name.contains("list") { 3 } else { 1 };
        assert!(
            *runs <= most,
            "{name}, after {after} polls: {body} ran {runs} times"
        );
    }
}

/// Runs twice, and fails.
#[callback(retry = [Duration::ZERO])]
async fn again(#[value] watch: Watch) -> Result<u32, Failure> {
    let _held = watch.held();
    later(1, &watch).await;
    Err(Failure::msg("odd"))
}

/// Make each shape, poll it `after` times, do something to it; for every `after`.
fn at_every_poll(end: impl Fn(&str, Run, &Canceller)) {
    for (name, make) in shapes() {
        let watch = Watch::default();
        let polls = {
            let (mut run, _canceller) = make(&watch);
            to_the_end(name, &mut run)
        };
        check(name, polls, &watch);
        assert!(polls > 1, "{name} waits for something");
        for after in 0..polls {
            let watch = Watch::default();
            let (mut run, canceller) = make(&watch);
            for _ in 0..after {
                assert!(poll(&mut run).is_pending());
            }
            end(name, run, &canceller);
            check(name, after, &watch);
        }
    }
}

#[test]
fn dropped() {
    at_every_poll(|_, run, _| drop(run));
}

#[test]
fn cancelled() {
    at_every_poll(|name, mut run, canceller| {
        canceller.cancel();
        to_the_end(name, &mut run);
    });
}

#[test]
fn cancelled_and_kept_until_the_end_of_the_test() {
    // The outcome is there, and nothing is left though the deferred still exists.
    for (name, make) in shapes() {
        let watch = Watch::default();
        let (mut run, canceller) = make(&watch);
        assert!(poll(&mut run).is_pending(), "{name}");
        canceller.cancel();
        to_the_end(name, &mut run);
        check(name, 1, &watch);
    }
}

#[test]
fn cancelled_twice() {
    at_every_poll(|name, mut run, canceller| {
        canceller.cancel();
        if poll(&mut run).is_pending() {
            canceller.cancel();
            to_the_end(name, &mut run);
        }
    });
}

#[test]
fn cancelled_and_dropped_while_it_cleans_up() {
    for more in 0..4 {
        at_every_poll(|_, mut run, canceller| {
            canceller.cancel();
            for _ in 0..more {
                if poll(&mut run).is_ready() {
                    break;
                }
            }
        });
    }
}

/// A source that nothing ever wakes.
#[callback]
async fn never(#[value] watch: Watch) -> Result<u32, Failure> {
    let _held = watch.held();
    std::future::pending().await
}

#[test]
fn cancelled_while_nothing_else_moves() {
    let shapes: [(&str, fn(&Watch) -> (Run, Canceller)); 4] = [
        ("join", |w| {
            let cleans = cleanup(never(w.clone()), w.clone());
            run(add(cleans, never(w.clone()), w.clone()))
        }),
        ("list", |w| {
            let list = (0..3).map(|_| never(w.clone())).collect::<Vec<_>>();
            run(total(list, w.clone()))
        }),
        ("list that cleans up", |w| {
            let list = (0..3).map(|_| cleanup(never(w.clone()), w.clone()));
            run(total(list.collect::<Vec<_>>(), w.clone()))
        }),
        ("list in a list", |w| {
            let inner = || {
                total(
                    (0..2).map(|_| never(w.clone())).collect::<Vec<_>>(),
                    w.clone(),
                )
            };
            run(total(vec![inner(), inner()], w.clone()))
        }),
    ];
    for (name, make) in shapes {
        for after in 0..3 {
            let watch = Watch::default();
            let (mut run, canceller) = make(&watch);
            for _ in 0..after {
                assert!(poll(&mut run).is_pending());
            }
            canceller.cancel();
            to_the_end(name, &mut run);
            check(name, after, &watch);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn too_late() {
    const LIMIT: Duration = Duration::from_millis(1);
    for (name, make) in shapes() {
        for after in 0..100 {
            let watch = Watch::default();
            let (run, _canceller) = make(&watch);
            let mut run = run.timeout(LIMIT).boxed_local();
            // One poll at least, or the time does not count.
            if (0..=after).any(|_| poll(&mut run).is_ready()) {
                check(name, after, &watch);
                break;
            }
            advance(LIMIT).await;
            let outcome = loop {
                if let Poll::Ready(outcome) = poll(&mut run) {
                    break outcome;
                }
            };
            if let Err(failure) = outcome {
                let late = failure.check::<TimedOut>().is_some();
                assert!(late || failure.to_string() == "odd", "{name}: {failure}");
            }
            check(name, after, &watch);
        }
    }
}

/// Start each shape, let it run for a while, do something to it; for every while.
async fn started(end: impl AsyncFn(defer::Started<u32>)) {
    let local = LocalSet::new();
    let all = async {
        for (name, make) in shapes() {
            for after in 0..20 {
                let watch = Watch::default();
                let (run, _canceller) = make(&watch);
                let started = run.start_local();
                for _ in 0..after {
                    yield_now().await;
                }
                end(started).await;
                for _ in 0..100 {
                    yield_now().await;
                }
                check(name, after, &watch);
            }
        }
    };
    local.run_until(all).await;
}

#[tokio::test]
async fn started_and_dropped() {
    started(async |started| drop(started)).await;
}

#[tokio::test]
async fn started_and_aborted() {
    started(async |started| {
        started.abort();
        let _ = started.await;
    })
    .await;
}

#[tokio::test]
async fn started_and_detached() {
    started(async |started| started.detach()).await;
}

#[tokio::test]
async fn started_and_cancelled() {
    started(async |started| {
        started.cancel();
        if let Err(failure) = started.await {
            assert!(failure.is_cancelled() || failure.to_string() == "odd");
        }
    })
    .await;
}

#[tokio::test]
async fn started_and_cancelled_by_what_waits_for_it() {
    started(async |started| {
        let (call, canceller) = started.add_callback(|n| n + 1).cancellable();
        canceller.cancel();
        if let Err(failure) = call.await {
            assert!(failure.is_cancelled() || failure.to_string() == "odd");
        }
    })
    .await;
}

#[tokio::test]
async fn started_and_cancelled_and_dropped_while_it_cleans_up() {
    for more in 0..4 {
        started(async |started| {
            started.cancel();
            for _ in 0..more {
                yield_now().await;
            }
        })
        .await;
    }
}
