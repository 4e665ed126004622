//! The example `wait_for_file`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use answering::command_line;
use example::{example, run_example};

#[test]
fn a_file_that_is_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("here");
    fs::write(&file, "").expect("the directory is there");
    let run = run_example("wait_for_file", [&file]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let name = file.display();
    assert_eq!(run.stdout, format!("waiting for {name}\n{name} is there\n"));
}

#[test]
fn a_file_that_comes_later() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("later");
    let mut program = example("wait_for_file");
    program.arg("--interval=1").arg(&file);
    let mut child = program.stdout(Stdio::piped()).spawn().expect("it starts");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = stdout.lines().map(|line| line.expect("it is text"));
    let waiting = format!("waiting for {}", file.display());
    assert_eq!(lines.next(), Some(waiting));
    assert!(child.try_wait().expect("it was started here").is_none());
    fs::write(&file, "").expect("the directory is there");
    assert_eq!(lines.next(), Some(format!("{} is there", file.display())));
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_file_that_never_comes() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("never");
    let args = [
        "--interval=1".as_ref(),
        "--within=20".as_ref(),
        file.as_os_str(),
    ];
    let run = run_example("wait_for_file", args);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stderr, "wait_for_file: timed out after 20ms\n");
}

/// What lies in a file can never be there, and the system says so.
#[cfg(unix)]
#[test]
fn looking_that_fails_ends_the_wait() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("file");
    fs::write(&file, "").expect("the directory is there");
    let run = run_example("wait_for_file", [file.join("in it")]);
    assert_eq!(run.code, Some(1));
    assert!(!run.stdout.contains("is there"), "{}", run.stdout);
    assert!(
        run.stderr.starts_with("wait_for_file: Not a directory"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_command_line() {
    let bad = [
        &[][..],
        &["a", "b"],
        &["--interval=x", "a"],
        &["--within", "a"],
    ];
    command_line("wait_for_file", &bad);
}
