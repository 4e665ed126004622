//! An example as a process, run as a user runs it.
//!
//! `cargo test` builds the examples before it runs the tests. `cargo test --test …` alone does
//! not: `cargo build --examples` comes first.
#![allow(dead_code, reason = "no test uses all of it")]

use std::ffi::OsStr;
use std::process::{Command, Output};

/// The example of this name. What it asks of loopback goes past a proxy.
pub(crate) fn example(name: &str) -> Command {
    let mut path = std::env::current_exe().expect("a test has a path");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(name);
    let path = path.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "`cargo build --example {name}` makes {}",
        path.display()
    );
    let mut program = Command::new(path);
    program.env("NO_PROXY", "127.0.0.1").env_remove("no_proxy");
    program
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Run the example of this name to its end.
pub(crate) fn run_example<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Run {
    let output = example(name).args(args).output();
    finished(output.expect("the program starts"))
}

/// What it said.
pub(crate) fn finished(output: Output) -> Run {
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("what it shows is text"),
        stderr: String::from_utf8(output.stderr).expect("messages are text"),
    }
}

/// `--help` helps and shows the usage in its third line; each of these arguments is refused
/// with exit code 2, with this said of it, and with that line.
#[track_caller]
pub(crate) fn refuses(name: &str, bad: &[(&[&str], &str)]) {
    let help = run_example(name, ["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    let usage = help.stdout.lines().nth(2).expect("a third line");
    for (args, why) in bad {
        let run = run_example(name, *args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}");
        let mut lines = run.stderr.lines();
        let first = lines.next().unwrap_or_default();
        let told = first.starts_with(&format!("{name}: ")) && first.contains(why);
        assert!(told, "{args:?}: {first}");
        assert_eq!(
            (lines.next(), lines.next()),
            (Some(usage), None),
            "{args:?}"
        );
    }
}
