//! The example `walkthrough`, run as a user runs it, against sites on loopback ports.

#[path = "support/example.rs"]
mod example;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use example::{Run, refuses, run_example};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

fn run<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run_example("walkthrough", args)
}

/// What an example printed of these pages, below its heading.
fn told(number: &str, urls: &[String]) -> Vec<String> {
    let run = run([number].into_iter().chain(urls.iter().map(String::as_str)));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{number}");
    let mut lines = run.stdout.lines().map(str::to_string);
    let heading = lines.next().expect("there is a heading");
    assert!(heading.starts_with(&format!("== {number}: ")), "{heading}");
    lines.collect()
}

/// Who is being answered now, and who was at most.
#[derive(Default)]
struct Visits {
    seen: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Visits {
    /// The number of this visit, counted from 0.
    fn begin(&self) -> usize {
        self.most
            .fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
        self.seen.fetch_add(1, SeqCst)
    }

    fn end(&self) {
        self.now.fetch_sub(1, SeqCst);
    }
}

/// A site of the test's own. `/size/{n}` is a page of so many bytes, `/crowd/{n}` one that
/// answers when so many ask for it at once, `/half` breaks off, `/rude` speaks to
/// terminals, all else is missing.
struct Site {
    /// Runs the server, until it is dropped.
    _runtime: Runtime,
    address: SocketAddr,
    visits: Arc<Visits>,
    /// How many at once there were among the first visitors of `/crowd`.
    first: Arc<AtomicUsize>,
}

impl Site {
    /// The first `alone` visitors of `/crowd` are not made to wait for others.
    fn start(alone: usize, crowd: usize) -> Site {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("the port is bound");
        let visits = Arc::new(Visits::default());
        let first = Arc::new(AtomicUsize::new(0));
        let (visit, most, barrier) = (visits.clone(), first.clone(), Barrier::new(crowd));
        let barrier = Arc::new(barrier);
        let in_a_crowd = async move |Path(_): Path<usize>| {
            if visit.begin() < alone {
                most.store(visit.most.load(SeqCst), SeqCst);
            } else {
                barrier.wait().await;
            }
            visit.end();
            "a crowd"
        };
        let router = Router::new()
            .route("/size/{n}", get(async |Path(n): Path<usize>| "x".repeat(n)))
            .route("/crowd/{n}", get(in_a_crowd))
            .route("/rude", get(async || "\u{1b}[31mred"))
            .route("/half", get(half));
        runtime.spawn(async { axum::serve(listener, router).await });
        Site {
            _runtime: runtime,
            address,
            visits,
            first,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn urls<const N: usize>(&self, paths: [&str; N]) -> Vec<String> {
        paths.map(|path| self.url(path)).to_vec()
    }
}

/// Twice as much is promised as comes.
async fn half() -> Response {
    let half = futures::stream::iter([Ok("half"), Err(std::io::Error::other("a page torn off"))]);
    let response = Response::builder().header("content-length", 8);
    response
        .body(Body::from_stream(half))
        .expect("the header is one")
}

#[test]
fn example_1_prints_the_results_of_a_list() {
    let site = Site::start(0, 1);
    let lines = told("1", &site.urls(["/size/3", "/size/0", "/nothing"]));
    assert_eq!(lines, [r#"[Ok("xxx"), Ok(""), Err("404 Not Found")]"#]);
    // Pages may have anything in them: a terminal is not to hear of it.
    let lines = told("1", &site.urls(["/rude"]));
    assert_eq!(lines, [r#"[Ok("\u{1b}[31mred")]"#]);
}

#[test]
fn example_2_tells_successes_from_failures() {
    let site = Site::start(0, 1);
    let lines = told("2", &site.urls(["/nothing", "/size/70000"]));
    assert_eq!(lines, ["no page: 404 Not Found", "a page of 70000 bytes"]);
}

#[test]
fn example_3_has_the_lengths_from_page_callbacks() {
    let site = Site::start(0, 1);
    let lines = told("3", &site.urls(["/size/5", "/nothing", "/size/6"]));
    assert_eq!(lines, [r#"[Ok(5), Err("404 Not Found"), Ok(6)]"#]);
}

#[test]
fn example_4_has_structured_results() {
    let site = Site::start(0, 1);
    let lines = told("4", &site.urls(["/size/2", "/nothing"]));
    let expected = r#"[Ok(Page { length: 2, content: "xx" }), Err("404 Not Found")]"#;
    assert_eq!(lines, [expected]);
}

#[test]
fn example_5_passes_the_address_to_the_callback_of_its_page() {
    let site = Site::start(0, 1);
    let urls = site.urls(["/size/2", "/nothing", "/size/1"]);
    let page = |url: &str, length, content| {
        format!("Ok(Page {{ url: {url:?}, length: {length}, content: {content:?} }})")
    };
    let missing = r#"Err("404 Not Found")"#;
    let pages = [page(&urls[0], 2, "xx"), page(&urls[2], 1, "x")];
    let expected = format!("[{}, {missing}, {}]", pages[0], pages[1]);
    // The closure sees the same.
    let closure = |url: &str, length| format!("Ok(\"{url} has {length} bytes\")");
    let closures = [closure(&urls[0], 2), closure(&urls[2], 1)];
    let with_closures = format!("[{}, {missing}, {}]", closures[0], closures[1]);
    assert_eq!(told("5", &urls), [expected, with_closures]);
}

/// Its own site: four pages, one that is missing, and a name that no one has.
#[test]
fn example_6_goes_on_after_a_404_and_an_address_that_does_not_resolve() {
    let lines = told("6", &[]);
    assert_eq!(lines.len(), 6);
    for (line, path) in lines.iter().zip(["/blog", "/news", "/portal", "/search"]) {
        let (url, length) = line.rsplit_once(": ").unwrap();
        assert!(url.starts_with("http://127.0.0.1:") && url.ends_with(path));
        let length = length.strip_suffix(" bytes").unwrap();
        assert!(length.parse::<usize>().unwrap() > 0, "{line}");
    }
    assert!(lines[4].starts_with("http://127.0.0.1:"), "{}", lines[4]);
    let missing = "/missing: FAILED, 404 Not Found";
    assert!(lines[4].ends_with(missing), "{}", lines[4]);
    let unresolved = "http://nowhere.invalid/: FAILED, ";
    let why = lines[5].strip_prefix(unresolved).expect("the name is told");
    // How the machine says so, or that nobody answered its question in time.
    assert!(
        why.starts_with("failed to lookup address information") || why == "timed out",
        "{why}"
    );
}

#[test]
fn example_6_survives_servers_that_fail_in_other_ways() {
    let site = Site::start(0, 1);
    // A port that is taken and answers nobody.
    let closed = TcpSocket::new_v4().expect("a socket");
    closed
        .bind((Ipv4Addr::LOCALHOST, 0).into())
        .expect("a port");
    let refused = format!("http://{}/", closed.local_addr().expect("it is bound"));
    let urls = [
        site.url("/half"),
        refused,
        site.url("/size/9").replace("http:", "https:"),
        site.url("/size/9"),
    ];
    let lines = told("6", &urls);
    for (line, url) in lines.iter().zip(&urls[..3]) {
        let failed = format!("{url}: FAILED, ");
        let why = line.strip_prefix(&failed).unwrap_or_default();
        assert!(!why.is_empty() && !why.contains("127.0.0.1"), "{line}");
    }
    assert!(lines[1].to_lowercase().contains("refused"), "{}", lines[1]);
    assert_eq!(lines[3], format!("{}: 9 bytes", urls[3]));
    assert_eq!(lines.len(), 4);
}

/// The site answers the first eight at once, and sees whether there is more than one of them;
/// the others when there are four: with fewer at a time they would time out.
#[test]
fn example_7_runs_one_at_a_time_and_then_four() {
    let site = Site::start(8, 4);
    let urls: Vec<_> = (0..8).map(|n| site.url(&format!("/crowd/{n}"))).collect();
    let lines = told("7", &urls);
    assert_eq!(site.first.load(SeqCst), 1);
    assert_eq!(site.visits.most.load(SeqCst), 4);
    assert_eq!(site.visits.seen.load(SeqCst), 16);
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[0].trim_start(), "1 at a time  4 at a time");
    for (line, url) in lines[1..9].iter().zip(&urls) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [page, one, "ms", four, "ms", "7", "bytes"] = words[..] else {
            panic!("{line}")
        };
        assert_eq!(page, url);
        assert!(one.parse::<u32>().is_ok() && four.parse::<u32>().is_ok());
    }
    let words: Vec<_> = lines[9].split_whitespace().collect();
    assert!(matches!(words[..], ["in", "all", _, "ms", _, "ms"]));
}

#[test]
fn example_7_goes_on_after_a_failure() {
    let site = Site::start(0, 1);
    let lines = told("7", &site.urls(["/nothing", "/size/3"]));
    assert!(lines[1].ends_with("ms  404 Not Found"), "{}", lines[1]);
    assert!(lines[2].ends_with("ms  3 bytes"), "{}", lines[2]);
}

/// With fewer than two at a time it would not come to an end, and the site sees that there are
/// no more.
#[test]
fn example_8_makes_requests_when_there_is_room_for_them() {
    let site = Site::start(0, 2);
    let urls: Vec<_> = (0..20).map(|n| site.url(&format!("/crowd/{n}"))).collect();
    let expected = [
        "semaphore   2 at a time, 20 requests existed at most: 20 pages, 0 failed",
        "cooperator  2 at a time, 2 requests existed at most: 20 pages, 0 failed",
        "parallel    2 at a time, 2 requests existed at most: 20 pages, 0 failed",
    ];
    assert_eq!(told("8", &urls), expected);
    assert_eq!(site.visits.most.load(SeqCst), 2);
    assert_eq!(site.visits.seen.load(SeqCst), 60);
}

#[test]
fn example_8_goes_on_after_a_failure() {
    let site = Site::start(0, 1);
    let urls = site.urls(["/nothing", "/size/3", "/half", "/nothing", "/size/4"]);
    let lines = told("8", &urls);
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert!(line.ends_with(": 2 pages, 3 failed"), "{line}");
    }
}

#[test]
fn all_of_them_run_without_a_number() {
    for args in [&[][..], &["all"]] {
        let run = run(args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let headings = run.stdout.lines().filter_map(|line| line.get(..5));
        let headings: Vec<_> = headings.filter(|line| line.starts_with("== ")).collect();
        let expected = (1..=8).map(|number| format!("== {number}:"));
        assert_eq!(headings, expected.collect::<Vec<_>>());
    }
}

#[test]
fn the_command_line() {
    refuses(
        "walkthrough",
        &[
            (&["0"], "\"0\" is no example: there are 1 to 8, and `all`"),
            (&["9"], "\"9\" is no example"),
            (&["http://127.0.0.1/"], "is no example"),
            (
                &["1", "nowhere"],
                "\"nowhere\" is not an http or https address",
            ),
            (&["all", "ftp://127.0.0.1/"], "its scheme is ftp"),
            (&["--what"], "invalid option '--what'"),
        ],
    );
}

/// Whoever reads the output may stop: that ends the program, and is no failure.
#[test]
fn a_reader_may_leave() {
    let child = example::example("walkthrough")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    let ended = (output.status.code(), output.stderr.as_slice());
    assert_eq!(ended, (Some(0), b"".as_slice()));
}
