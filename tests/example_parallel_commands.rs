//! The example `parallel_commands`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::thread;

use answering::{Answering, closed, command_line};
use example::{Run, run_example};

fn run(args: &[&str]) -> Run {
    run_example("parallel_commands", args)
}

/// The others have not begun: there is nothing to put away.
#[test]
fn what_is_in_the_cache_is_there_at_once() {
    let run = run(&["9"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, "cache: 81\n");
}

#[test]
fn the_network_wins_and_the_computer_is_cancelled_before_it_is_told() {
    let server = Answering::start(|path| (200, path.len().to_string()));
    let run = run(&["--slow=3600000", "--server", &server.url(), "12"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, "computer: not needed\nnetwork: 3\n");
    assert_eq!(server.asked(), ["/12"]);
}

#[test]
fn the_computer_wins_and_the_network_is_cancelled_before_it_is_told() {
    let server = Answering::start(|_| {
        loop {
            thread::park();
        }
    });
    let run = run(&["--slow=1", "--server", &server.url()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, "network: not needed\ncomputer: 144\n");
}

/// Failures of the others do not matter.
#[test]
fn one_that_knows_is_enough() {
    let (_held, nobody) = closed();
    let run = run(&["--slow=1", "--server", &nobody, "300"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, "computer: 90000\n");
}

#[test]
fn if_all_fail_the_error_has_all_failures() {
    let server = Answering::start(|_| (200, "a lot".into()));
    let args = ["--without=computer", "--server", &server.url()];
    let run = run(&args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    let expected = ["cache: no entry", "network: invalid digit found in string"];
    for failure in expected {
        assert!(run.stderr.contains(failure), "{}", run.stderr);
    }
}

#[test]
fn without_any_way_it_fails() {
    let run = run(&["--without=cache", "--without=network", "--without=computer"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn the_command_line() {
    let bad = [
        &["--without=luck"][..],
        &["--slow=x"],
        &["65536"],
        &["-1"],
        &["1", "2"],
    ];
    command_line("parallel_commands", &bad);
}
