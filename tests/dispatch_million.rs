//! A million jobs: none is lost, the stack does not grow, and what one costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use defer::dispatch::{JobState, ResizableDispatchQueue};

const JOBS: u64 = 1_000_000;

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(work);
}

#[test]
fn a_million_jobs_are_done_once_each() {
    let sum = Arc::new(AtomicU64::new(0));
    let add = sum.clone();
    run(async move {
        let work = move |n: u64| add.fetch_add(n, Relaxed);
        let queue = ResizableDispatchQueue::new(work, 10);
        for n in 0..JOBS {
            drop(queue.put(n).await.unwrap());
        }
        assert_eq!(queue.size().pending as u64, JOBS);
        while queue.progress().finished < JOBS {
            tokio::task::yield_now().await;
        }
        assert!(queue.stop().await.is_empty());
    });
    assert_eq!(sum.load(Relaxed), JOBS * (JOBS - 1) / 2);
}

/// On a stack that is small, so that what is recursive is found out.
#[test]
fn a_million_jobs_are_handed_back_and_dropped_without_a_stack() {
    let test = || {
        run(async {
            let queue = ResizableDispatchQueue::new(|n: u64| n, 0);
            let mut waiting = Vec::new();
            for n in 0..JOBS {
                waiting.push(queue.put_at(n, (n % 3) as i64).await.unwrap());
            }
            let undone = queue.stop().await;
            assert_eq!(undone.len() as u64, JOBS);
            assert!(undone.is_sorted_by_key(|job| (job.priority, job.id)));
            drop(queue);
            for queued in waiting {
                assert_eq!(queued.await.unwrap_err().job.state, JobState::Pending);
            }
        });
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    thread.spawn(test).unwrap().join().unwrap();
}

/// A pending job with a number for its argument and another for its result.
#[test]
fn what_a_job_costs() {
    run(async {
        let queue = ResizableDispatchQueue::new(|n: u64| n, 0);
        let mut waiting = Vec::with_capacity(1 << 16);
        let put = async {
            for n in 0..1 << 16 {
                waiting.push(queue.put(n).await.unwrap());
            }
        };
        let cost = allocation_counter::measure(|| futures::executor::block_on(put));
        let jobs = waiting.len() as u64;
        // One allocation each, and those of the queue's own list as it grows.
        assert!(cost.count_total < jobs + 100, "{cost:?}");
        // 120 for itself and 40 in the list, beside the 16 of its handle.
        let bytes = cost.bytes_current as u64 / jobs;
        assert!(bytes <= 160, "{bytes} bytes a job");
    });
}
