//! A million trivial jobs through the dispatch queue, beside a pool of workers by hand.
//!
//! Every job has a result that somebody waits for: a deferred here, a `oneshot` there. Time is
//! processor time, where the system tells it: all of it is spent on one thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use defer::dispatch::ResizableDispatchQueue;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

/// How many jobs there are.
pub const JOBS: u64 = 1_000_000;
/// How many are underway at once.
pub const WIDTH: usize = 50;
/// How many may wait, where that is bounded.
pub const BOUND: usize = 1000;
const RUNS: usize = 5;

/// One way to work through them.
pub struct Way {
    pub name: &'static str,
    run: fn(bool) -> Duration,
}

fn job(n: u64) -> u64 {
    n + 1
}

fn check(sum: u64) {
    assert_eq!(sum, JOBS * (JOBS + 1) / 2);
}

fn run(work: impl Future<Output = u64>) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let (start, before) = (Instant::now(), processor());
    check(runtime.block_on(work));
    match (before, processor()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed(),
    }
}

/// How long this thread has run.
fn processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = stat.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

async fn ours(bounded: bool) -> u64 {
    let builder = ResizableDispatchQueue::builder(job).width(WIDTH);
    let queue = if bounded {
        builder.bound(BOUND).build()
    } else {
        builder.build()
    };
    let mut results = Vec::with_capacity(JOBS as usize);
    for n in 0..JOBS {
        results.push(queue.put(n).await.expect("it is not stopped"));
    }
    let mut sum = 0;
    for result in results {
        sum += result.await.expect("no job fails").result;
    }
    sum
}

type Job = (u64, oneshot::Sender<u64>);

/// Either kind of channel, as the rival would write the one that it needs.
enum Sender {
    Bounded(mpsc::Sender<Job>),
    Unbounded(mpsc::UnboundedSender<Job>),
}

macro_rules! workers {
    ($pool:ident, $receiver:ident) => {
        let receiver = Arc::new(Mutex::new($receiver));
        for _ in 0..WIDTH {
            let receiver = receiver.clone();
            $pool.spawn(async move {
                loop {
                    let next = receiver.lock().await.recv().await;
                    let Some((n, result)) = next else { break };
                    let _ = result.send(job(n));
                }
            });
        }
    };
}

async fn by_hand(bounded: bool) -> u64 {
    let mut pool = JoinSet::new();
    let sender = if bounded {
        let (sender, receiver) = mpsc::channel::<Job>(BOUND);
        workers!(pool, receiver);
        Sender::Bounded(sender)
    } else {
        let (sender, receiver) = mpsc::unbounded_channel::<Job>();
        workers!(pool, receiver);
        Sender::Unbounded(sender)
    };
    let mut results = Vec::with_capacity(JOBS as usize);
    for n in 0..JOBS {
        let (result, waits) = oneshot::channel();
        match &sender {
            Sender::Bounded(sender) => sender.send((n, result)).await.expect("workers"),
            Sender::Unbounded(sender) => sender.send((n, result)).expect("workers"),
        }
        results.push(waits);
    }
    let mut sum = 0;
    for result in results {
        sum += result.await.expect("no job fails");
    }
    drop(sender);
    while let Some(worker) = pool.join_next().await {
        worker.expect("no worker panics");
    }
    sum
}

/// All ways, ours first, then the rival of the bar.
pub fn ways() -> [Way; 2] {
    [
        Way {
            name: "ours: `ResizableDispatchQueue`",
            run: |bounded| run(ours(bounded)),
        },
        Way {
            name: "by hand: tokio's `mpsc`, workers in a `JoinSet`, a `oneshot` for each job",
            run: |bounded| run(by_hand(bounded)),
        },
    ]
}

/// The median of each way, measured by turns.
pub fn medians(bounded: bool) -> [Duration; 2] {
    let ways = ways();
    let mut took = [const { Vec::new() }; 2];
    for _ in 0..RUNS {
        for (way, took) in ways.iter().zip(&mut took) {
            took.push((way.run)(bounded));
        }
    }
    took.map(|mut took| {
        took.sort();
        took[RUNS / 2]
    })
}
