//! The example `deferred_queue`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("deferred_queue", args)
}

fn told(args: &[&str]) -> Vec<String> {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    run.stdout.lines().map(str::to_string).collect()
}

#[test]
fn values_and_those_who_want_them_come_in_any_order() {
    let expected = [
        "get 1",
        "get 2",
        "put \"a\"",
        "  get 1 has \"a\"",
        "put \"b\"",
        "  get 2 has \"b\"",
        "put \"c\"",
        "get 3",
        "  get 3 has \"c\"",
        "in the end 0 wait, and 0 values are left",
    ];
    assert_eq!(told(&[]), expected);
    assert_eq!(
        told(&["get", "get", "put=a", "put=b", "put=c", "get"]),
        expected
    );
}

#[test]
fn what_nobody_wants_is_left_and_who_has_nothing_waits() {
    let last = |args: &[&str]| told(args).pop().unwrap();
    let three = ["put=a", "put=b", "get", "put=c"];
    assert_eq!(last(&three), "in the end 0 wait, and 2 values are left");
    let waiting = ["get", "get", "put=a"];
    assert_eq!(last(&waiting), "in the end 1 wait, and 0 values are left");
}

#[test]
fn bounds_refuse_and_give_back() {
    let expected = [
        "get 1",
        "get 2",
        "  get 2 fails: the queue is empty, and no more than 1 may wait",
        "put \"a\"",
        "  get 1 has \"a\"",
        "put \"b\"",
        "put \"c\"",
        "  the queue is full: it holds 1: \"c\" comes back",
        "in the end 0 wait, and 1 values are left",
    ];
    let steps = ["get", "get", "put=a", "put=b", "put=c"];
    assert_eq!(
        told(&[&["--size=1", "--backlog=1"], &steps[..]].concat()),
        expected
    );
}

#[test]
fn closed_it_gives_what_it_has_and_then_fails() {
    let expected = [
        "put \"a\"",
        "close",
        "put \"b\"",
        "  the queue is closed: \"b\" comes back",
        "get 1",
        "  get 1 has \"a\"",
        "get 2",
        "  get 2 fails: the queue is closed",
        "in the end 0 wait, and 0 values are left",
    ];
    assert_eq!(told(&["put=a", "close", "put=b", "get", "get"]), expected);
    let waits = ["get 1", "close", "  get 1 fails: the queue is closed"];
    assert_eq!(told(&["get", "close"])[..3], waits);
}

#[test]
fn the_command_line() {
    refuses(
        "deferred_queue",
        &[
            (&["take"], "\"take\" is not `get`, `put=VALUE` or `close`"),
            (&["--size", "-1"], "cannot parse argument \"-1\""),
            (&["--backlog"], "missing argument for option '--backlog'"),
            (&["--what"], "invalid option '--what'"),
        ],
    );
}
