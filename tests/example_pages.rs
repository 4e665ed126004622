//! The example `pages`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Html;
use axum::routing::get;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use example::{Run, finished, run_example};

/// Longer than any machine is busy; only pages that never come take so long.
const LONG: &str = "--deadline=600000";

fn program() -> Command {
    example::example("pages")
}

fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run_example("pages", args)
}

impl Run {
    /// What the table says of the page at a path: outcome, title, words, links.
    #[track_caller]
    fn row(&self, path: &str) -> [&str; 4] {
        let rows = self
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix('│'));
        let mut rows = rows
            .map(|row| row.split(['┆', '│']).map(str::trim).collect::<Vec<_>>())
            .filter(|row| row[0].ends_with(path));
        let row = rows
            .next()
            .unwrap_or_else(|| panic!("no {path} in\n{}", self.stdout));
        assert!(
            rows.next().is_none(),
            "{path} is there twice in\n{}",
            self.stdout
        );
        let &[_, outcome, title, words, links, millis, ""] = row.as_slice() else {
            panic!("a row has six cells, and not {row:?}")
        };
        assert!(millis.parse::<u64>().is_ok(), "{millis:?} is not a time");
        [outcome, title, words, links]
    }

    #[track_caller]
    fn failed(&self, path: &str, why: &str) {
        assert_eq!(self.row(path), [why, "", "", ""], "{path}");
    }
}

#[test]
fn its_own_site_shows_every_outcome() {
    // The slow page takes the whole of its deadline, the others a fraction of a second.
    // A proxy of the user's is for other addresses than the site's.
    let output = program()
        .args(["--deadline", "8000"])
        .env_remove("NO_PROXY")
        .envs([
            ("HTTP_PROXY", "http://127.0.0.1:9"),
            ("http_proxy", "http://127.0.0.1:9"),
        ])
        .output();
    let run = finished(output.expect("the program starts"));

    assert_eq!(run.row("/"), ["ok", "Nested calls", "12", "3"]);
    assert_eq!(run.row("/callbacks"), ["ok", "Callbacks & co.", "20", "2"]);
    assert_eq!(
        run.row("/errbacks"),
        ["ok", "Errbacks → and what they do", "14", "1"]
    );
    assert_eq!(run.row("/lists"), ["ok", "Lists", "9", "1"]);
    assert_eq!(run.row("/untitled"), ["ok", "", "8", "0"]);
    assert_eq!(run.row("/long"), ["ok", "A long page", "100000", "10000"]);
    run.failed("/missing", "accept: 404 Not Found");
    run.failed("/broken", "accept: 500 Internal Server Error");
    run.failed("/slow", "fetch: slower than its deadline");
    run.failed("/loop", "fetch: too many redirects");
    run.failed("/latin1", "cleanup: not UTF-8 after byte 10");
    run.failed("/closed", "fetch: connection refused");
    assert!(
        run.stdout.contains("\n6 of 12 pages read, 6 failed, in "),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "", "no progress bar in a pipe");
    assert_eq!(run.code, Some(0), "failures of pages do not fail the run");
}

#[test]
fn bad_arguments_give_a_usage_line_and_exit_code_2() {
    let cases: [&[&str]; 14] = [
        &["--bogus"],
        &["-q"],
        &["-n"],
        &["-n", "0"],
        &["-n", "-1"],
        &["-n", "1001"],
        &["-n", "many"],
        &["--deadline"],
        &["--deadline", "0"],
        &["--deadline", "1.5"],
        &["--plan=3"],
        &["not a url"],
        &["http://127.0.0.1:1/", "file:///etc/hosts"],
        &["http://127.0.0.1:99999/"],
    ];
    for args in cases {
        let run = run(args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        let lines: Vec<_> = run.stderr.lines().collect();
        let [problem, usage] = lines[..] else {
            panic!("{args:?}: {}", run.stderr)
        };
        assert!(problem.starts_with("pages: "), "{args:?}: {problem}");
        assert!(usage.starts_with("usage: pages "), "{args:?}: {usage}");
    }
    assert!(
        run(["-n", "0"])
            .stderr
            .contains("-n takes a number from 1 to 1000, not \"0\"")
    );
    assert!(
        run(["ftp://x/"])
            .stderr
            .contains("\"ftp://x/\" is not an http or https address")
    );
}

#[test]
fn help_is_what_was_asked_for() {
    for arg in ["--help", "-h"] {
        let run = run([arg]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert!(
            run.stdout.contains("usage: pages [-n N] [--deadline MS]"),
            "{}",
            run.stdout
        );
    }
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
    let run = finished(child.wait_with_output().expect("the program ends"));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

/// A site of the test's own.
struct Site {
    /// Runs the site, until it is dropped.
    runtime: Runtime,
    address: SocketAddr,
    visits: Arc<Visits>,
}

struct Visits {
    seen: AtomicUsize,
    here: AtomicUsize,
    most: AtomicUsize,
    crowd: Barrier,
}

impl Site {
    /// `/crowd` answers when so many ask for it at once.
    fn start(crowd: usize) -> Site {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("the port is bound");
        let visits = Arc::new(Visits {
            seen: AtomicUsize::new(0),
            here: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            crowd: Barrier::new(crowd),
        });
        let router = Router::new()
            .route(
                "/good",
                get(async || Html("<title>Good</title>Two words <a href=x></a>")),
            )
            .route("/bad", get(async || Html(b"<title>\xff".as_slice())))
            .route(
                "/rude",
                get(async || Html("<title>Red \u{1b}[31m\u{7}alert</title>")),
            )
            .route(
                "/wordy",
                get(async || Html(format!("<title>{}</title>", "w".repeat(500)))),
            )
            .route("/crowd/{name}", get(crowded))
            .layer(axum::middleware::map_request_with_state(
                visits.clone(),
                count,
            ))
            .with_state(visits.clone());
        runtime.spawn(async { axum::serve(listener, router).await });
        Site {
            runtime,
            address,
            visits,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A port that refuses, and stays taken so long.
    fn closed(&self) -> (TcpSocket, String) {
        let _inside = self.runtime.enter();
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind((Ipv4Addr::LOCALHOST, 0).into())
            .expect("a port");
        let url = format!(
            "http://{}/closed",
            socket.local_addr().expect("the port is bound")
        );
        (socket, url)
    }
}

async fn count(State(visits): State<Arc<Visits>>, request: Request) -> Request {
    visits.seen.fetch_add(1, SeqCst);
    request
}

async fn crowded(State(visits): State<Arc<Visits>>) -> Html<&'static str> {
    visits
        .most
        .fetch_max(visits.here.fetch_add(1, SeqCst) + 1, SeqCst);
    visits.crowd.wait().await;
    visits.here.fetch_sub(1, SeqCst);
    Html("<title>Crowd</title>")
}

#[test]
fn addresses_are_fetched_instead_of_the_site() {
    let site = Site::start(1);
    let (_socket, closed) = site.closed();
    let run = run([
        LONG,
        &site.url("/good"),
        &closed,
        &site.url("/gone"),
        &site.url("/bad"),
    ]);
    assert_eq!(run.row("/good"), ["ok", "Good", "2", "1"]);
    run.failed("/closed", "fetch: connection refused");
    run.failed("/gone", "accept: 404 Not Found");
    run.failed("/bad", "cleanup: not UTF-8 after byte 7");
    assert!(
        run.stdout.contains("\n1 of 4 pages read, 3 failed, in "),
        "{}",
        run.stdout
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(site.visits.seen.load(SeqCst), 3, "nothing is fetched twice");
}

#[test]
fn a_run_in_which_every_page_failed_exits_with_1() {
    let site = Site::start(1);
    let (_socket, closed) = site.closed();
    let run = run([LONG, &closed, &site.url("/gone")]);
    assert!(
        run.stdout.contains("\n0 of 2 pages read, 2 failed, in "),
        "{}",
        run.stdout
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
}

/// `/crowd` answers when three ask at once: with fewer the run would not end, and the
/// site sees whether there are more.
#[test]
fn so_many_pages_are_fetched_at_once_and_no_more() {
    let site = Site::start(3);
    let urls = (0..12).map(|name| site.url(&format!("/crowd/{name}")));
    let args = ["-n".to_string(), "3".to_string(), LONG.to_string()];
    let run = run(args.into_iter().chain(urls));
    assert!(
        run.stdout.contains("\n12 of 12 pages read, 0 failed, in "),
        "{}",
        run.stdout
    );
    assert_eq!(run.code, Some(0));
    assert_eq!(site.visits.most.load(SeqCst), 3);
}

/// There is no certificate for a loopback address: what is seen here is that the client
/// speaks TLS to a server that does not.
#[test]
fn https_is_spoken() {
    let site = Site::start(1);
    let run = run([LONG, &site.url("/good").replace("http:", "https:")]);
    let [outcome, ..] = run.row("/good");
    assert!(
        outcome.starts_with("fetch: received corrupt message"),
        "{outcome}"
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
}

#[test]
fn titles_cannot_harm_the_table() {
    let site = Site::start(1);
    let run = run([LONG, &site.url("/rude"), &site.url("/wordy")]);
    assert_eq!(run.row("/rude"), ["ok", "Red [31malert", "0", "0"]);
    assert_eq!(
        run.row("/wordy"),
        ["ok", &format!("{}…", "w".repeat(60)), "0", "0"]
    );
}

#[test]
fn a_plan_is_drawn_and_nothing_is_fetched() {
    let site = Site::start(1);
    let run = run(["--plan", &site.url("/good")]);
    let calls: Vec<_> = run
        .stdout
        .lines()
        .filter_map(|line| line.split(" (").next())
        .collect();
    let expected = [
        "errcheck",
        "  reformat",
        "    facts: survey",
        "      html: cleanup",
        "        body: accept",
        "          answer: fetch",
    ];
    assert_eq!(calls, expected);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(site.visits.seen.load(SeqCst), 0);
}
