//! The example `nested_calls`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::collections::BTreeMap;

use answering::{Answering, closed, command_line};
use example::{Run, run_example};

/// What came of each form, by its name.
fn told(run: &Run) -> BTreeMap<&str, &str> {
    let lines = run.stdout.lines().map(|line| line.split_at(11));
    lines.map(|(name, text)| (name.trim(), text)).collect()
}

const ERROR: &str = "500 Internal Server Error";

#[test]
fn all_forms_come_to_the_same() {
    let run = run_example("nested_calls", [""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let told = told(&run);
    for name in ["added", "in steps", "decorated"] {
        assert_eq!(told[name], ".............page 1.............", "{name}");
    }
    for name in ["verbose", "compact", "nested"] {
        assert_eq!(told[name], "[page   1] [page   2 + page   3]", "{name}");
    }
    for name in ["gathered", "outcomes"] {
        assert_eq!(told[name], "page   1, page   2, page   3", "{name}");
    }
    assert_eq!(told.len(), 8);
}

#[test]
fn a_page_inside_of_the_errback_fails() {
    for page in ["2", "3"] {
        let run = run_example("nested_calls", ["--fail", page]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{page}");
        let told = told(&run);
        assert_eq!(told["decorated"], ".............page 1.............");
        for name in ["verbose", "compact", "nested"] {
            assert_eq!(
                told[name],
                format!("[page   1] [({ERROR})]"),
                "{page} {name}"
            );
        }
    }
}

#[test]
fn a_page_outside_of_it_fails() {
    let run = run_example("nested_calls", ["--fail", "1"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let told = told(&run);
    for name in ["added", "in steps", "decorated"] {
        assert_eq!(told[name], format!("..({ERROR})..."), "{name}");
    }
    for name in ["verbose", "compact", "nested", "gathered"] {
        assert_eq!(told[name], format!("failed: {ERROR}"), "{name}");
    }
}

#[test]
fn the_type_of_a_list_chooses_what_is_passed() {
    let run = run_example("nested_calls", ["--fail=1", "--fail=3"]);
    let told = told(&run);
    assert_eq!(told["gathered"], format!("failed: {ERROR}"));
    assert_eq!(told["outcomes"], format!("({ERROR}), page   2, ({ERROR})"));
}

#[test]
fn another_server_and_none() {
    let server = Answering::start(|path| (200, path.into()));
    let run = run_example("nested_calls", ["--server", &server.url()]);
    assert_eq!(run.code, Some(0));
    assert_eq!(told(&run)["nested"], "[/1] [/2 + /3]");
    let (_held, nobody) = closed();
    let run = run_example("nested_calls", ["--server", &nobody]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(told(&run)["nested"], "failed: error sending request");
}

#[test]
fn the_command_line() {
    command_line("nested_calls", &[&["--fail"], &["--fail=4"], &["2"]]);
}
