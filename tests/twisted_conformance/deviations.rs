//! The deviations that `tools/twisted_traces/DEVIATIONS.md` lists, and what tells of them.

use std::collections::BTreeSet;

use crate::program::Program;

/// The table, for those who read.
pub(crate) const TABLE: &str = include_str!("../../tools/twisted_traces/DEVIATIONS.md");

/// A deviation shows only in programs with one of these tags.
pub(crate) const TAGS: &[(&str, &[&str])] = &[
    ("T01", &["dev:canceller-raises"]),
    ("T02", &["dev:after-chain", "end:handed-on"]),
    ("T04", &["dev:chain-second-gone"]),
    ("T05", &["dev:cancel-fired-list"]),
    ("T08", &["dev:empty-list-first"]),
    ("T09", &["dev:empty-race"]),
    ("T10", &["dev:cancel-race"]),
    ("T11", &["dev:race-cancels-losers"]),
    (
        "T13",
        &[
            "gather+cancel-pending",
            "list:-e-+cancel-pending",
            "list:-ex+cancel-pending",
        ],
    ),
    ("T14", &["op:timeout"]),
    ("T15", &["op:timeout"]),
    ("R04", &["cancel:forwarded"]),
];

/// The deviations that may show in a program.
pub(crate) fn allowed(program: &Program) -> BTreeSet<&'static str> {
    let has = |tag: &&str| program.features.iter().any(|feature| feature == tag);
    let may = TAGS.iter().filter(|(_, tags)| tags.iter().any(has));
    may.map(|(id, _)| *id).collect()
}

/// Whether the recorder tells which deferreds it reaches.
pub(crate) fn is_told(id: &str) -> bool {
    let row = TAGS.iter().find(|(one, _)| *one == id);
    row.is_some_and(|(_, tags)| tags[0].starts_with("dev:"))
}

/// The rows of the table: the cells of each.
pub(crate) fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    TABLE.lines().filter_map(|line| {
        let cells: Vec<_> = line
            .strip_prefix("| ")?
            .split(" | ")
            .map(str::trim)
            .collect();
        let id = cells[0];
        (id.len() == 3 && id[1..].bytes().all(|byte| byte.is_ascii_digit())).then_some(cells)
    })
}

/// The pinned tests of a cell: files and names.
pub(crate) fn pins(cell: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut pins = Vec::new();
    let mut file = "";
    for quoted in cell.split('`').skip(1).step_by(2) {
        if quoted.ends_with(".rs") {
            file = quoted;
        } else {
            pins.push((file, quoted));
        }
    }
    pins
}
