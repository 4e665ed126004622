//! The example `observed_list`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("observed_list", args)
}

fn told(args: &[&str]) -> Vec<String> {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    run.stdout.lines().map(str::to_string).collect()
}

#[test]
fn every_event_is_seen_and_the_list_is_in_order() {
    let expected = [
        r#"#2: "c", 2 pending"#,
        r#"#0: failure "a", 1 pending"#,
        r#"#1: "b", 0 pending"#,
        r#"all: [failure "a", "b", "c"]"#,
        "the first 2: [2, 0]",
        r#"one success, or the last failure: "c""#,
    ];
    assert_eq!(told(&[]), expected);
    assert_eq!(told(&["2=c", "0!a", "1=b"]), expected);
}

#[test]
fn the_first_few_are_those_that_fired_first() {
    for (first, line) in [
        ("0", "the first 0: []"),
        ("1", "the first 1: [1]"),
        ("3", "the first 3: [1, 2, 0]"),
        ("4", "the first 4: there are not so many"),
    ] {
        let lines = told(&["--first", first, "1=b", "2!c", "0=a"]);
        assert_eq!(lines[4], line);
    }
}

#[test]
fn failures_matter_only_if_there_is_no_success() {
    for (fires, line) in [
        (["0!a", "1!b", "2=c"], r#""c""#),
        (["1=b", "2=c", "0!a"], r#""b""#),
        (["2!c", "0!a", "1!b"], r#"failure "b""#),
    ] {
        let last = told(&fires).pop().unwrap();
        assert_eq!(last, format!("one success, or the last failure: {line}"));
    }
}

#[test]
fn the_command_line() {
    let places = "the places of a list begin with 0, and each is fired once";
    refuses(
        "observed_list",
        &[
            (&["a"], "\"a\" is neither PLACE=VALUE nor PLACE!WHY"),
            (&["a=1"], "\"a=1\" is neither PLACE=VALUE nor PLACE!WHY"),
            (&["1=a"], places),
            (&["0=a", "0!b"], places),
            (&["--first", "few"], "cannot parse argument \"few\""),
            (&["--first"], "missing argument for option '--first'"),
            (&["--what"], "invalid option '--what'"),
        ],
    );
}
