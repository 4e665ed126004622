//! The example `ready`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("ready", args)
}

fn lines(run: &Run) -> Vec<&str> {
    assert_eq!(run.stderr, "");
    run.stdout.lines().collect()
}

#[test]
fn calls_wait_for_the_table_and_begin_in_order() {
    let run = run(&[]);
    let expected = [
        "client: calls three methods of a table that is not there yet",
        "store: is asked to create fruit",
        "store: is asked to put apples 3",
        "store: is asked to put pears 4",
        "store: is asked to get apples",
        "client: put apples: done",
        "client: put pears: done",
        "client: get apples: 3",
        "client: has the table fruit",
        "store: is asked to get pears",
        "client: get pears: 4",
    ];
    assert_eq!((lines(&run).as_slice(), run.code), (&expected[..], Some(0)));
}

/// The lines of a run in which there is no table, and why.
fn fail_all(run: &Run, why: &str) {
    let told = lines(run);
    let failures = told.len() - 4;
    for (line, what) in told[failures..]
        .iter()
        .zip(["put apples", "put pears", "get apples"])
    {
        let expected = format!("client: {what} fails: ");
        assert!(line.starts_with(&expected) && line.contains(why), "{line}");
    }
    let last = told[told.len() - 1];
    assert!(
        last.starts_with("client: has no table: ") && last.contains(why),
        "{last}"
    );
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_failed_construction_fails_every_call() {
    let run = run(&["--refuse", "--time=0"]);
    fail_all(&run, "there is no room for the table fruit");
    let asked = lines(&run)
        .iter()
        .filter(|line| line.starts_with("store: "))
        .count();
    assert_eq!(asked, 1, "it is not tried again");
}

#[test]
fn nobody_is_there() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    let port = listener.local_addr().expect("it has an address").port();
    drop(listener);
    fail_all(&run(&["--port", &port.to_string()]), "refused");
}

#[test]
fn a_store_that_makes_no_sense() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    let port = listener.local_addr().expect("it has an address").port();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("it is asked");
        let mut asked = String::new();
        let mut stream = BufReader::new(stream);
        stream.read_line(&mut asked).expect("a question has an end");
        stream.get_mut().write_all(b"what?\n").expect("it listens");
        asked
    });
    fail_all(
        &run(&["--port", &port.to_string()]),
        "the store answered \"what?\\n\"",
    );
    assert_eq!(server.join().expect("it was asked"), "create fruit\n");
}

#[test]
fn the_command_line() {
    refuses(
        "ready",
        &[
            (&["--port=x"], ""),
            (&["--port=70000"], ""),
            (&["--time=x"], ""),
            (&["--what"], ""),
            (&["word"], ""),
        ],
    );
}
