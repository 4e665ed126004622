//! The table in `examples/README.md`: what it names is there, and all that is there it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A row: where it stands, the files that its example is in, and the tests that run it.
struct Row {
    what: String,
    files: Vec<String>,
    tests: Vec<(String, String)>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of all tables of the page, without their heads.
fn rows() -> Vec<Row> {
    let page = text("examples/README.md");
    let lines = page.lines().filter(|line| line.starts_with('|'));
    let rows = lines.filter(|line| !line.starts_with("| --- |") && !line.starts_with("| there |"));
    rows.map(row).collect()
}

fn row(line: &str) -> Row {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    let cells: Vec<_> = inner.split(" | ").map(str::trim).collect();
    let [what, here, tested] = cells[..] else {
        panic!("three cells, not {}: {line}", cells.len())
    };
    let links = here.split("](").skip(1);
    let files = links.filter_map(|link| link.split_once(')'));
    let files: Vec<_> = files.map(|(file, _)| file.to_string()).collect();
    let mut tests = Vec::new();
    let mut file = None;
    for part in tested.split('`').skip(1).step_by(2) {
        match &file {
            _ if part.ends_with(".rs") => file = Some(part.to_string()),
            Some(file) => tests.push((file.clone(), part.to_string())),
            None => panic!("the test {part} has no file: {line}"),
        }
    }
    Row {
        what: what.to_string(),
        files,
        tests,
    }
}

/// The targets of the manifest that are of this kind: name, path, and the features that have to
/// be asked for.
fn targets(kind: &str) -> Vec<[String; 3]> {
    let manifest = text("Cargo.toml");
    let sections = manifest.split("\n[").skip(1);
    let head = format!("[{kind}]]\n");
    let found = sections.filter_map(|section| section.strip_prefix(&head));
    let value = |section: &str, key: &str| {
        let mut lines = section.lines();
        let line = lines.find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
        line.unwrap_or_default()
            .trim()
            .trim_matches('"')
            .to_string()
    };
    found
        .map(|section| ["name", "path", "required-features"].map(|key| value(section, key)))
        .collect()
}

/// Whether it is run by `cargo test`: its attributes stand above it.
fn is_a_test(source: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let Some((before, _)) = source.split_once(&head) else {
        return false;
    };
    let above = before.rsplit("\n\n").next().unwrap_or_default();
    let attributes: Vec<_> = above
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("#["))
        .collect();
    let test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    attributes.iter().any(test) && !attributes.iter().any(|line| line.starts_with("#[ignore"))
}

/// All that is wrong, so that nobody has to look for the rest.
fn none(wrong: impl IntoIterator<Item = String>) {
    let wrong: Vec<_> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_has_an_example_and_a_test() {
    let rows = rows();
    assert!(rows.len() > 50, "{} rows", rows.len());
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in &rows {
        if row.files.is_empty() {
            wrong.push(format!("no example: {}", row.what));
        }
        if row.tests.is_empty() {
            wrong.push(format!("no test: {}", row.what));
        }
        if !seen.insert(&row.what) {
            wrong.push(format!("twice: {}", row.what));
        }
    }
    none(wrong);
}

/// And every other file that the page links to.
#[test]
fn every_example_that_is_named_is_there() {
    let page = text("examples/README.md");
    let links = page.split("](").skip(1);
    let files = links.filter_map(|link| link.split_once(')'));
    let files = files
        .map(|(file, _)| file)
        .filter(|file| !file.contains("://"));
    let missing = files.filter(|file| !root().join("examples").join(file).exists());
    none(missing.map(str::to_string));
}

#[test]
fn every_test_that_is_named_is_there_and_runs() {
    let targets = targets("test");
    let mut wrong = Vec::new();
    for row in rows() {
        for (file, test) in &row.tests {
            let source = fs::read_to_string(root().join("tests").join(file));
            if !source.is_ok_and(|source| is_a_test(&source, test)) {
                wrong.push(format!("{}: {file}: {test}", row.what));
            }
            let name = file.trim_end_matches("/main.rs").trim_end_matches(".rs");
            let features = targets.iter().find(|target| target[0] == name);
            let features = features.map_or("", |[_, _, features]| features);
            if !features.is_empty() {
                let what = &row.what;
                wrong.push(format!("{what}: {file} is passed over without {features}"));
            }
        }
    }
    none(wrong);
}

#[test]
fn every_example_that_is_there_is_named() {
    let named: BTreeSet<_> = rows().into_iter().flat_map(|row| row.files).collect();
    let mut programs: Vec<_> = targets("example")
        .into_iter()
        .map(|[_, path, _]| path)
        .collect();
    let entries = fs::read_dir(root().join("examples")).expect("there are examples");
    for entry in entries {
        let path = entry.expect("it can be listed").path();
        if path.join("main.rs").exists() || path.extension().is_some_and(|ext| ext == "rs") {
            let path = path.strip_prefix(root()).expect("it is in the package");
            programs.push(path.display().to_string().replace('\\', "/"));
        } else if path.is_dir() && !path.ends_with("support") {
            // Programs beside each other, each of which the manifest names.
            let folder = path.strip_prefix(root()).expect("it is in the package");
            let folder = format!("{}/", folder.display()).replace('\\', "/");
            let some = programs.iter().any(|program| program.starts_with(&folder));
            assert!(some, "the manifest names no program in {folder}");
        }
    }
    assert!(programs.len() >= 10, "{programs:?}");
    // A row may point at the file of a folder that it is about.
    let is_named = |program: &String| {
        let program = program.trim_start_matches("examples/");
        let folder = program.trim_end_matches("/main.rs");
        let mut files = named.iter();
        files.any(|file| file == program || file.split('/').next() == Some(folder))
    };
    none(programs.into_iter().filter(|program| !is_named(program)));
}

#[test]
fn a_test_is_told_from_what_is_none() {
    let source = "#[test]\nfn a() {}\n\n#[tokio::test(start_paused = true)]\nasync fn b() {}\n\n\
                  #[test]\n#[ignore = \"slow\"]\nfn c() {}\n\nfn d() {}\n";
    assert!(is_a_test(source, "a") && is_a_test(source, "b"));
    assert!(!is_a_test(source, "c") && !is_a_test(source, "d") && !is_a_test(source, "e"));
}
