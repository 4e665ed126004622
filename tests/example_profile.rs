//! The example `profile`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use example::{Run, finished, run_example};

fn program() -> Command {
    example::example("profile")
}

fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run_example("profile", args)
}

impl Run {
    /// The numbers in the row of this name.
    #[track_caller]
    fn row(&self, name: &str) -> Vec<usize> {
        let rows = self
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix('│'));
        let cells = rows
            .map(|row| row.split(['┆', '│']).map(str::trim).collect::<Vec<_>>())
            .find(|cells| cells[0] == name)
            .unwrap_or_else(|| panic!("no {name} in\n{}", self.stdout));
        let numbers = cells[1..].iter().filter(|cell| !cell.is_empty());
        let number = |cell: &&str| cell.parse().unwrap_or_else(|_| panic!("{cell}"));
        numbers.map(number).collect()
    }

    #[track_caller]
    fn ends(&self, code: i32, last: &str) {
        assert_eq!(self.stderr, "");
        assert_eq!(self.stdout.lines().last(), Some(last), "{}", self.stdout);
        assert_eq!(self.code, Some(code));
    }
}

#[test]
fn six_hundred_calls_are_three_batches() {
    let run = run([] as [&str; 0]);
    run.ends(
        0,
        "196 of 200 cards shown, 4 failed, the same both ways: 600 calls in 3 batches",
    );
    let with = run.row("with batches");
    let [calls, requests, keys, largest, bytes, _millis] = with[..] else {
        panic!("{with:?}")
    };
    assert_eq!((calls, requests, keys, largest), (600, 3, 600, 200));
    assert!(bytes > 600, "{bytes}");
    for back_end in ["users", "counts", "avatars"] {
        let counted = run.row(back_end);
        assert_eq!(counted[1..], [1, 200], "{back_end}");
    }

    let without = run.row("without batches");
    let [calls, requests, keys, largest, ..] = without[..] else {
        panic!("{without:?}")
    };
    assert_eq!((calls, largest), (600, 1));
    assert_eq!(keys, requests);
    // A card that has failed drops what it has not asked for yet: two things at most.
    assert!((592..=600).contains(&requests), "{requests}");
    assert_eq!(run.row("users")[0], 200);

    let failed: Vec<_> = run
        .stdout
        .lines()
        .filter(|line| line.contains("failed, no user"))
        .collect();
    let expected = [49, 99, 149].map(|id| format!("card {id}: failed, no user {id}"));
    assert_eq!(failed, expected);
    assert!(
        run.stdout
            .contains("card 1: Bob 1, 37 messages, picture of "),
        "{}",
        run.stdout
    );
}

#[test]
fn teams_are_a_batch_more_after_the_users() {
    let run = run(["--teams", "--cards", "100", "--latency", "1"]);
    run.ends(
        0,
        "98 of 100 cards shown, 2 failed, the same both ways: 500 calls in 4 batches",
    );
    assert_eq!(run.row("users")[1..], [1, 100], "each of them once");
    assert_eq!(run.row("teams")[1..], [1, 7]);
    assert!(
        run.stdout
            .contains("card 1: Bob 1, 37 messages, picture of 76 bytes, team docs"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_plan_of_a_card_is_drawn_and_nobody_is_asked() {
    let run = run(["--plan"]);
    let calls: Vec<_> = run
        .stdout
        .lines()
        .map(|line| {
            let (name, rest) = line.split_once(" (").unwrap_or((line, ""));
            let batch = rest.split(", ").find(|it| it.starts_with("in batches"));
            let batch = batch.unwrap_or_default();
            format!("{name} {batch}").trim_end().to_string()
        })
        .collect();
    let expected = [
        "errcheck",
        "  card",
        "    user: user in batches of load_users",
        "      id: value",
        "    count: count in batches of load_counts",
        "      id: value",
        "    avatar: avatar in batches of load_avatars",
        "      id: value",
    ];
    assert_eq!(calls, expected);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn bad_arguments_give_a_usage_line_and_exit_code_2() {
    let cases: [&[&str]; 11] = [
        &["--bogus"],
        &["-q"],
        &["more"],
        &["--cards"],
        &["--cards", "0"],
        &["--cards", "-1"],
        &["--cards", "5001"],
        &["--cards", "many"],
        &["--latency", "10001"],
        &["--latency", "1.5"],
        &["--teams=3"],
    ];
    for args in cases {
        let run = run(args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        let lines: Vec<_> = run.stderr.lines().collect();
        let [problem, usage] = lines[..] else {
            panic!("{args:?}: {}", run.stderr)
        };
        assert!(problem.starts_with("profile: "), "{args:?}: {problem}");
        assert!(usage.starts_with("usage: profile "), "{args:?}: {usage}");
    }
    let text = run(["--cards", "0"]).stderr;
    assert!(
        text.contains("--cards takes a number from 1 to 5000, not \"0\""),
        "{text}"
    );
}

#[test]
fn help_is_what_was_asked_for() {
    for arg in ["--help", "-h"] {
        let run = run([arg]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert!(
            run.stdout
                .contains("usage: profile [--cards N] [--latency MS]"),
            "{}",
            run.stdout
        );
    }
}

/// Whoever reads the output may stop: that is no failure, and no panic.
#[test]
fn a_reader_may_leave() {
    let child = program()
        .arg("--help")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program starts");
    drop(child.stdout.take());
    let run = finished(child.wait_with_output().expect("the program ends"));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}
