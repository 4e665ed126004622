//! The example `first_steps`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::fs;

use answering::{Answering, closed, command_line};
use example::run_example;

#[test]
fn the_three_programs() {
    let run = run_example("first_steps", [""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let expected = "info: ada is Ada Lovelace\nname: Ada Lovelace\ntitle: Deferred gratification\n";
    assert_eq!(run.stdout, expected);
    let run = run_example("first_steps", ["--user", "bob"]);
    assert!(
        run.stdout.contains("name: Robert Frost\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn nobody_knows_the_user() {
    let run = run_example("first_steps", ["--user", "eve"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout.starts_with("name: (unknown)\n"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "first_steps: info: there is no such user\n");
}

#[test]
fn a_database_that_fails_fails_what_has_no_errback() {
    let dir = tempfile::tempdir().expect("a directory");
    let users = dir.path().join("users");
    let users = users.to_str().expect("it is text");
    let run = run_example("first_steps", ["--users", users]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stdout, "title: Deferred gratification\n");
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(lines[0].starts_with("first_steps: info: "), "{lines:?}");
    assert!(lines[1].starts_with("first_steps: name: "), "{lines:?}");

    fs::write(users, "eve Eve Arden\n").expect("the directory is there");
    let run = run_example("first_steps", ["--users", users, "--user=eve"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.stdout
            .starts_with("info: eve is Eve Arden\nname: Eve Arden\n")
    );
}

/// The errback gets them all, and the program goes on.
#[test]
fn pages_that_fail() {
    let server = Answering::start(|path| match path {
        "/good" => (200, "<title> Good </title>".into()),
        "/bare" => (200, "<p>nothing".into()),
        _ => (500, String::new()),
    });
    let last = |url: String| {
        let run = run_example("first_steps", ["--url", &url]);
        assert_eq!(run.stderr, "");
        let last = run.stdout.lines().last().expect("three lines").to_owned();
        (run.code, last)
    };
    let good = last(format!("{}/good", server.url()));
    assert_eq!(good, (Some(0), "title: Good".into()));
    let bare = last(format!("{}/bare", server.url()));
    assert_eq!(bare, (Some(1), "failed! the page has no title".into()));
    let (code, broken) = last(format!("{}/broken", server.url()));
    assert_eq!(code, Some(1));
    assert!(
        broken.starts_with("failed! HTTP status server error (500 "),
        "{broken}"
    );
    let (_held, nobody) = closed();
    let (code, nobody) = last(nobody);
    assert_eq!(code, Some(1));
    assert!(
        nobody.starts_with("failed! error sending request"),
        "{nobody}"
    );
}

#[test]
fn the_command_line() {
    command_line("first_steps", &[&["--user"], &["--users"], &["ada"]]);
}
