//! The example `controllable`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("controllable", args)
}

fn lines(run: &Run) -> Vec<&str> {
    assert_eq!(run.stderr, "");
    run.stdout.lines().collect()
}

const ALONE: &str = "server: is left alone before it has answered";
const CLEANS_UP: &str = "original: is cancelled, and cleans up";

#[test]
fn a_page_from_the_owner() {
    let run = run(&["--after", "0"]);
    let expected = [
        "server: is asked",
        "owner: gives a page from the cache",
        CLEANS_UP,
        ALONE,
        "client: has a page from the cache",
    ];
    assert_eq!((lines(&run).as_slice(), run.code), (&expected[..], Some(0)));
}

#[test]
fn a_dropped_original_does_not_clean_up() {
    let run = run(&["--after=0", "--original=drop"]);
    assert!(!lines(&run).contains(&CLEANS_UP));
    assert!(lines(&run).contains(&ALONE));
    assert_eq!(run.code, Some(0));
}

#[test]
fn a_failure_and_a_cancellation_from_the_owner() {
    let run_of = |then| run(&["--after=0", "--then", then]);
    for (then, why) in [
        ("errback", "the owner has had enough"),
        ("cancel", "cancelled"),
    ] {
        let run = run_of(then);
        let told = lines(&run);
        assert_eq!(told[2..4], [CLEANS_UP, ALONE]);
        assert_eq!(told[4], format!("client: fails: {why}"));
        assert_eq!(run.code, Some(1));
    }
}

#[test]
fn an_owner_who_does_nothing_leaves_it_to_the_server() {
    for args in [
        ["--after=0", "--then=nothing"],
        ["--after=60000", "--then=callback"],
    ] {
        let run = run(&[&args[..], &["--server=1"]].concat());
        let expected = [
            "server: is asked",
            "server: answers",
            "client: has a page from the server",
        ];
        assert_eq!((lines(&run).as_slice(), run.code), (&expected[..], Some(0)));
    }
}

#[test]
fn an_error_of_the_server_is_that_of_the_client() {
    let run = run(&["--then=nothing", "--server=0", "--status=503"]);
    let last = lines(&run).pop().unwrap().to_string();
    assert!(
        last.starts_with("client: fails: ") && last.contains("503"),
        "{last}"
    );
    assert_eq!(run.code, Some(1));
}

#[test]
fn the_command_line() {
    refuses(
        "controllable",
        &[
            (&["--then=explode"], ""),
            (&["--original=keep"], ""),
            (&["--after=x"], ""),
            (&["--status=7"], ""),
            (&["--what"], ""),
            (&["word"], ""),
        ],
    );
}
