//! A million small jobs, fifty at a time.

use std::future::Future;
use std::time::{Duration, Instant};

use defer::defer;
use defer::task::parallel;
use futures::StreamExt;

use crate::leaf::Leaf;

/// How many jobs there are.
pub const JOBS: u64 = 1_000_000;
/// How many are alive at once.
pub const LIMIT: usize = 50;
const RUNS: usize = 7;

/// A job: ready at once, or after it has waited once.
async fn job(n: u64, pending: bool) -> u64 {
    Leaf::new(n + 1, pending).await.unwrap_or(0)
}

fn run<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let start = Instant::now();
    let out = runtime.block_on(work);
    (out, start.elapsed())
}

/// One way to work through them.
pub struct Way {
    pub name: &'static str,
    run: fn(bool) -> Duration,
}

/// All ways, ours first, then the rival of the bar.
pub fn ways() -> [Way; 4] {
    [
        Way {
            name: "ours: `parallel`, awaited",
            run: |pending| {
                let jobs = async {
                    let jobs = parallel(0..JOBS, LIMIT, move |n| defer(job(n, pending)));
                    jobs.await.expect("no job fails")
                };
                let (count, took) = run(jobs);
                assert_eq!(count as u64, JOBS);
                took
            },
        },
        Way {
            name: "futures: `buffer_unordered`, counted",
            run: |pending| {
                let jobs = async move {
                    let jobs = futures::stream::iter((0..JOBS).map(|n| job(n, pending)));
                    jobs.buffer_unordered(LIMIT).count().await
                };
                let (count, took) = run(jobs);
                assert_eq!(count as u64, JOBS);
                took
            },
        },
        Way {
            name: "futures: the same in a task of its own",
            run: |pending| {
                let jobs = async move {
                    let task = tokio::spawn(async move {
                        let jobs = futures::stream::iter((0..JOBS).map(|n| job(n, pending)));
                        jobs.buffer_unordered(LIMIT).count().await
                    });
                    task.await.expect("no job panics")
                };
                let (count, took) = run(jobs);
                assert_eq!(count as u64, JOBS);
                took
            },
        },
        Way {
            name: "ours: `parallel(..).stream(50)`, summed",
            run: |pending| {
                let jobs = async {
                    let jobs = parallel(0..JOBS, LIMIT, move |n| defer(job(n, pending)));
                    jobs.stream(50)
                        .fold(0, |sum, n| async move { sum + n.expect("no job fails") })
                        .await
                };
                let (sum, took) = run(jobs);
                assert_eq!(sum, JOBS * (JOBS + 1) / 2);
                took
            },
        },
    ]
}

/// The median of each way, measured by turns.
pub fn medians(pending: bool) -> [Duration; 4] {
    let ways = ways();
    let mut took = [const { Vec::new() }; 4];
    for _ in 0..RUNS {
        for (way, took) in ways.iter().zip(&mut took) {
            took.push((way.run)(pending));
        }
    }
    took.map(|mut took| {
        took.sort();
        took[RUNS / 2]
    })
}
