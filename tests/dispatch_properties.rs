//! Random puts, cancellations, priorities and widths: never more than the width, every job ends
//! once, and in order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::dispatch::{JobState, Queued, ResizableDispatchQueue};
use defer::prelude::*;
use proptest::prelude::*;
use tokio::time::sleep;

/// What is done to the queue.
#[derive(Clone, Copy, Debug)]
enum Step {
    Put { priority: i64, takes: u64 },
    Cancel(usize),
    Reprioritise(usize, i64),
    Width(usize),
    Pause,
    Resume,
    Clear,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (-2..3_i64, 0..4_u64).prop_map(|(priority, takes)| Step::Put { priority, takes }),
        2 => (0..40_usize).prop_map(Step::Cancel),
        2 => (0..40_usize, -2..3_i64).prop_map(|(job, to)| Step::Reprioritise(job, to)),
        2 => (0..5_usize).prop_map(Step::Width),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
        1 => Just(Step::Clear),
        4 => (0..3_u64).prop_map(Step::Wait),
    ]
}

/// What the work has seen.
#[derive(Default)]
struct Seen {
    underway: usize,
    /// How often each was begun.
    begun: BTreeMap<usize, usize>,
}

/// The argument: which job, and how long it takes.
type Argument = (usize, u64);

struct Alive(Arc<Mutex<Seen>>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.lock().unwrap().underway -= 1;
    }
}

async fn run(steps: Vec<Step>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let told = seen.clone();
    let work = move |(job, takes): Argument| {
        let mut seen = told.lock().unwrap();
        seen.underway += 1;
        *seen.begun.entry(job).or_default() += 1;
        drop(seen);
        let alive = Alive(told.clone());
        defer(async move {
            let _alive = alive;
            if takes > 0 {
                sleep(Duration::from_millis(10 * takes)).await;
            }
            job
        })
    };
    let queue = ResizableDispatchQueue::new(work, 2);
    let mut jobs: Vec<Queued<Argument, usize>> = Vec::new();
    // How many may be underway: what was begun before the queue was narrowed goes on.
    let mut most = 2;
    let mut paused = false;
    for step in steps {
        match step {
            Step::Put { priority, takes } => {
                jobs.push(queue.put_at((jobs.len(), takes), priority).await.unwrap());
            }
            Step::Cancel(job) => {
                if let Some(job) = jobs.get(job) {
                    job.cancel();
                }
            }
            Step::Reprioritise(job, to) => {
                if let Some(job) = jobs.get(job) {
                    let was = queue.job(job.id()).map(|job| job.state);
                    let done = queue.reprioritise(job.id(), to).is_ok();
                    assert_eq!(done, was == Some(JobState::Pending));
                }
            }
            Step::Width(width) => queue.set_width(width),
            Step::Pause => {
                drop(queue.pause());
                paused = true;
            }
            Step::Resume => {
                queue.resume(None).unwrap();
                paused = false;
            }
            Step::Clear => {
                let pending = queue.pending().len();
                assert_eq!(queue.clear().len(), pending);
            }
            Step::Wait(time) => {
                // In order: what is begun now is what was first.
                let first: Vec<_> = queue.pending().iter().map(|job| job.argument.0).collect();
                let before = seen.lock().unwrap().begun.clone();
                sleep(Duration::from_millis(10 * time + 1)).await;
                let begun = seen.lock().unwrap().begun.clone();
                let new = begun.keys().filter(|job| !before.contains_key(job)).count();
                for job in &first[..new] {
                    assert!(begun.contains_key(job), "{job} is late: {first:?}");
                }
            }
        }
        let width = if paused { 0 } else { queue.width() };
        let underway = seen.lock().unwrap().underway;
        assert!(underway <= most.max(width), "{underway} underway");
        assert!(queue.size().underway <= most.max(width));
        most = width.max(underway);
        let pending = queue.pending();
        assert!(pending.is_sorted_by_key(|job| (job.priority, job.id)));
    }
    queue.set_width(3);
    queue.resume(None).unwrap();
    let all = jobs.len();
    let (mut finished, mut cancelled) = (0, 0);
    for (number, queued) in jobs.into_iter().enumerate() {
        match queued.await {
            Ok(job) => {
                assert_eq!((job.result, job.state), (number, JobState::Finished));
                finished += 1;
            }
            Err(failed) => {
                assert_eq!(failed.job.argument.0, number);
                assert!(failed.is_cancelled());
                cancelled += 1;
            }
        }
    }
    let progress = queue.progress();
    assert_eq!(
        (progress.finished, progress.cancelled),
        (finished, cancelled)
    );
    assert_eq!(
        (progress.all(), queue.size()),
        (all as u64, Default::default())
    );
    let seen = seen.lock().unwrap();
    assert_eq!(seen.underway, 0);
    assert!(
        seen.begun.values().all(|times| *times == 1),
        "{:?}",
        seen.begun
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn whatever_is_done_to_it(steps in prop::collection::vec(step(), 0..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(steps));
    }
}
