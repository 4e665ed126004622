//! Jobs that are durable before they are accepted, beside a file that is synchronised by hand.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use defer::dispatch::store::redb::Options;
use defer::dispatch::store::{JobStore, Redb, Stored};

/// So long each way runs each time, and so often, by turns.
const SPAN: Duration = Duration::from_millis(700);
const RUNS: usize = 3;
/// What a job is done with.
const BYTES: usize = 100;

/// One way to put jobs.
pub struct Way {
    /// Who puts, and when it is written.
    pub what: &'static str,
    pub name: &'static str,
    run: fn(&Path) -> Put,
}

/// What came of it.
#[derive(Clone, Copy)]
pub struct Put {
    pub a_second: f64,
    pub for_each_sync: f64,
}

fn store(path: &Path, putters: u64, options: Options) -> Put {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let store: Redb<String> = options.open(path).await.expect("a store");
        let puts = Arc::new(AtomicU64::new(0));
        let before = store.commits();
        let start = Instant::now();
        let tasks: Vec<_> = (0..putters)
            .map(|_| {
                let (store, puts) = (store.clone(), puts.clone());
                tokio::spawn(async move {
                    while start.elapsed() < SPAN {
                        let job = Stored::new(store.next_id(), 0, "x".repeat(BYTES));
                        store.put(&job).await.expect("it is durable");
                        puts.fetch_add(1, Relaxed);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task panics");
        }
        let took = start.elapsed();
        let commits = store.commits() - before;
        store.close().await.expect("it is closed");
        let puts = puts.load(Relaxed) as f64;
        Put {
            a_second: puts / took.as_secs_f64(),
            for_each_sync: puts / commits.max(1) as f64,
        }
    })
}

/// Records at the end of a file, synchronised after so many of them; what cannot be found again,
/// changed or removed.
fn file(path: &Path, for_each_sync: u64) -> Put {
    let mut file = File::create(path).expect("a file");
    let record = [b'x'; BYTES];
    let mut puts = 0;
    let start = Instant::now();
    while start.elapsed() < SPAN {
        for _ in 0..for_each_sync {
            file.write_all(&record).expect("it is written");
            puts += 1;
        }
        file.sync_data().expect("it is durable");
    }
    Put {
        a_second: puts as f64 / start.elapsed().as_secs_f64(),
        for_each_sync: for_each_sync as f64,
    }
}

fn batched() -> Options {
    Options::new().batched(Duration::from_millis(5))
}

const ALONE: &str = "one after another";
const HUNDRED: &str = "100 at once";
const THOUSAND: &str = "1,000 at once";
const OURS: &str = "ours";
const BY_HAND: &str = "a file, `write` and `fdatasync` by hand";

/// All ways; the first of each kind is ours, the last one is by hand.
pub fn ways() -> [Way; 9] {
    [
        Way {
            what: ALONE,
            name: OURS,
            run: |path| store(path, 1, Options::new()),
        },
        Way {
            what: ALONE,
            name: "ours, `batched` in 5 ms",
            run: |path| store(path, 1, batched()),
        },
        Way {
            what: ALONE,
            name: BY_HAND,
            run: |path| file(path, 1),
        },
        Way {
            what: HUNDRED,
            name: OURS,
            run: |path| store(path, 100, Options::new()),
        },
        Way {
            what: HUNDRED,
            name: "ours, `batched` in 5 ms",
            run: |path| store(path, 100, batched()),
        },
        Way {
            what: HUNDRED,
            name: BY_HAND,
            run: |path| file(path, 100),
        },
        Way {
            what: THOUSAND,
            name: OURS,
            run: |path| store(path, 1000, Options::new()),
        },
        Way {
            what: THOUSAND,
            name: "ours, `batched` in 5 ms",
            run: |path| store(path, 1000, batched()),
        },
        Way {
            what: THOUSAND,
            name: BY_HAND,
            run: |path| file(path, 1000),
        },
    ]
}

/// The median of each way, in the order of [`ways`].
pub fn medians() -> Vec<Put> {
    let folder = folder();
    let ways = ways();
    let mut all: Vec<Vec<Put>> = ways.iter().map(|_| Vec::new()).collect();
    for _ in 0..RUNS {
        for (way, all) in ways.iter().zip(&mut all) {
            let path = folder.join("jobs");
            all.push((way.run)(&path));
            std::fs::remove_file(&path).expect("it is there");
        }
    }
    std::fs::remove_dir(&folder).expect("it is empty");
    all.into_iter()
        .map(|mut puts| {
            puts.sort_by(|a, b| a.a_second.total_cmp(&b.a_second));
            puts[RUNS / 2]
        })
        .collect()
}

/// Beside this program, as folders for temporary files are in memory on some machines.
fn folder() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    let name = format!("durable-{}", std::process::id());
    let folder = program.with_file_name(name);
    std::fs::create_dir(&folder).expect("a folder");
    folder
}

/// What the files of the measurement are on, as Linux calls it.
pub fn file_system() -> String {
    let unknown = || "unknown".to_owned();
    let (Ok(program), Ok(mounts)) = (
        std::env::current_exe(),
        std::fs::read_to_string("/proc/self/mounts"),
    ) else {
        return unknown();
    };
    // device, folder, kind, …; the longest folder that the path is in.
    let kinds = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (folder, kind) = (words.next()?, words.next()?);
        program
            .starts_with(folder)
            .then(|| (folder.len(), kind.to_owned()))
    });
    kinds.max().map_or_else(unknown, |(_, kind)| kind)
}
