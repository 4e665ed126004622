//! Locks in the file system, in one process and in several; what Twisted's own tests show of
//! them.
//!
//! By the class of `twisted/test/test_defer.py` in Twisted 26.10.0, each test numbered by its
//! place in it; the sums are in `README.md`.
//!
//! # `DeferredFilesystemLockTests`: 8
//!
//! | original | here |
//! | --- | --- |
//! | 1: nobody has it | [`a_free_lock_is_had_at_once`] |
//! | 2: a limit of time, and it stays locked | [`waiting_ends_with_its_limit_of_time`] |
//! | 3: a limit of time, and it is released before | [`a_lock_that_is_released_in_time_is_had`] |
//! | 4: a global reactor | cannot be: the runtime is the one that polls |
//! | 5: waited for twice at a time | [`one_handle_waits_twice_at_a_time`]: which is no error here |
//! | 6: had again and again | [`a_handle_is_used_again_and_again`] |
//! | 7: cancelled | [`cancelled_it_leaves_the_lock_to_its_owner`] |
//! | 8: cancelled, with a limit of time | [`cancelled_within_a_limit_of_time_it_is_done_at_once`] |

use std::fs;
use std::future::pending;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use defer::prelude::*;
use defer::sync::{AcquireFile, DeferredFilesystemLock, FilesystemLockError, FilesystemLockGuard};
use futures::FutureExt;
use static_assertions::assert_impl_all;
use tempfile::TempDir;
use tokio::time::Instant;

assert_impl_all!(DeferredFilesystemLock: Send, Sync, Clone, std::fmt::Debug);
assert_impl_all!(FilesystemLockGuard: Send, Sync, std::fmt::Debug);
assert_impl_all!(AcquireFile: Send);
assert_impl_all!(FilesystemLockError: std::error::Error, Send, Sync);

const SECOND: Duration = Duration::from_secs(1);

/// A place for a lock, and the lock, which is looked for once a second.
fn place() -> (TempDir, DeferredFilesystemLock) {
    let dir = tempfile::tempdir().unwrap();
    let lock = DeferredFilesystemLock::new(dir.path().join("a.lock")).poll_interval(SECOND);
    (dir, lock)
}

async fn held(lock: &DeferredFilesystemLock) -> bool {
    lock.try_acquire().await.unwrap().is_none()
}

fn not_a_lock_file(why: &Failure) -> bool {
    matches!(
        why.check::<FilesystemLockError>(),
        Some(FilesystemLockError::NotALockFile { .. })
    )
}

#[tokio::test(start_paused = true)]
async fn a_free_lock_is_had_at_once() {
    let (_dir, lock) = place();
    let begin = Instant::now();
    let guard = lock.acquire().await.unwrap();
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert_eq!(guard.path(), lock.path());
    assert_eq!(guard.took_over(), None);
    assert_eq!(lock.owner().await.unwrap(), Some(std::process::id()));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_its_limit_of_time() {
    let (_dir, lock) = place();
    let guard = lock.acquire().await.unwrap();
    let begin = Instant::now();
    let limit = Duration::from_millis(5500);
    let why = lock.acquire().timeout(limit).await.unwrap_err();
    assert!(why.is_timeout());
    assert_eq!(begin.elapsed(), limit);
    assert!(held(&lock).await);
    drop(guard);
    assert!(!held(&lock).await);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_released_in_time_is_had() {
    let (_dir, lock) = place();
    let guard = lock.acquire().await.unwrap();
    let begin = Instant::now();
    let release = defer::time::call_later(Duration::from_millis(2500), || drop(guard));
    let _guard = lock.acquire().timeout(10 * SECOND).await.unwrap();
    assert_eq!(
        begin.elapsed(),
        3 * SECOND,
        "it is looked for once a second"
    );
    assert!(!release.active());
}

#[tokio::test(start_paused = true)]
async fn one_handle_waits_twice_at_a_time() {
    let (_dir, lock) = place();
    let guard = lock.acquire().await.unwrap();
    let (first, second) = (lock.acquire().start(), lock.clone().acquire().start());
    tokio::time::sleep(SECOND / 2).await;
    drop(guard);
    let first = async { first.await.unwrap().release().await };
    let second = async { second.await.unwrap().release().await };
    let (first, second) = tokio::join!(first, second);
    first.and(second).unwrap();
    assert!(!held(&lock).await);
}

#[tokio::test(start_paused = true)]
async fn a_handle_is_used_again_and_again() {
    let (_dir, lock) = place();
    for _ in 0..3 {
        let guard = lock.acquire().await.unwrap();
        assert!(held(&lock).await);
        guard.release().await.unwrap();
        assert!(!held(&lock).await);
    }
}

#[tokio::test(start_paused = true)]
async fn cancelled_it_leaves_the_lock_to_its_owner() {
    let (_dir, lock) = place();
    let guard = lock.acquire().await.unwrap();
    let waiting = lock.acquire().start();
    tokio::time::sleep(SECOND / 2).await;
    let begin = Instant::now();
    waiting.cancel();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert!(held(&lock).await);
    drop(guard);
    assert!(!held(&lock).await);
}

#[tokio::test(start_paused = true)]
async fn cancelled_within_a_limit_of_time_it_is_done_at_once() {
    let (_dir, lock) = place();
    let _guard = lock.acquire().await.unwrap();
    let (waiting, canceller) = lock.acquire().timeout(SECOND).cancellable();
    let waiting = waiting.start();
    tokio::time::sleep(SECOND / 2).await;
    let begin = Instant::now();
    canceller.cancel();
    let why = waiting.await.unwrap_err();
    assert!(why.is_cancelled() && !why.is_timeout());
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

mod in_one_process {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn dropped_or_cancelled_at_any_moment_it_leaves_nothing_half_taken() {
        let (_dir, lock) = place();
        for round in 0..200 {
            let (acquire, canceller) = lock.acquire().cancellable();
            let mut acquire = Box::pin(acquire);
            // The thread has it, or is about to, or has not begun; or it was quick.
            if (&mut acquire).now_or_never().is_some() {
                continue;
            }
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            if round % 3 == 0 {
                canceller.cancel();
                let _ = (&mut acquire).now_or_never();
            }
            drop(acquire);
        }
        // What the last thread still got is released by it.
        let limit = 60 * SECOND;
        let quick = lock.poll_interval(Duration::from_millis(1));
        let guard = quick.acquire().timeout(limit).await.unwrap();
        assert_eq!(guard.took_over(), None);
    }

    #[test]
    fn one_that_has_it_when_it_is_cancelled_yields_it() {
        let (_dir, lock) = place();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (acquire, canceller) = lock.acquire().cancellable();
            let mut acquire = pin!(acquire);
            let (busy, idle) = std::sync::mpsc::channel::<()>();
            let thread = tokio::task::spawn_blocking(move || idle.recv());
            assert!(acquire.as_mut().now_or_never().is_none());
            drop(busy);
            thread.await.unwrap().unwrap_err();
            // There is one thread: what comes after it begins when it has ended.
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            canceller.cancel();
            let guard = acquire.await.unwrap();
            assert!(held(&lock).await);
            drop(guard);

            // The same when somebody else has it: then it leaves.
            let guard = lock.acquire().await.unwrap();
            let (acquire, canceller) = lock.acquire().cancellable();
            let mut acquire = pin!(acquire);
            let (busy, idle) = std::sync::mpsc::channel::<()>();
            let thread = tokio::task::spawn_blocking(move || idle.recv());
            assert!(acquire.as_mut().now_or_never().is_none());
            drop(busy);
            thread.await.unwrap().unwrap_err();
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            canceller.cancel();
            let left = acquire.now_or_never().expect("it waits no more");
            assert!(left.unwrap_err().is_cancelled());
            drop(guard);
        });
    }

    #[tokio::test]
    async fn dropping_the_guard_removes_the_file() {
        let (_dir, lock) = place();
        let guard = lock.acquire().await.unwrap();
        let text = fs::read_to_string(lock.path()).unwrap();
        assert_eq!(text, format!("lock file\npid {}\n", std::process::id()));
        assert!(format!("{guard:?}").starts_with("FilesystemLockGuard { path: "));
        drop(guard);
        assert!(!lock.path().exists());
        assert_eq!(lock.owner().await.unwrap(), None);
    }

    #[tokio::test]
    async fn releasing_that_is_never_polled_releases() {
        let (_dir, lock) = place();
        drop(lock.acquire().await.unwrap().release());
        assert!(!held(&lock).await);
    }

    #[tokio::test]
    async fn it_is_an_argument_of_annotated_functions() {
        #[callback]
        fn serve(guard: FilesystemLockGuard, #[value] name: &str) -> String {
            format!("{name} has {}", guard.path().exists())
        }
        let (_dir, lock) = place();
        assert_eq!(serve(lock.acquire(), "a").await.unwrap(), "a has true");
        assert!(!held(&lock).await);
    }

    #[tokio::test]
    async fn a_runtime_that_ends_while_it_is_waited_for_leaves_nothing() {
        let (_dir, lock) = place();
        let other = lock.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let guard = other.acquire().await.unwrap();
                let waits = other.acquire().start();
                waits.detach();
                defer(async move {
                    let _guard = guard;
                    pending::<()>().await;
                })
                .start()
                .detach();
                tokio::task::yield_now().await;
            });
        })
        .join()
        .unwrap();
        assert!(!held(&lock).await);
    }
}

mod what_is_no_lock_file {
    use super::*;

    async fn refused_as_it_is(path: &Path, content: &[u8]) {
        fs::write(path, content).unwrap();
        let lock = DeferredFilesystemLock::new(path);
        let why = lock.acquire().await.unwrap_err();
        assert!(not_a_lock_file(&why), "{why}");
        assert_eq!(
            why.to_string(),
            format!("{} is not a lock file", path.display())
        );
        assert!(not_a_lock_file(&lock.try_acquire().await.unwrap_err()));
        assert!(not_a_lock_file(&lock.owner().await.unwrap_err()));
        assert_eq!(fs::read(path).unwrap(), content);
    }

    #[tokio::test]
    async fn is_refused_and_stays_as_it_is() {
        let (_dir, lock) = place();
        let long = [b"lock file\npid 1".as_slice(), &[b'0'; 1000]].concat();
        for content in [
            b"dear reader".as_slice(),
            b"1234\n",
            b"\xff\xfe",
            b"lock file\npid 12 monkeys\n",
            b"lock file\npid 1\n\nand a letter\n",
            &long,
        ] {
            refused_as_it_is(lock.path(), content).await;
        }
    }

    #[tokio::test]
    async fn is_a_directory_or_a_link_too() {
        let (dir, _) = place();
        let lock = DeferredFilesystemLock::new(dir.path());
        assert!(not_a_lock_file(&lock.acquire().await.unwrap_err()));

        #[cfg(unix)]
        {
            // A lock of Twisted's is a link to the number of a process.
            let link = dir.path().join("link");
            std::os::unix::fs::symlink("1234", &link).unwrap();
            let lock = DeferredFilesystemLock::new(&link);
            assert!(not_a_lock_file(&lock.acquire().await.unwrap_err()));
            assert_eq!(fs::read_link(&link).unwrap(), Path::new("1234"));
        }
    }

    #[tokio::test]
    async fn is_refused_even_while_somebody_locks_it() {
        let (_dir, lock) = place();
        fs::write(lock.path(), "a database").unwrap();
        let database = fs::File::open(lock.path()).unwrap();
        fs4::FileExt::lock(&database).unwrap();
        assert!(not_a_lock_file(&lock.acquire().await.unwrap_err()));
    }

    #[tokio::test]
    async fn is_told_from_a_directory_that_is_not_there() {
        let (dir, _) = place();
        let lock = DeferredFilesystemLock::new(dir.path().join("no").join("a.lock"));
        let why = lock.acquire().await.unwrap_err();
        let Some(FilesystemLockError::Io { error, .. }) = why.check() else {
            panic!("{why}");
        };
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        assert_eq!(lock.owner().await.unwrap(), None);
    }
}

mod what_was_left {
    use super::*;

    async fn is_taken_over(content: &str, from: Option<u32>) {
        let (_dir, lock) = place();
        fs::write(lock.path(), content).unwrap();
        assert_eq!(lock.owner().await.unwrap(), from);
        let guard = lock.acquire().await.unwrap();
        assert_eq!(guard.took_over(), from);
        assert_eq!(lock.owner().await.unwrap(), Some(std::process::id()));
    }

    #[tokio::test]
    async fn by_an_owner_that_is_dead_is_taken_over() {
        let mut child = Command::new(std::env::current_exe().unwrap());
        let mut child = child.arg("--list").stdout(Stdio::null()).spawn().unwrap();
        child.wait().unwrap();
        let content = format!("lock file\npid {}\n", child.id());
        is_taken_over(&content, Some(child.id())).await;
    }

    #[tokio::test]
    async fn by_an_owner_whose_number_another_process_has_is_taken_over() {
        // The first process lives always, and this one does now; neither holds the lock.
        for pid in [1, std::process::id()] {
            is_taken_over(&format!("lock file\npid {pid}\n"), Some(pid)).await;
        }
    }

    #[tokio::test]
    async fn in_the_middle_of_taking_it_is_taken_over() {
        for content in ["", "lock", "lock file\npid "] {
            is_taken_over(content, None).await;
        }
    }
}

/// This program again, in a role of [`as_a_process`].
struct Process {
    child: Child,
}

impl Process {
    fn start(role: &str, lock: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "as_a_process", "--ignored", "--nocapture"])
            .env("LOCK_ROLE", role)
            .env("LOCK_PATH", lock)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Process { child }
    }

    /// Read what it says until it says this.
    fn says(&mut self, what: &str) {
        let mut lines = BufReader::new(self.child.stdout.as_mut().unwrap()).lines();
        assert!(
            lines.any(|line| line.unwrap().contains(what)),
            "it never said {what}"
        );
    }

    /// Close what it reads from, and wait for its end.
    fn ends(mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        // It is not to wait for somebody who reads.
        let mut rest = String::new();
        let stdout = self.child.stdout.as_mut().unwrap();
        stdout.read_to_string(&mut rest).unwrap();
        self.child.wait().unwrap()
    }

    fn kill(mut self) -> u32 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child.id()
    }
}

const ROUNDS: usize = 500;

/// What another process does, when one of the tests below starts it.
#[test]
#[ignore = "a part of other tests, which run it as a process"]
fn as_a_process() {
    let (Ok(role), Ok(path)) = (std::env::var("LOCK_ROLE"), std::env::var("LOCK_PATH")) else {
        return;
    };
    let path = PathBuf::from(path);
    let lock = DeferredFilesystemLock::new(&path).poll_interval(Duration::from_millis(1));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut guard = runtime.block_on(lock.acquire()).unwrap();
    if role == "hold" {
        let mut stdout = std::io::stdout();
        writeln!(stdout, "held, after {:?}", guard.took_over()).unwrap();
        stdout.flush().unwrap();
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    for round in 1..=ROUNDS {
        let inside = path.with_extension("inside");
        // Fails if another one is inside.
        drop(fs::File::create_new(&inside).unwrap());
        let count = path.with_extension("count");
        let before: usize = fs::read_to_string(&count).unwrap().parse().unwrap();
        fs::write(&count, (before + 1).to_string()).unwrap();
        fs::remove_file(&inside).unwrap();
        drop(guard);
        if round == ROUNDS {
            return;
        }
        guard = runtime.block_on(lock.acquire()).unwrap();
    }
}

mod in_several_processes {
    use super::*;

    #[test]
    fn never_two_hold_it() {
        const PROCESSES: usize = 4;
        let (_dir, lock) = place();
        fs::write(lock.path().with_extension("count"), "0").unwrap();
        let all: Vec<_> = (0..PROCESSES)
            .map(|_| Process::start("count", lock.path()))
            .collect();
        for process in all {
            assert!(process.ends().success());
        }
        let count = fs::read_to_string(lock.path().with_extension("count")).unwrap();
        assert_eq!(count, (PROCESSES * ROUNDS).to_string());
        assert!(!lock.path().exists());
    }

    #[tokio::test]
    async fn one_that_holds_it_keeps_others_out_until_it_ends() {
        let (_dir, lock) = place();
        let mut holder = Process::start("hold", lock.path());
        holder.says("held, after None");
        assert!(held(&lock).await);
        assert_eq!(lock.owner().await.unwrap(), Some(holder.child.id()));
        let limited = lock.acquire().timeout(Duration::from_millis(10)).await;
        assert!(limited.unwrap_err().is_timeout());
        assert!(holder.ends().success());
        assert_eq!(lock.acquire().await.unwrap().took_over(), None);
    }

    #[tokio::test]
    async fn one_that_is_killed_holds_it_no_more() {
        let (_dir, lock) = place();
        let mut holder = Process::start("hold", lock.path());
        holder.says("held, after None");
        let dead = holder.kill();
        assert!(lock.path().exists());
        let guard = lock.try_acquire().await.unwrap().unwrap();
        assert_eq!(guard.took_over(), Some(dead));
    }

    #[test]
    fn of_several_that_come_for_what_a_dead_one_left_each_has_it_alone() {
        let (_dir, lock) = place();
        fs::write(lock.path().with_extension("count"), "0").unwrap();
        for killed in 1..=5 {
            let mut holder = Process::start("hold", lock.path());
            holder.says("held");
            let takers = [0, 1].map(|_| Process::start("count", lock.path()));
            holder.kill();
            for taker in takers {
                assert!(taker.ends().success());
            }
            let count = fs::read_to_string(lock.path().with_extension("count")).unwrap();
            assert_eq!(count, (killed * 2 * ROUNDS).to_string());
        }
    }
}
