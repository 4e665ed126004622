//! The example `countdown`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::process::Stdio;

use answering::command_line;
use example::{example, finished, run_example};

#[test]
fn numbers_come_down_to_zero_in_both_ways() {
    for way in [&[][..], &["--loop"]] {
        let args = ["--from=4", "--interval=1"].iter().chain(way);
        let run = run_example("countdown", args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{way:?}");
        assert_eq!(run.stdout, "4\n3\n2\n1\n0\n", "{way:?}");
        let run = run_example("countdown", ["--from=0"].iter().chain(way));
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "0\n"), "{way:?}");
    }
}

#[test]
fn whoever_waits_may_lose_patience() {
    for way in [&[][..], &["--loop"]] {
        // An hour for each number: nobody gets to the second.
        let args = ["--interval=3600000", "--within=5"].iter().chain(way);
        let run = run_example("countdown", args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), "3\n"), "{way:?}");
        assert_eq!(run.stderr, "countdown: timed out after 5ms\n", "{way:?}");
    }
}

/// Nobody reads: that is a failure of the deferred that is fired by hand, as of the loop.
#[test]
fn a_number_that_cannot_be_said_is_a_failure() {
    for way in [&[][..], &["--loop"]] {
        let mut program = example("countdown");
        program.args(["--interval=1", "--from=100000000"]).args(way);
        let piped = program.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the program starts");
        drop(child.stdout.take());
        let run = finished(child.wait_with_output().expect("the program ends"));
        assert_eq!(run.code, Some(1), "{way:?}");
        assert!(
            run.stderr.starts_with("countdown: "),
            "{way:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn the_command_line() {
    command_line(
        "countdown",
        &[&["--from"], &["--from=-1"], &["--interval=x"], &["3"]],
    );
}
