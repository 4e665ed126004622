//! Random calls against a plain model, the store closed, dropped or cut off at random places.

use defer::dispatch::store::redb::Options;
use defer::dispatch::store::{JobId, JobStore, Redb, StoreErrorKind, Stored};
use proptest::prelude::*;

#[path = "support/store.rs"]
mod store;

use store::{Place, close, wait};

#[derive(Clone, Debug)]
enum Step {
    Put(i64, String),
    /// The others name one of the jobs that there ever were.
    Lease(usize),
    Release(usize),
    Reprioritise(usize, i64),
    Remove(usize),
    Bury(usize),
    Revive(usize),
    Discard(usize),
    /// Closed, and opened again.
    Reopen,
    /// The file as a process leaves it that is killed when all calls are durable.
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let which = 0..40_usize;
    let step = prop_oneof![
        6 => (-2..3_i64, ".{0,12}").prop_map(|(priority, text)| Step::Put(priority, text)),
        2 => which.clone().prop_map(Step::Lease),
        1 => which.clone().prop_map(Step::Release),
        2 => (which.clone(), -3..4_i64).prop_map(|(at, to)| Step::Reprioritise(at, to)),
        2 => which.clone().prop_map(Step::Remove),
        2 => which.clone().prop_map(Step::Bury),
        1 => which.clone().prop_map(Step::Revive),
        1 => which.prop_map(Step::Discard),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..60)
}

/// A job of the model, in the order of puts.
#[derive(Clone, Debug, PartialEq)]
struct Job {
    id: JobId,
    priority: i64,
    text: String,
    attempts: u32,
    leased: bool,
}

#[derive(Default)]
struct Model {
    ever: Vec<JobId>,
    jobs: Vec<Job>,
    dead: Vec<Job>,
}

impl Model {
    fn id(&self, at: usize) -> JobId {
        // Some steps name a job that never was.
        self.ever.get(at).copied().unwrap_or(JobId::new(u64::MAX))
    }

    fn take(&mut self, at: usize, from: fn(&mut Model) -> &mut Vec<Job>) -> Option<Job> {
        let id = self.id(at);
        let list = from(self);
        let at = list.iter().position(|job| job.id == id)?;
        Some(list.remove(at))
    }

    fn with(&mut self, id: JobId, change: impl FnOnce(&mut Job)) -> bool {
        let job = self.jobs.iter_mut().find(|job| job.id == id);
        job.map(change).is_some()
    }

    /// Whether the call succeeds.
    fn step(&mut self, step: &Step) -> bool {
        match *step {
            Step::Lease(at) => self.with(self.id(at), |job| {
                job.attempts += 1;
                job.leased = true;
            }),
            Step::Release(at) => self.with(self.id(at), |job| job.leased = false),
            Step::Reprioritise(at, to) => self.with(self.id(at), |job| job.priority = to),
            Step::Remove(at) => self.take(at, |model| &mut model.jobs).is_some(),
            Step::Bury(at) => match self.take(at, |model| &mut model.jobs) {
                Some(job) => {
                    self.dead.push(job);
                    true
                }
                None => false,
            },
            Step::Revive(at) => match self.take(at, |model| &mut model.dead) {
                Some(job) => {
                    self.jobs.push(Job {
                        attempts: 0,
                        leased: false,
                        ..job
                    });
                    true
                }
                None => false,
            },
            Step::Discard(at) => self.take(at, |model| &mut model.dead).is_some(),
            Step::Put(..) | Step::Reopen | Step::Crash => true,
        }
    }

    fn in_order(&self) -> Vec<Job> {
        let mut jobs = self.jobs.clone();
        jobs.sort_by_key(|job| job.priority);
        jobs
    }
}

fn agrees(store: &Redb<String>, model: &Model) -> Result<(), TestCaseError> {
    let jobs = wait(store.recover()).unwrap();
    let expected = model.in_order();
    prop_assert_eq!(jobs.len(), expected.len());
    for (job, expected) in jobs.iter().zip(&expected) {
        let told = (job.id, job.priority, &job.argument, job.attempts);
        prop_assert_eq!(
            told,
            (
                expected.id,
                expected.priority,
                &expected.text,
                expected.attempts
            )
        );
    }
    let mut dead: Vec<_> = wait(store.dead_letters())
        .unwrap()
        .into_iter()
        .map(|letter| (letter.id, letter.priority, letter.argument, letter.attempts))
        .collect();
    dead.sort_by_key(|letter| letter.0);
    let mut expected: Vec<_> = model
        .dead
        .iter()
        .map(|job| (job.id, job.priority, Some(job.text.clone()), job.attempts))
        .collect();
    expected.sort_by_key(|letter| letter.0);
    prop_assert_eq!(dead, expected);
    Ok(())
}

/// What was underway is given up, and only that.
fn begins_anew(store: &Redb<String>, model: &mut Model) -> Result<(), TestCaseError> {
    let given_up: Vec<JobId> = store.given_up().iter().map(|lease| lease.id).collect();
    let mut leased: Vec<JobId> = Vec::new();
    for job in &mut model.jobs {
        if core::mem::take(&mut job.leased) {
            leased.push(job.id);
        }
    }
    leased.sort_unstable();
    prop_assert_eq!(given_up, leased);
    Ok(())
}

fn run(steps: &[Step], options: &Options) -> Result<(), TestCaseError> {
    let mut place = Place::new();
    let open = |place: &Place| wait(options.clone().open::<String>(place.path())).unwrap();
    let mut store = open(&place);
    let mut model = Model::default();
    let mut calls = Vec::new();
    for step in steps {
        let id = |at: usize| model.id(at);
        let call = match step {
            Step::Put(priority, text) => {
                let job = Stored::new(store.next_id(), *priority, text.clone());
                prop_assert!(model.ever.last().is_none_or(|last| *last < job.id));
                model.ever.push(job.id);
                model.jobs.push(Job {
                    id: job.id,
                    priority: *priority,
                    text: text.clone(),
                    attempts: 0,
                    leased: false,
                });
                store.put(&job)
            }
            Step::Lease(at) => store.lease(id(*at)),
            Step::Release(at) => store.release(id(*at)),
            Step::Reprioritise(at, to) => store.reprioritise(id(*at), *to),
            Step::Remove(at) => store.remove(id(*at)),
            Step::Bury(at) => store.bury(id(*at), "why"),
            Step::Revive(at) => store.revive(id(*at)),
            Step::Discard(at) => store.discard(id(*at)),
            Step::Reopen => {
                close(&store);
                store = open(&place);
                begins_anew(&store, &mut model)?;
                agrees(&store, &model)?;
                continue;
            }
            Step::Crash => {
                wait(store.flush()).unwrap();
                let copy = Place::new();
                std::fs::copy(place.path(), copy.path()).unwrap();
                // Until the copy is made.
                close(&store);
                place = copy;
                store = open(&place);
                begins_anew(&store, &mut model)?;
                agrees(&store, &model)?;
                continue;
            }
        };
        calls.push((call, model.step(step)));
    }
    wait(store.flush()).unwrap();
    for (call, succeeds) in calls {
        match wait(call) {
            Ok(()) => prop_assert!(succeeds),
            Err(error) => {
                prop_assert_eq!(error.kind(), StoreErrorKind::NoSuchJob);
                prop_assert!(!succeeds);
            }
        }
    }
    agrees(&store, &model)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_store_is_as_the_model(steps in steps()) {
        run(&steps, &Options::new())?;
    }

    #[test]
    fn in_batches_as_well(steps in steps()) {
        run(&steps, &Options::new().batched(std::time::Duration::MAX))?;
    }
}
