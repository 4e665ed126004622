//! The example `avatar`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use std::ffi::OsStr;
use std::fs;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;

use example::{Run, run_example};

/// Longer than any machine is busy.
const LONG: &str = "--deadline=600000";

fn program() -> Command {
    example::example("avatar")
}

fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run_example("avatar", args)
}

/// The account of one search.
#[derive(Debug)]
struct Account<'a> {
    user: &'a str,
    cache: &'a str,
    files: &'a str,
    network: &'a str,
    /// Without the time it took.
    outcome: &'a str,
}

impl Run {
    /// The accounts, and the line below them.
    #[track_caller]
    fn accounts<'a>(&'a self) -> (Vec<Account<'a>>, &'a str) {
        let mut parts: Vec<_> = self.stdout.trim_end().split("\n\n").collect();
        let last = parts.pop().expect("there is a last line");
        let accounts = parts.into_iter().map(|part| {
            let lines: Vec<_> = part.lines().collect();
            let [user, cache, files, network, outcome] = lines[..] else {
                panic!("an account has five lines, and not\n{part}")
            };
            let of = |line: &'a str, name| {
                let rest = line.trim_start().strip_prefix(name);
                rest.unwrap_or_else(|| panic!("{line} is of {name}")).trim()
            };
            let outcome = of(outcome, "=>");
            let (outcome, took) = outcome.split_once(", in ").expect("a time");
            let took = took.strip_suffix(" ms").expect("milliseconds");
            assert!(took.parse::<u64>().is_ok(), "{took:?} is not a time");
            Account {
                user,
                cache: of(cache, "cache"),
                files: of(files, "files"),
                network: of(network, "network"),
                outcome,
            }
        });
        (accounts.collect(), last)
    }
}

/// A server and a directory of the test's own.
struct World {
    /// Runs the server, until it is dropped.
    _runtime: Runtime,
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
    dir: PathBuf,
}

fn picture(file: &str) -> String {
    format!("<svg><title>{file}</title></svg>")
}

impl World {
    /// `/some/` has everybody's picture but eve's, `/silent/` never answers, `/broken/` has
    /// something else, `/feeding/` writes the picture into the file and never answers.
    fn new(name: &str) -> World {
        let runtime = Runtime::new().expect("a runtime");
        let dir = std::env::temp_dir().join(format!("avatar-test-{name}-{}", std::process::id()));
        fs::create_dir(&dir).expect("a directory");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("the port is bound");
        let visits = Arc::new(AtomicUsize::new(0));
        let count = visits.clone();
        let some = async move |extract::Path(file): extract::Path<String>| {
            count.fetch_add(1, SeqCst);
            // The files are to be missing before: nearly always, and no test needs it always.
            tokio::time::sleep(Duration::from_millis(50)).await;
            if file == "eve.svg" {
                return Err(StatusCode::NOT_FOUND);
            }
            Ok(picture(&file))
        };
        let files = dir.clone();
        let feeding = async move |extract::Path(file): extract::Path<String>| {
            let fed =
                tokio::task::spawn_blocking(move || fs::write(files.join(&file), picture(&file)));
            fed.await.expect("no panic").expect("somebody reads");
            pending::<()>().await;
        };
        let router = Router::new()
            .route("/some/{file}", get(some))
            .route("/silent/{file}", get(pending::<()>))
            .route("/feeding/{file}", get(feeding))
            .route("/broken/{file}", get(async || "GIF89a"));
        runtime.spawn(async { axum::serve(listener, router).await });
        World {
            _runtime: runtime,
            address,
            visits,
            dir,
        }
    }

    fn file(&self, user: &str) -> PathBuf {
        self.dir.join(format!("{user}.svg"))
    }

    fn run(&self, path: &str, users: &[&str]) -> Run {
        self.run_in(&self.dir, path, users)
    }

    fn run_in(&self, dir: &Path, path: &str, users: &[&str]) -> Run {
        let server = format!("http://{}/{path}", self.address);
        let options = [OsStr::new("--server"), server.as_ref(), "--dir".as_ref()];
        let options = options.into_iter().chain([dir.as_os_str(), LONG.as_ref()]);
        run(options.chain(users.iter().map(OsStr::new)))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

const MISSING: &str = "entity not found";

#[test]
fn its_own_server_and_files_show_every_outcome() {
    let run = run([LONG; 1]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let (accounts, last) = run.accounts();
    assert_eq!(last, "3 of 4 found");
    let [ada, again, bob, eve] = &accounts[..] else {
        panic!("{accounts:?}")
    };
    assert_eq!(
        [ada.user, again.user, bob.user, eve.user],
        ["ada", "ada", "bob", "eve"]
    );
    assert_eq!((ada.cache, ada.network), ("no entry; now it has", "has it"));
    // Unless the network was faster than the disk.
    assert!(
        ["entity not found; now it has", "not needed"].contains(&ada.files),
        "{ada:?}"
    );
    assert!(ada.outcome.ends_with(" bytes from the network"), "{ada:?}");
    assert_eq!(
        [again.cache, again.files, again.network],
        ["has it", "not needed", "not needed"]
    );
    assert!(
        again.outcome.ends_with(" bytes from the cache"),
        "{again:?}"
    );
    assert_eq!(bob.cache, "no entry; now it has");
    assert_eq!([bob.files, bob.network], ["has it", "not needed"]);
    assert!(bob.outcome.ends_with(" bytes from the files"), "{bob:?}");
    assert_eq!(
        [eve.cache, eve.files, eve.network],
        ["no entry", MISSING, "404 Not Found"]
    );
    assert_eq!(eve.outcome, "no avatar");
}

#[test]
fn the_winner_is_written_to_the_cache_and_found_there_the_next_time() {
    let world = World::new("cache");
    let run = world.run("some", &["ada", "ada", "ada"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let (accounts, last) = run.accounts();
    assert_eq!(last, "3 of 3 found");
    assert_eq!(accounts[0].cache, "no entry; now it has");
    for again in &accounts[1..] {
        let told = [again.cache, again.files, again.network];
        assert_eq!(told, ["has it", "not needed", "not needed"]);
        assert_eq!(
            again.outcome,
            format!("{} bytes from the cache", picture("ada.svg").len())
        );
    }
    assert_eq!(
        world.visits.load(SeqCst),
        1,
        "the network was not asked again"
    );
}

#[test]
fn the_winner_is_written_to_the_files_that_missed_it_and_only_then() {
    let world = World::new("files");
    let users = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let first = world.run("some/", &users);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    let (accounts, _) = first.accounts();
    let mut written = Vec::new();
    for (account, user) in accounts.iter().zip(users) {
        assert_eq!((account.user, account.network), (user, "has it"));
        match account.files {
            "entity not found; now it has" => {
                let text = fs::read_to_string(world.file(user)).expect("it was written");
                assert_eq!(text, picture(&format!("{user}.svg")));
                written.push(user);
            }
            // The network was faster than the disk: whether it is there is not known.
            "not needed" => assert!(!world.file(user).exists(), "{user}"),
            other => panic!("{user}: {other}"),
        }
    }
    assert!(!written.is_empty(), "{}", first.stdout);
    let files = fs::read_dir(&world.dir).expect("it is there").count();
    assert_eq!(files, written.len(), "nothing unfinished is left");

    // Another run has an empty cache, and finds the files. The network never answers.
    let second = world.run("silent", &written);
    assert_eq!((second.code, second.stderr.as_str()), (Some(0), ""));
    for account in second.accounts().0 {
        assert_eq!(account.cache, "no entry; now it has");
        assert_eq!([account.files, account.network], ["has it", "not needed"]);
    }
}

/// A file that is read as slowly as the test wants: nothing comes before somebody writes.
#[cfg(unix)]
fn slow_file(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("the system has mkfifo").success());
}

/// Both have begun, whatever the machine does: the server sees to it that the file comes.
#[cfg(unix)]
#[test]
fn when_the_files_win_the_network_is_cancelled() {
    let world = World::new("cancelled");
    slow_file(&world.file("ada"));
    let run = world.run("feeding", &["ada"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let (accounts, _) = run.accounts();
    let told = [accounts[0].cache, accounts[0].files, accounts[0].network];
    assert_eq!(told, ["no entry; now it has", "has it", "not needed"]);
}

/// The file is read for as long as the search takes: nobody knows what is in it.
#[cfg(unix)]
#[test]
fn when_the_network_wins_the_files_are_left_as_they_are() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::FileTypeExt;

    let world = World::new("left");
    slow_file(&world.file("ada"));
    let mut child = program()
        .args(["--server", &format!("http://{}/some", world.address), LONG])
        .args([OsStr::new("--dir"), world.dir.as_os_str(), "ada".as_ref()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let lines = stdout
        .lines()
        .map(|line| line.expect("the account is text"));
    let lines: Vec<_> = lines.take(4).collect();
    let expected = [
        "ada",
        "  cache    no entry; now it has",
        "  files    not needed",
        "  network  has it",
    ];
    assert_eq!(lines, expected);
    // The thread that reads may go.
    fs::write(world.file("ada"), "").expect("somebody reads");
    assert!(child.wait().is_ok(), "the program ends");
    let kind = fs::metadata(world.file("ada")).expect("it is there");
    assert!(kind.file_type().is_fifo(), "it was not replaced");
}

#[test]
fn a_broken_file_is_as_good_as_none_and_is_replaced() {
    let world = World::new("broken");
    let users = ["a", "b", "c", "d", "e", "f"];
    for user in users {
        fs::write(world.file(user), "GIF89a").expect("the directory is there");
    }
    let run = world.run("some", &users);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let mut replaced = 0;
    for (account, user) in run.accounts().0.into_iter().zip(users) {
        let text = fs::read_to_string(world.file(user)).expect("it is there");
        if account.files == "not a picture; now it has" {
            assert_eq!(text, picture(&format!("{user}.svg")));
            replaced += 1;
        } else {
            assert_eq!((account.files, text.as_str()), ("not needed", "GIF89a"));
        }
    }
    assert!(replaced > 0, "{}", run.stdout);
}

#[test]
fn an_avatar_that_cannot_be_written_is_found_all_the_same() {
    let world = World::new("unwritable");
    let users = ["a", "b", "c", "d", "e", "f"];
    let run = world.run_in(&world.dir.join("none"), "some", &users);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let (accounts, last) = run.accounts();
    assert_eq!(last, "6 of 6 found");
    let not_written = "entity not found; not written: entity not found";
    assert!(
        accounts.iter().any(|account| account.files == not_written),
        "{}",
        run.stdout
    );
}

#[test]
fn only_if_all_have_failed_there_is_none() {
    let world = World::new("none");
    fs::create_dir(world.file("folder")).expect("the directory is there");
    fs::write(world.file("eve"), "").expect("the directory is there");
    let run = world.run("some", &["eve"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let (accounts, last) = run.accounts();
    assert_eq!(last, "0 of 1 found");
    let told = [accounts[0].cache, accounts[0].files, accounts[0].network];
    assert_eq!(told, ["no entry", "not a picture", "404 Not Found"]);
    assert_eq!(accounts[0].outcome, "no avatar");
    assert!(
        fs::read(world.file("eve")).expect("it is there").is_empty(),
        "nothing to write"
    );

    let run = world.run("broken", &["folder"]);
    assert_eq!(run.accounts().0[0].files, "is a directory");
    assert_eq!(run.accounts().0[0].network, "not a picture");

    let server = format!("http://{}/silent", world.address);
    let args = ["--server", &server, "--deadline", "50", "--dir"].map(OsStr::new);
    let args = args
        .into_iter()
        .chain([world.dir.as_os_str(), "ada".as_ref()]);
    let run = self::run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    assert_eq!(run.accounts().0[0].network, "slower than its deadline");

    // A port that is taken and answers nobody.
    let closed = TcpSocket::new_v4().expect("a socket");
    closed
        .bind((Ipv4Addr::LOCALHOST, 0).into())
        .expect("a port");
    let address = closed.local_addr().expect("the port is bound");
    let run = self::run(["--server", &format!("http://{address}"), LONG, "ada"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let (accounts, _) = run.accounts();
    let told = [accounts[0].cache, accounts[0].files, accounts[0].network];
    assert_eq!(told, ["no entry", MISSING, "connection refused"]);
}

#[test]
fn bad_arguments_give_a_usage_line_and_exit_code_2() {
    let cases: [&[&str]; 14] = [
        &["--bogus"],
        &["-q"],
        &["--dir"],
        &["--server"],
        &["--server", "ftp://127.0.0.1/"],
        &["--server", "nowhere"],
        &["--deadline"],
        &["--deadline", "0"],
        &["--deadline", "soon"],
        &["--plan=3"],
        &[""],
        &["../ada"],
        &["ada", "a b"],
        &[".."],
    ];
    for args in cases {
        let run = run(args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        let lines: Vec<_> = run.stderr.lines().collect();
        let [problem, usage] = lines[..] else {
            panic!("{args:?}: {}", run.stderr)
        };
        assert!(problem.starts_with("avatar: "), "{args:?}: {problem}");
        assert!(usage.starts_with("usage: avatar "), "{args:?}: {usage}");
    }
    let message = run(["--deadline", "0"]).stderr;
    assert!(
        message.contains("\"0\": --deadline takes a number from 1 to 3600000"),
        "{message}"
    );
    let message = run(["../ada"]).stderr;
    assert!(
        message.contains("\"../ada\": a user is up to 64 letters"),
        "{message}"
    );
}

#[test]
fn help_and_plan_are_what_was_asked_for() {
    for arg in ["--help", "-h"] {
        let run = run([arg]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert!(
            run.stdout.contains("usage: avatar [--dir DIR]"),
            "{}",
            run.stdout
        );
    }
    let world = World::new("plan");
    let run = world.run("some", &["--plan", "ada"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let drawn = run
        .stdout
        .lines()
        .filter_map(|line| line.split(" (").next());
    let drawn: Vec<_> = drawn.collect();
    assert_eq!(
        drawn,
        [
            "first_success of 3, 3 at once",
            "  in_cache",
            "  in_files",
            "  in_network"
        ]
    );
    assert_eq!(world.visits.load(SeqCst), 0);
}

/// Whoever reads the output may stop: that is no failure, and no panic.
#[test]
fn a_reader_may_leave() {
    let child = program()
        .arg("--help")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
}
