//! The example `fairness`, run as a user runs it, with little to do.

#[path = "support/example.rs"]
mod example;

use example::{Run, run_example};

fn run(args: &[&str]) -> Run {
    run_example("fairness", args)
}

/// How long anybody waited is the machine's: what is seen here is that all were served, and
/// that the verdict is that of the code.
#[test]
fn four_cases_are_measured_and_judged() {
    let run = run(&["200000"]);
    assert_eq!(run.stderr, "");
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 7, "{}", run.stdout);
    let first = "summing 200000 integers beside a server, on one thread";
    assert_eq!(lines[0], first);
    let cases = [
        "the server alone",
        "1 ms (default)",
        "10 ms (Twisted)",
        "one go",
    ];
    for (line, case) in lines[2..6].iter().zip(cases) {
        let numbers = line.strip_prefix(case).expect("the case is named");
        let requests = numbers.split_whitespace().next().unwrap();
        assert!(requests.parse::<u32>().is_ok(), "{line}");
        assert!(numbers.contains(" % ") && numbers.ends_with(" s"), "{line}");
    }
    let verdict = "99 of 100 within 5 ms with the default turns, and not in one go: ";
    let verdict = lines[6].strip_prefix(verdict).expect("there is a verdict");
    assert!(matches!(
        (run.code, verdict),
        (Some(0), "held") | (Some(1), "missed")
    ));
}

#[test]
fn the_command_line() {
    let help = run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    let usage = help.stdout.lines().nth(2).unwrap();
    for (bad, why) in [
        (&["many"][..], "\"many\" is no number up to 1000000000000"),
        (&["1000000000001"], "is no number up to 1000000000000"),
        (&["--what"], "invalid option '--what'"),
    ] {
        let run = run(bad);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{bad:?}");
        let mut lines = run.stderr.lines();
        let first = lines.next().unwrap();
        let told = first.starts_with("fairness: ") && first.contains(why);
        assert!(told, "{first}");
        assert_eq!((lines.next(), lines.next()), (Some(usage), None));
    }
}
