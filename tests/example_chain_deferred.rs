//! The example `chain_deferred`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use answering::command_line;
use example::run_example;

/// What is done here, without what stock Twisted does.
fn here(program: &str) -> Vec<String> {
    let run = run_example("chain_deferred", [program]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{program}");
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some(program));
    let stock = lines.next().expect("a line of stock Twisted");
    assert!(stock.starts_with("  stock: "), "{stock}");
    let here = lines.map(|line| line.strip_prefix("  here:  ").expect("a line of here"));
    here.map(String::from).collect()
}

#[test]
fn a_second_that_was_cancelled_is_not_fired() {
    let expected = [
        "cancelling",
        "cancelled the second",
        "the first has \"hey\"",
    ];
    assert_eq!(here("boom1"), expected);
}

#[test]
fn a_second_that_is_chained_is_fired_by_the_first_alone() {
    let told = here("boom2");
    assert!(told[0].contains("does not compile"), "{told:?}");
    assert_eq!(told[1..], ["the first has \"jude\", the second \"jude\""]);
}

#[test]
fn cancelling_the_first_cancels_the_second() {
    let mut told = here("uncalled");
    assert_eq!(told.pop().as_deref(), Some("to cancel again does nothing"));
    let place = |what| told.iter().position(|line| line == what);
    assert!(place("cancel one").is_some(), "{told:?}");
    assert!(place("cancelled one").is_some(), "{told:?}");
    let (canceller, failed) = (place("cancel two"), place("cancelled two"));
    assert!(canceller.is_some() && canceller < failed, "{told:?}");
    assert_eq!(told.len(), 4, "each of them once: {told:?}");
}

#[test]
fn the_value_passes_on() {
    assert_eq!(here("unexpected1"), ["called: hey"]);
    assert_eq!(here("unexpected2"), ["called 2: hey", "called 3: hey"]);
}

#[test]
fn all_five_in_their_order() {
    let run = run_example("chain_deferred", [""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let names = run.stdout.lines().filter(|line| !line.starts_with(' '));
    let names: Vec<_> = names.collect();
    let expected = ["boom1", "boom2", "uncalled", "unexpected1", "unexpected2"];
    assert_eq!(names, expected);
}

#[test]
fn the_command_line() {
    command_line("chain_deferred", &[&["boom3"], &["boom1", "--what"]]);
}
