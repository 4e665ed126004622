//! The example `outer_inner`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("outer_inner", args)
}

fn told(args: &[&str]) -> Vec<String> {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    run.stdout.lines().map(str::to_string).collect()
}

#[test]
fn callbacks_that_give_values_run_one_after_the_other() {
    let expected = [
        "== plain",
        "callback 1 got outer",
        "callback 2 got outer",
        "callback 3 got outer",
        "callback 4 got outer",
    ];
    assert_eq!(told(&["plain"]), expected);
}

#[test]
fn the_outer_deferred_waits_for_the_inner_one() {
    let expected = [
        "== callback",
        "callback 1 got outer",
        "callback 2 got outer, and gives a deferred",
        "meanwhile",
        "the inner deferred was fired",
        "callback 3 got inner",
        "callback 4 got inner",
    ];
    assert_eq!(told(&["callback", "--delay", "20"]), expected);
}

#[test]
fn when_the_inner_one_fails_the_next_errback_runs() {
    for (program, first) in [
        (
            "callback",
            &[
                "callback 1 got outer",
                "callback 2 got outer, and gives a deferred",
            ][..],
        ),
        (
            "errback",
            &["errback 2 got outer failure, and gives a deferred"],
        ),
    ] {
        let lines = told(&[program, "--delay", "20", "--fail"]);
        let rest = [
            "meanwhile",
            "the inner deferred was fired",
            "errback 3 got inner failure",
            "callback 4 got recovered",
        ];
        let heading = format!("== {program}");
        assert_eq!(lines, [&[heading.as_str()], first, &rest].concat());
    }
}

#[test]
fn an_errback_may_give_a_deferred_as_well() {
    let expected = [
        "== errback",
        "errback 2 got outer failure, and gives a deferred",
        "meanwhile",
        "the inner deferred was fired",
        "callback 3 got inner",
        "callback 4 got inner",
    ];
    assert_eq!(told(&["errback", "--delay", "20"]), expected);
}

#[test]
fn all_of_them_are_shown_if_none_is_asked_for() {
    let lines = told(&["--delay=0"]);
    let headings: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("== "))
        .collect();
    assert_eq!(headings, ["== plain", "== callback", "== errback"]);
}

#[test]
fn the_command_line() {
    refuses(
        "outer_inner",
        &[
            (
                &["inner"],
                "\"inner\" is not `plain`, `callback` or `errback`",
            ),
            (
                &["--delay", "soon"],
                "--delay takes milliseconds up to 3600000, not \"soon\"",
            ),
            (&["--delay=3600001"], "--delay takes milliseconds"),
            (&["--delay"], "missing argument for option '--delay'"),
            (&["--what"], "invalid option '--what'"),
        ],
    );
}
