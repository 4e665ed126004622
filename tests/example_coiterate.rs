//! The example `coiterate`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use std::process::Stdio;

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("coiterate", args)
}

/// What a run that went well printed, below the name of its program.
fn told(args: &[&str]) -> Vec<String> {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    let mut lines = run.stdout.lines().map(str::to_string);
    assert_eq!(lines.next(), Some(format!("== {}", args[0])));
    lines.collect()
}

fn adding(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|i| format!("Adding {i} to result")).collect()
}

/// Each number, and the pause after it.
fn adding_with_pauses(numbers: std::ops::Range<u64>, pause: &str) -> Vec<String> {
    let paused = format!("I was paused {pause} seconds");
    let lines = adding(numbers);
    lines
        .into_iter()
        .flat_map(|line| [line, paused.clone()])
        .collect()
}

/// An hour, in which nobody waits for the pause that is cancelled.
const LONG: &str = "3600000";

#[test]
fn the_iterator_prints_the_result_itself() {
    let mut expected = adding(0..8);
    expected.push("result is 28".to_string());
    assert_eq!(told(&["1"]), expected);
    assert_eq!(told(&["1", "-n", "0"]), ["result is 0"]);
    let many = told(&["1", "-n", "20000"]);
    assert_eq!(many.len(), 20_001);
    assert_eq!(many.last().unwrap(), "result is 199990000");
}

#[test]
fn the_result_is_obtained_from_the_context() {
    let mut expected = adding(0..8);
    expected.push("Got result = 28".to_string());
    assert_eq!(told(&["2"]), expected);
    assert_eq!(told(&["2", "-n", "0"]), ["Got result = 0"]);
}

#[test]
fn the_next_number_waits_for_the_pause() {
    let mut expected = adding_with_pauses(0..5, "0.01");
    expected.push("Got result = 10".to_string());
    assert_eq!(told(&["3", "--pause", "10", "-n", "5"]), expected);
}

#[test]
fn cancelling_closes_the_work_where_it_waits() {
    for program in ["4", "here"] {
        let lines = told(&[program, "--pause", LONG, "--cancel-after", "50"]);
        let expected = ["Adding 0 to result", "---", "Early termination..."];
        assert_eq!(lines, expected, "{program}");
    }
}

#[test]
fn cancelling_between_two_pauses_leaves_the_rest_undone() {
    for program in ["4", "here"] {
        let args = [program, "-n", "1000000", "--pause", "7"];
        let lines = told(&[&args[..], &["--cancel-after", "60"]].concat());
        // So many as the machine had time for, and nothing after the end, which may be before
        // the last pause is over or right after it.
        let added = lines.iter().filter(|line| line.starts_with("Adding"));
        let mut expected = adding_with_pauses(0..added.count() as u64, "0.01");
        expected.truncate(lines.len().saturating_sub(2));
        expected.extend(["---", "Early termination..."].map(str::to_string));
        assert_eq!(lines, expected, "{program}");
    }
}

#[test]
fn what_is_not_cancelled_has_a_result() {
    for program in ["4", "here"] {
        let lines = told(&[program, "--pause", "1", "--cancel-after", LONG]);
        let mut expected = adding_with_pauses(0..8, "0.00");
        expected.push("Got result = 28".to_string());
        assert_eq!(lines, expected, "{program}");
    }
}

#[test]
fn all_of_them_run_in_order_without_a_number() {
    let run = run(&["-n", "2", "--pause", "1", "--cancel-after", LONG]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let mut lines = run.stdout.lines();
    for (name, expected) in [
        ("1", "result is 1"),
        ("2", "Got result = 1"),
        ("3", "Got result = 1"),
        ("4", "Got result = 1"),
        ("here", "Got result = 1"),
    ] {
        assert_eq!(lines.next(), Some(format!("== {name}").as_str()));
        assert!(lines.any(|line| line == expected), "{name}: {}", run.stdout);
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn the_command_line() {
    refuses(
        "coiterate",
        &[
            (&["5"], "\"5\" is no program"),
            (&["1", "here", "there"], "\"there\" is no program"),
            (&["-n"], "missing argument for option '-n'"),
            (
                &["-n", "-1"],
                "-n takes a number from 0 to 1000000, not \"-1\"",
            ),
            (
                &["--pause", "soon"],
                "--pause takes a number from 0 to 3600000",
            ),
            (
                &["--cancel-after=9999999999"],
                "--cancel-after takes a number",
            ),
            (&["--what"], "invalid option '--what'"),
        ],
    );
}

/// Whoever reads the output may stop: that ends the program, and is no failure.
#[test]
fn a_reader_may_leave() {
    let child = example::example("coiterate")
        .args(["1", "-n", "1000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    let ended = (output.status.code(), output.stderr.as_slice());
    assert_eq!(ended, (Some(0), b"".as_slice()));
}
