//! The example `deferred_dict`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("deferred_dict", args)
}

#[test]
fn everything_comes_in_the_order_in_which_it_is_made() {
    let run = run(&[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    let asks = "alpha beta gamma alpha delta".split(' ');
    let asked = asks.map(|key| format!("consumer: asks for {key}, which is missing"));
    assert!(lines[..5].iter().eq(asked.collect::<Vec<_>>().iter()));
    let answers = [
        "producer: makes gamma",
        "consumer: has gamma = 50",
        "producer: makes delta",
        "consumer: has delta = 50",
        "producer: makes alpha",
        "consumer: has alpha = 50",
        "consumer: has alpha = 50",
        "producer: makes beta",
        "consumer: has beta = 40",
    ];
    assert_eq!(lines[5..], answers);
}

#[test]
fn what_is_never_made_fails_when_the_producer_is_done() {
    let run = run(&["--producer=a", "--consumer", "b, a ,c", "--delay=1"]);
    assert_eq!(run.code, Some(1));
    let mut answers: Vec<&str> = run.stdout.lines().skip(3).collect();
    // Those who wait for different keys are told in any order.
    answers[2..].sort_unstable();
    let never =
        |key| format!("consumer: never gets {key}: the dictionary was closed without this key");
    assert_eq!(answers[..2], ["producer: makes a", "consumer: has a = 10"]);
    assert_eq!(answers[2..], [never("b"), never("c")]);
}

#[test]
fn what_nobody_asks_for_is_made_all_the_same() {
    let run = run(&["--producer=a,b", "--consumer=b", "--delay=0"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("producer: makes a\n"));
    assert!(run.stdout.ends_with("consumer: has b = 10\n"));
}

#[test]
fn the_command_line() {
    refuses(
        "deferred_dict",
        &[
            (&["--producer=a,,b"], ""),
            (&["--consumer="], ""),
            (&["--delay=x"], ""),
            (&["--what"], ""),
            (&["word"], ""),
        ],
    );
}
