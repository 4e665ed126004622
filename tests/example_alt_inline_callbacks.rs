//! The example `alt_inline_callbacks`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use answering::command_line;
use example::run_example;

#[test]
fn each_of_them_calls_back() {
    let run = run_example("alt_inline_callbacks", [""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    let expected = [
        "never waits     called back with 42",
        "may fail first  called back with 42",
        "waits first     called back with 42",
    ];
    assert_eq!(lines, expected);
    let run = run_example("alt_inline_callbacks", ["4"]);
    assert_eq!(run.stdout.matches("called back with 8\n").count(), 3);
}

#[test]
fn each_of_them_errs_back_wherever_it_fails() {
    let run = run_example("alt_inline_callbacks", ["four"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let erred = "erred back: invalid digit found in string\n";
    assert_eq!(run.stdout.matches(erred).count(), 3, "{}", run.stdout);
}

#[test]
fn the_command_line() {
    command_line("alt_inline_callbacks", &[&["1", "2"]]);
}
