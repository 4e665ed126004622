//! The tables of the ported tests leave none of the originals out, and name tests that are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FILES: [&str; 13] = [
    "dispatch_txrdq.rs",
    "observer.rs",
    "parallel_commands.rs",
    "sync_filesystem_lock.rs",
    "sync_pool.rs",
    "sync_priority_queue.rs",
    "sync_twisted.rs",
    "txretry.rs",
    "twisted_deferred.rs",
    "twisted_cancelling.rs",
    "twisted_inline_callbacks.rs",
    "twisted_task.rs",
    "twisted_cooperator.rs",
];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A row: the numbers of the originals, and what is said of them.
struct Row {
    numbers: Vec<u32>,
    here: String,
}

/// The rows below each heading of the documentation at the top of a file.
fn tables(file: &str) -> Vec<(String, Vec<Row>)> {
    let mut sections: Vec<(String, Vec<Row>)> = Vec::new();
    for line in read(&tests().join(file)).lines() {
        let Some(line) = line.strip_prefix("//!") else {
            break;
        };
        let line = line.trim();
        if let Some(heading) = line.strip_prefix("# ") {
            sections.push((heading.to_string(), Vec::new()));
        } else if let Some((left, here)) = line
            .strip_prefix("| ")
            .and_then(|row| row.split_once(" | "))
        {
            let Some((numbers, _)) = left.split_once(": ") else {
                continue; // the head of the table
            };
            let row = Row {
                numbers: ranges(numbers),
                here: here.to_string(),
            };
            sections
                .last_mut()
                .expect("a heading before a table")
                .1
                .push(row);
        }
    }
    sections
}

/// `1, 3–5` as numbers.
fn ranges(text: &str) -> Vec<u32> {
    let number = |text: &str| -> u32 { text.parse().unwrap_or_else(|_| panic!("{text}")) };
    let each = text.split(", ").map(|part| match part.split_once('–') {
        Some((from, to)) => number(from)..=number(to),
        None => number(part)..=number(part),
    });
    each.flatten().collect()
}

/// A class, and the numbers of its tests: `` `Class`: 12 `` or, of a part, `` `Class`, 3–5 ``.
fn class(heading: &str) -> Option<(String, Vec<u32>)> {
    let (name, rest) = heading.strip_prefix('`')?.split_once('`')?;
    let numbers = match rest.rsplit_once(": ") {
        Some((_, count)) => (1..=count.parse().ok()?).collect(),
        None => ranges(rest.strip_prefix(", ")?),
    };
    Some((name.to_string(), numbers))
}

#[test]
fn every_original_has_one_row() {
    let mut classes = 0;
    for file in FILES {
        for (heading, rows) in tables(file) {
            let Some((name, expected)) = class(&heading) else {
                panic!("{heading} of {file} is no class");
            };
            let mut numbers: Vec<u32> = rows.into_iter().flat_map(|row| row.numbers).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, expected, "{name} in {file}");
            classes += usize::from(heading.contains("`: "));
        }
    }
    assert_eq!(classes, 41);
}

/// Whether a file has a test or a module of tests of this name.
fn has(file: &str, path: &str) -> bool {
    let source = read(&tests().join(file));
    let name = path.rsplit("::").next().unwrap_or(path);
    let forms = [
        format!("fn {name}("),
        format!("mod {name} "),
        format!("!({name} ="),
    ];
    source
        .lines()
        .filter(|line| !line.starts_with("//!"))
        .any(|line| forms.iter().any(|form| line.contains(form)))
}

#[test]
fn every_test_that_is_named_is_there() {
    let mut named = 0;
    for file in FILES {
        for row in tables(file).into_iter().flat_map(|(_, rows)| rows) {
            // What is between backticks is at the odd places.
            let parts: Vec<&str> = row.here.split('`').collect();
            let mut of = None;
            for (before, name) in parts.iter().zip(&parts[1..]).step_by(2) {
                if before.ends_with('[') {
                    assert!(has(file, name), "{name} of {file}");
                } else if name.ends_with(".rs") {
                    of = Some(*name);
                    assert!(tests().join(name).exists(), "{name}");
                    continue;
                } else if row.here.contains("ui case") {
                    let case = format!("../ui-tests/fail/{name}.rs");
                    assert!(tests().join(&case).exists(), "{case}");
                } else if let (Some(of), true) = (of, name.contains('_')) {
                    assert!(has(of, name), "{name} of {of}");
                } else {
                    continue; // a word of the language
                }
                named += 1;
            }
        }
    }
    assert!(named > 150, "{named} names were found");
}

#[test]
fn the_sums_are_those_of_the_tables() {
    let readme = read(&tests().join("README.md"));
    let mut sums = BTreeMap::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, numbers @ .., _why, _] = &cells[..] else {
            continue;
        };
        let numbers: Vec<u32> = numbers
            .iter()
            .filter_map(|cell| cell.parse().ok())
            .collect();
        if let [all, direct, adapted, cannot, later] = numbers[..] {
            assert_eq!(all, direct + adapted + cannot + later, "{name}");
            sums.insert(name.trim_matches('`').to_string(), (all, cannot));
        }
    }
    let mut counted: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for file in FILES {
        for (heading, rows) in tables(file) {
            let (name, _) = class(&heading).expect("each heading is a class");
            let cannot = rows.iter().filter(|row| row.here.starts_with("cannot be"));
            let class = counted.entry(name).or_default();
            class.1 += cannot.map(|row| row.numbers.len() as u32).sum::<u32>();
            let all = rows.iter().flat_map(|row| &row.numbers).max();
            class.0 = class.0.max(*all.expect("a table has rows"));
        }
    }
    for (name, class) in counted {
        assert_eq!(sums.get(&name), Some(&class), "{name}");
    }
}
