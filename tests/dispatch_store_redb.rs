//! Jobs in a file: what is kept, in which order, who owns it, when it is written.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use defer::dispatch::store::redb::{Answer, DeadLetter, Lease, Options};
use defer::dispatch::store::{JobId, JobStore, Redb, StoreError, StoreErrorKind, Stored};
use serde::{Deserialize, Serialize};
use static_assertions::{assert_impl_all, assert_not_impl_any};

#[path = "support/store.rs"]
mod store;

use store::{Place, close, left, named, numbers, put, put_at, wait};

assert_impl_all!(Redb<std::cell::Cell<u8>>: Clone, Send, Sync, Unpin, std::fmt::Debug);
assert_impl_all!(Answer<Vec<u8>>: Send, Sync, Unpin, std::fmt::Debug);
assert_impl_all!(Options: Clone, Default, std::fmt::Debug);
assert_impl_all!(DeadLetter<u8>: Clone, PartialEq);
assert_impl_all!(Lease: Clone, PartialEq);
assert_not_impl_any!(Redb<std::rc::Rc<u8>>: JobStore<std::rc::Rc<u8>>);

fn kind<T: std::fmt::Debug>(answer: Answer<T>) -> StoreErrorKind {
    wait(answer).unwrap_err().kind()
}

/// Whether it is there without waiting.
fn is_ready(answer: &mut Answer<()>) -> bool {
    let cx = &mut Context::from_waker(Waker::noop());
    Pin::new(answer).poll(cx).is_ready()
}

#[test]
fn a_job_comes_back_as_it_was_put() {
    let place = Place::new();
    let store = place.open();
    let mut job = Stored::new(store.next_id(), -7, "all of it".to_owned());
    job.attempts = 3;
    job.queued = SystemTime::UNIX_EPOCH + Duration::new(1_234_567_890, 987_654_321);
    wait(store.put(&job)).unwrap();
    assert_eq!(wait(store.recover()).unwrap(), [job.clone()]);
    close(&store);
    assert_eq!(wait(place.open().recover()).unwrap(), [job]);
}

#[test]
fn a_time_before_1970_is_kept_as_1970() {
    let place = Place::new();
    let store = place.open();
    let mut job = Stored::new(store.next_id(), 0, String::new());
    job.queued = SystemTime::UNIX_EPOCH - Duration::from_secs(5);
    wait(store.put(&job)).unwrap();
    let jobs = wait(store.recover()).unwrap();
    assert_eq!(jobs[0].queued, SystemTime::UNIX_EPOCH);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Errand {
    Wait,
    Call(String, Option<u16>),
    Write { to: Vec<String>, text: Box<str> },
}

#[test]
fn jobs_are_of_any_type_that_serde_knows() {
    let place = Place::new();
    let errands = [
        Errand::Wait,
        Errand::Call("home".into(), Some(7)),
        Errand::Write {
            to: vec!["a".into(), String::new()],
            text: "x".repeat(100_000).into(),
        },
    ];
    let store: Redb<Errand> = wait(Redb::open(place.path())).unwrap();
    for errand in &errands {
        let job = Stored::new(store.next_id(), 0, errand.clone());
        wait(store.put(&job)).unwrap();
    }
    close(&store);
    let store: Redb<Errand> = wait(Redb::open(place.path())).unwrap();
    let jobs = wait(store.recover()).unwrap();
    let back: Vec<Errand> = jobs.into_iter().map(|job| job.argument).collect();
    assert_eq!(back, errands);
}

/// Written without a tag: which it is can only be seen in formats that tell.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Untold {
    Number(u8),
    Text(String),
}

struct NoNumber;

impl Serialize for NoNumber {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is no number"))
    }
}

impl<'de> Deserialize<'de> for NoNumber {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(NoNumber)
    }
}

#[test]
fn a_job_that_could_not_be_read_again_is_refused_when_it_is_put() {
    let place = Place::new();
    let store: Redb<Untold> = wait(Redb::open(place.path())).unwrap();
    let job = |argument| Stored::new(store.next_id(), 0, argument);
    let error = wait(store.put(&job(Untold::Text("x".into())))).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unencodable);
    assert!(error.to_string().contains("job 1"), "{error}");
    assert_eq!(
        kind(store.put(&job(Untold::Number(5)))),
        StoreErrorKind::Unencodable
    );
    assert!(wait(store.recover()).unwrap().is_empty());

    let place = Place::new();
    let store: Redb<NoNumber> = wait(Redb::open(place.path())).unwrap();
    let job = Stored::new(store.next_id(), 0, NoNumber);
    assert_eq!(kind(store.put(&job)), StoreErrorKind::Unencodable);
}

#[test]
fn the_lowest_priority_comes_first_then_the_order_of_puts() {
    let place = Place::new();
    let store = place.open();
    // The order of puts is not that of the names.
    let ids: Vec<JobId> = (0..6).map(|_| store.next_id()).collect();
    for (place, priority) in [(4, 1), (2, 0), (5, 0), (0, 1), (1, i64::MIN), (3, i64::MAX)] {
        let job = Stored::new(ids[place], priority, place.to_string());
        wait(store.put(&job)).unwrap();
    }
    let expected = ["1", "2", "5", "4", "0", "3"];
    assert_eq!(left(&store), expected);
    close(&store);
    let store = place.open();
    assert_eq!(left(&store), expected);

    // What comes after a restart comes behind.
    put(&store, "late");
    wait(store.reprioritise(ids[3], 0)).unwrap();
    let expected = ["1", "2", "5", "3", "late", "4", "0"];
    assert_eq!(left(&store), expected);
}

#[test]
fn a_removed_job_is_gone_for_good() {
    let place = Place::new();
    let store = place.open();
    let (a, b) = (put(&store, "a"), put(&store, "b"));
    wait(store.remove(a)).unwrap();
    assert_eq!(left(&store), ["b"]);
    wait(store.lease(b)).unwrap();
    wait(store.remove(b)).unwrap();
    close(&store);
    let store = place.open();
    assert_eq!(left(&store), [""; 0]);
    assert!(store.given_up().is_empty());
}

#[test]
fn a_lease_is_given_up_when_its_process_is_gone_and_its_attempt_counts() {
    let place = Place::new();
    let before = SystemTime::now();
    let store = place.open();
    let (a, b, c) = (put(&store, "a"), put(&store, "b"), put(&store, "c"));
    wait(store.lease(a)).unwrap();
    wait(store.lease(b)).unwrap();
    wait(store.release(b)).unwrap();
    wait(store.lease(b)).unwrap();
    wait(store.lease(c)).unwrap();
    wait(store.release(c)).unwrap();
    close(&store);

    let store = place.open();
    let attempts: Vec<u32> = wait(store.recover())
        .unwrap()
        .iter()
        .map(|job| job.attempts)
        .collect();
    assert_eq!(attempts, [1, 2, 1]);
    let leases = store.given_up();
    let given_up: Vec<JobId> = leases.iter().map(|lease| lease.id).collect();
    assert_eq!(given_up, [a, b]);
    for lease in leases {
        assert_eq!(lease.process, std::process::id());
        assert!(lease.opened >= before && lease.since >= lease.opened);
    }
    close(&store);
    assert!(place.open().given_up().is_empty());
}

#[test]
fn a_release_of_what_is_not_underway_is_no_error() {
    let place = Place::new();
    let store = place.open();
    let id = put(&store, "a");
    wait(store.release(id)).unwrap();
    assert_eq!(left(&store), ["a"]);
}

#[test]
fn names_are_never_given_twice() {
    let place = Place::new();
    let mut given = BTreeSet::new();
    for _ in 0..3 {
        let store = place.open();
        for _ in 0..3 {
            // Given, and its job is never put.
            assert!(given.insert(store.next_id()));
            assert!(given.insert(put(&store, "a")));
        }
        for job in wait(store.recover()).unwrap() {
            wait(store.remove(job.id)).unwrap();
        }
        close(&store);
    }
    // Closed in order there is no gap.
    assert_eq!(given.last(), Some(&JobId::new(18)));
}

#[test]
fn names_that_others_gave_are_not_given_again() {
    let place = Place::new();
    let store = place.open();
    wait(store.put(&Stored::new(JobId::new(40), 0, String::new()))).unwrap();
    assert_eq!(store.next_id(), JobId::new(41));
    close(&store);
    assert_eq!(place.open().next_id(), JobId::new(42));
}

#[test]
fn more_names_than_are_reserved_at_once() {
    let place = Place::new();
    let store = place.open();
    let many = 3 << 20;
    for number in 1..=many {
        assert_eq!(store.next_id().get(), number);
        // The store reserves more while names are given.
        if number % (1 << 18) == 0 {
            wait(store.flush()).unwrap();
        }
    }
    assert!(store.commits() >= 3);
    // The file as a process leaves it that is killed now.
    let copy = Place::new();
    std::fs::copy(place.path(), copy.path()).unwrap();
    assert!(copy.open().next_id().get() > many);
}

#[test]
fn a_call_for_a_job_that_is_not_there_fails_alone() {
    let place = Place::new();
    let store = wait(named().batched(Duration::MAX).open::<String>(place.path())).unwrap();
    let none = JobId::new(99);
    // One transaction, or two.
    let before = store.put(&Stored::new(store.next_id(), 0, "a".to_owned()));
    let calls = [
        store.lease(none),
        store.release(none),
        store.reprioritise(none, 3),
        store.remove(none),
        store.bury(none, "why"),
        store.revive(none),
        store.discard(none),
    ];
    let after = store.put(&Stored::new(store.next_id(), 0, "b".to_owned()));
    wait(store.flush()).unwrap();
    for call in calls {
        let error = wait(call).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NoSuchJob);
        assert!(error.to_string().contains("99"), "{error}");
    }
    wait(before).unwrap();
    wait(after).unwrap();
    assert_eq!(left(&store), ["a", "b"]);
}

#[test]
fn calls_take_effect_in_order_and_without_being_polled() {
    let place = Place::new();
    let store = place.open();
    let job = Stored::new(store.next_id(), 5, "a".to_owned());
    drop(store.put(&job));
    drop(store.lease(job.id));
    drop(store.release(job.id));
    drop(store.reprioritise(job.id, 6));
    drop(store.lease(job.id));
    drop(store.reprioritise(job.id, 7));
    drop(store.release(job.id));
    let jobs = wait(store.recover()).unwrap();
    assert_eq!((jobs[0].attempts, jobs[0].priority), (2, 7));
}

#[test]
fn a_job_is_encoded_before_put_returns() {
    let place = Place::new();
    let store = place.open();
    let mut job = Stored::new(store.next_id(), 0, "then".to_owned());
    let put = store.put(&job);
    job.argument = "now".to_owned();
    drop(job);
    wait(put).unwrap();
    assert_eq!(left(&store), ["then"]);
}

#[test]
fn puts_that_wait_share_a_commit() {
    let place = Place::new();
    // The first one is written at once, the others never by themselves.
    let store = wait(named().batched(Duration::MAX).open::<String>(place.path())).unwrap();
    put(&store, "first");
    assert_eq!(store.commits(), 1);
    let mut puts: Vec<Answer<()>> = (0..1000)
        .map(|n| store.put(&Stored::new(store.next_id(), 0, n.to_string())))
        .collect();
    assert!(puts.iter_mut().all(|put| !is_ready(put)));
    wait(store.flush()).unwrap();
    assert!(puts.iter_mut().all(is_ready));
    assert_eq!(store.commits(), 2);
    assert_eq!(wait(store.recover()).unwrap().len(), 1001);
    assert_eq!(store.commits(), 2, "reading writes nothing");
}

#[test]
fn what_waits_is_written_when_the_time_is_over() {
    let place = Place::new();
    let options = named().batched(Duration::from_millis(1));
    let store = wait(options.open::<String>(place.path())).unwrap();
    for n in 0..20 {
        put(&store, &n.to_string());
    }
    assert_eq!(store.commits(), 20);
}

#[test]
fn what_hurries_does_not_wait_for_the_time() {
    let place = Place::new();
    let store = wait(named().batched(Duration::MAX).open::<String>(place.path())).unwrap();
    let id = put(&store, "first");
    let bury = store.bury(id, "why");
    assert_eq!(wait(store.dead_letters()).unwrap().len(), 1);
    wait(bury).unwrap();
    wait(store.revive(id)).unwrap();
    let bury = store.bury(id, "why");
    wait(store.discard(id)).unwrap();
    wait(bury).unwrap();
    let last = store.put(&Stored::new(store.next_id(), 0, "last".to_owned()));
    close(&store);
    wait(last).unwrap();
}

#[test]
fn more_calls_than_one_transaction_holds() {
    let place = Place::new();
    let store = wait(named().batched(Duration::MAX).open::<String>(place.path())).unwrap();
    put(&store, "first");
    let puts: Vec<Answer<()>> = (0..20_000)
        .map(|n| store.put(&Stored::new(store.next_id(), 0, n.to_string())))
        .collect();
    wait(store.flush()).unwrap();
    // As many transactions as are needed.
    assert_eq!(store.commits(), 4);
    for put in puts {
        wait(put).unwrap();
    }
    let jobs = wait(store.recover()).unwrap();
    assert_eq!(numbers(&jobs), (1..=20_001).collect::<Vec<_>>());
}

#[test]
fn dead_letters_are_listed_revived_and_dropped() {
    let place = Place::new();
    let store = place.open();
    let ids: Vec<JobId> = ["a", "b", "c"]
        .into_iter()
        .map(|what| put_at(&store, 4, what))
        .collect();
    for (place, why) in [(2, "gone"), (0, "broken"), (1, "late")] {
        wait(store.lease(ids[place])).unwrap();
        wait(store.bury(ids[place], why)).unwrap();
    }
    assert_eq!(left(&store), [""; 0]);
    close(&store);

    let store = place.open();
    assert!(store.given_up().is_empty(), "what is dead is not underway");
    let letters = wait(store.dead_letters()).unwrap();
    let told: Vec<_> = letters
        .iter()
        .map(|letter| (letter.argument.as_deref().unwrap(), &*letter.why))
        .collect();
    assert_eq!(told, [("c", "gone"), ("a", "broken"), ("b", "late")]);
    for letter in &letters {
        assert_eq!((letter.priority, letter.attempts), (4, 1));
        assert!(letter.buried >= letter.queued);
    }

    put_at(&store, 4, "d");
    wait(store.revive(ids[0])).unwrap();
    wait(store.discard(ids[1])).unwrap();
    assert_eq!(kind(store.revive(ids[0])), StoreErrorKind::NoSuchJob);
    assert_eq!(kind(store.discard(ids[1])), StoreErrorKind::NoSuchJob);
    assert_eq!(kind(store.lease(ids[1])), StoreErrorKind::NoSuchJob);
    close(&store);

    let store = place.open();
    let jobs = wait(store.recover()).unwrap();
    let told: Vec<_> = jobs
        .iter()
        .map(|job| (&*job.argument, job.priority, job.attempts))
        .collect();
    assert_eq!(told, [("d", 4, 0), ("a", 4, 0)]);
    let letters = wait(store.dead_letters()).unwrap();
    let told: Vec<JobId> = letters.iter().map(|letter| letter.id).collect();
    assert_eq!(told, [ids[2]]);
}

#[test]
fn a_closed_store_says_so_and_can_be_opened() {
    let place = Place::new();
    let store = place.open();
    let id = put(&store, "a");
    let clone = store.clone();
    close(&store);
    close(&clone);
    let job = Stored::new(clone.next_id(), 0, String::new());
    let calls = [
        clone.put(&job),
        clone.lease(id),
        clone.remove(id),
        clone.flush(),
        clone.revive(id),
    ];
    for call in calls {
        assert_eq!(kind(call), StoreErrorKind::Closed);
    }
    assert_eq!(kind(clone.recover()), StoreErrorKind::Closed);
    assert_eq!(kind(clone.dead_letters()), StoreErrorKind::Closed);
    assert_eq!(left(&place.open()), ["a"]);
}

#[test]
fn dropping_the_last_clone_writes_what_was_asked() {
    let place = Place::new();
    let store = wait(named().batched(Duration::MAX).open::<String>(place.path())).unwrap();
    put(&store, "first");
    let put = store.put(&Stored::new(store.next_id(), 0, "last".to_owned()));
    let clone = store.clone();
    drop(store);
    wait(clone.flush()).unwrap();
    wait(put).unwrap();
    let put = clone.put(&Stored::new(clone.next_id(), 0, "behind".to_owned()));
    drop(clone);
    wait(put).unwrap();
    // The file is let go of a little later.
    let store = loop {
        match wait(named().open::<String>(place.path())) {
            Ok(store) => break store,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::InUse),
        }
        std::thread::yield_now();
    };
    assert_eq!(left(&store), ["first", "last", "behind"]);
}

#[test]
fn an_opening_that_nobody_waits_for_lets_the_file_go() {
    let place = Place::new();
    drop(Redb::<String>::open(place.path()));
    loop {
        match wait(Redb::<String>::open(place.path())) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::InUse, "{error}"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn it_works_in_every_runtime() {
    async fn round(store: Redb<String>) -> Result<usize, StoreError> {
        let job = Stored::new(store.next_id(), 0, "a".to_owned());
        store.put(&job).await?;
        Ok(store.recover().await?.len())
    }
    let place = Place::new();
    let store = place.open();
    let single = tokio::runtime::Builder::new_current_thread();
    let several = tokio::runtime::Builder::new_multi_thread();
    for (mut builder, expected) in [(single, 1), (several, 2)] {
        let runtime = builder.build().unwrap();
        let task = runtime.spawn(round(store.clone()));
        assert_eq!(runtime.block_on(task).unwrap().unwrap(), expected);
    }
}

#[test]
fn a_hundred_tasks_put_at_once() {
    let place = Place::new();
    let store = place.open();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|task| {
            let store = store.clone();
            runtime.spawn(async move {
                let mut ids = Vec::new();
                for n in 0..10 {
                    let job = Stored::new(store.next_id(), 0, format!("{task}.{n}"));
                    store.put(&job).await.unwrap();
                    ids.push(job.id);
                }
                ids
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.extend(runtime.block_on(task).unwrap());
    }
    close(&store);
    let jobs = wait(place.open().recover()).unwrap();
    let mut kept: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    kept.sort_unstable();
    ids.sort_unstable();
    assert_eq!(kept, ids);
    assert_eq!(kept.len(), 1000);
}
