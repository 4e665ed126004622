//! The example `memoized_fetch`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use answering::{Answering, closed, command_line};
use example::{Run, run_example};

/// The calls, requests and failures in each line.
fn counts(run: &Run) -> Vec<[usize; 3]> {
    let count = |line: &str| {
        let numbers = line.split_whitespace().filter_map(|word| word.parse().ok());
        let numbers: Vec<usize> = numbers.collect();
        numbers.try_into().expect("three numbers")
    };
    let lines = run.stdout.lines();
    lines
        .filter(|line| line.contains("calls"))
        .map(count)
        .collect()
}

#[test]
fn its_own_server_is_asked_once() {
    let run = run_example("memoized_fetch", [""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(counts(&run), [[100, 1, 0], [1, 0, 0], [100, 100, 0]]);
    let last = run.stdout.lines().last();
    assert_eq!(last, Some("the server has counted 101 requests"));
}

/// The server says how often it was asked; the program does not have to be believed.
#[test]
fn simultaneous_callers_make_one_request_that_the_server_sees() {
    let server = Answering::start(|_| (200, "a page".into()));
    let run = run_example("memoized_fetch", ["--callers=30", "--url", &server.url()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(counts(&run), [[30, 1, 0], [1, 0, 0], [30, 30, 0]]);
    assert_eq!(server.asked().len(), 1 + 30);
}

#[test]
fn a_failure_is_shared_and_not_remembered() {
    let asked = AtomicUsize::new(0);
    let server = Answering::start(move |_| match asked.fetch_add(1, SeqCst) {
        0 => (503, String::new()),
        _ => (200, "a page".into()),
    });
    let run = run_example("memoized_fetch", ["--callers=20", "--url", &server.url()]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stderr, "memoized_fetch: 503 Service Unavailable\n");
    assert_eq!(counts(&run), [[20, 1, 20], [1, 1, 0], [20, 20, 0]]);
}

#[test]
fn nobody_listens() {
    let (_held, nobody) = closed();
    let run = run_example("memoized_fetch", ["--callers=3", "--url", &nobody]);
    assert_eq!(run.code, Some(1));
    assert_eq!(counts(&run), [[3, 1, 3], [1, 1, 1], [3, 3, 3]]);
    assert_eq!(run.stderr.lines().count(), 3);
}

#[test]
fn the_command_line() {
    let bad = [
        &["--callers=0"][..],
        &["--callers=1001"],
        &["--url=a"],
        &["a"],
    ];
    command_line("memoized_fetch", &bad);
}
