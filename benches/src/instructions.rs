//! Instructions of a case: this program runs itself under callgrind, which counts only
//! while the function `measured` is on the stack.

use std::process::Command;

use crate::case::{self, Case};

/// Whether valgrind is there.
pub fn available() -> bool {
    Command::new("valgrind")
        .arg("--version")
        .output()
        .is_ok_and(|out| out.status.success())
}

/// The mode of this program that callgrind runs.
pub const MODE: &str = "case";

/// Run one case, by its place in the list of all, after a first run that fills every cache
/// and starts the runtime.
pub fn run_one(place: &str, pending: &str) {
    let pending = pending == "pending";
    let run = match place.parse::<usize>() {
        Ok(place) => case::all()[place].run,
        Err(_) => case::nothing,
    };
    let _ = run(3, pending);
    case::measured(run, pending);
}

fn count(place: &str, pending: bool) -> u64 {
    let out = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--toggle-collect=measured",
            "--callgrind-out-file=/dev/null",
        ])
        .arg(std::env::current_exe().expect("the path of this program"))
        .args([MODE, place, if pending { "pending" } else { "ready" }])
        .output()
        .expect("valgrind runs");
    let told = String::from_utf8_lossy(&out.stderr);
    told.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .unwrap_or_else(|| panic!("valgrind counted nothing:\n{told}"))
}

/// Instructions of each case: leaves ready, and leaves pending once.
pub fn of_all(cases: &[Case], each: &dyn Fn(&str)) -> Vec<(u64, u64)> {
    let own = count("none", false);
    let of = |place: usize, pending| count(&place.to_string(), pending) - own;
    cases
        .iter()
        .enumerate()
        .map(|(place, case)| {
            each(&format!("{}: {}", case.what, case.way));
            std::thread::scope(|scope| {
                let ready = scope.spawn(move || of(place, false));
                (ready.join().expect("counted"), of(place, true))
            })
        })
        .collect()
}
