//! A process that is killed while it puts, leases and removes: what was acknowledged is there.
//!
//! The process is this program, which starts itself again.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use defer::dispatch::store::{JobStore, Redb, Stored};

#[path = "support/store.rs"]
mod store;

use store::{Place, close, wait};

/// Where the process that is killed has its store.
const PATH: &str = "DEFER_TEST_STORE";
const ROUNDS: u64 = 20;

fn text(id: u64) -> String {
    format!("job {id} ").repeat((id % 40) as usize)
}

/// Not `println!`, which a test keeps to itself. A line is one write, so none is torn.
fn say(what: &str, id: u64) {
    let line = format!("\n{what} {id}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// What is killed: it tells what it is about to do, and what is done.
async fn work(path: PathBuf) {
    let store: Redb<String> = Redb::open(path).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| tokio::spawn(on_and_on(store.clone())))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn on_and_on(store: Redb<String>) {
    for round in 0_u64.. {
        let id = store.next_id();
        let number = id.get();
        let job = Stored::new(id, 0, text(number));
        say("puts", number);
        store.put(&job).await.unwrap();
        say("put", number);
        if round % 3 == 0 {
            store.lease(id).await.unwrap();
            say("leased", number);
        }
        if round % 2 == 0 {
            say("removes", number);
            store.remove(id).await.unwrap();
            say("removed", number);
        }
    }
}

#[test]
#[ignore = "the other test starts it, and kills it"]
fn a_process_at_work() {
    if let Some(path) = std::env::var_os(PATH) {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).build().unwrap();
        runtime.block_on(work(path.into()));
    }
}

fn begun(path: &Path) -> Child {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--ignored", "--exact", "a_process_at_work", "--nocapture"])
        .env(PATH, path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    program.spawn().unwrap()
}

/// What is known of a job.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    put: bool,
    attempts: u32,
    removes: bool,
    removed: bool,
}

/// Let it work for so many lines, kill it, and tell all that it said.
fn killed_after(lines: u64, path: &Path) -> BTreeMap<u64, Known> {
    let mut child = begun(path);
    let mut told: BTreeMap<u64, Known> = BTreeMap::new();
    let mut count = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((what, id)) = line.split_once(' ') else {
            continue;
        };
        let Ok(id) = id.parse::<u64>() else { continue };
        let job = told.entry(id).or_default();
        match what {
            "puts" => assert!(!job.put, "the name {id} came twice"),
            "put" => job.put = true,
            "leased" => job.attempts += 1,
            "removes" => job.removes = true,
            "removed" => job.removed = true,
            _ => continue,
        }
        count += 1;
        if count == lines {
            // SIGKILL. What it had said by then is still read.
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(count >= lines, "it ended by itself: {status}");
    told
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let place = Place::new();
    let mut expected: BTreeMap<u64, u32> = BTreeMap::new();
    let mut ever: BTreeMap<u64, Known> = BTreeMap::new();
    let (mut undecided, mut given_up) = (0, 0);
    for round in 0..ROUNDS {
        // From before it opens its store to far into its work.
        let told = killed_after(1 + round * round * 7, &place.path());
        for id in told.keys() {
            assert!(!ever.contains_key(id), "the name {id} came again");
        }
        let store = place.open();
        let jobs = wait(store.recover()).unwrap();
        let mut kept: BTreeMap<u64, u32> = BTreeMap::new();
        for job in jobs {
            let id = job.id.get();
            assert_eq!(job.argument, text(id));
            assert!(expected.contains_key(&id) || told.contains_key(&id));
            kept.insert(id, job.attempts);
        }
        for (id, attempts) in &expected {
            assert_eq!(kept.get(id), Some(attempts), "job {id} of before");
        }
        for (id, job) in &told {
            if job.removed {
                assert!(!kept.contains_key(id), "job {id} was removed");
            } else if job.put && !job.removes {
                let attempts = kept.get(id);
                assert!(attempts >= Some(&job.attempts), "job {id} is lost");
            } else {
                undecided += 1;
            }
        }
        given_up += store.given_up().len();
        close(&store);
        ever.extend(told);
        expected = kept;
    }
    // It was killed in the middle of something, and with jobs underway.
    assert!(undecided > 0 && given_up > 0);
    assert!(expected.len() > 100);
}
