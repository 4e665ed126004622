//! Programs that were recorded on the real Twisted, carried out on defer.
//!
//! Each linear program has to come out as recorded, deferred by deferred: the same callbacks
//! with the same inputs, during the same operations, and the same end. Or it has to come out as
//! the deviations say that `tools/twisted_traces/DEVIATIONS.md` lists: a model of Twisted, which
//! does what was recorded in every program, tells what that is when they are switched on.
//!
//! `TWISTED_TRACES=FILE` replays another file, and `--nocapture` shows the summary.

#![allow(clippy::print_stdout, reason = "the summary is to be seen")]

mod behave;
mod compare;
mod deviations;
mod errors;
mod model;
mod program;
mod replay;
mod verdict;

use program::{COMMITTED, Program, read};
use serde_json::{Value, json};
use verdict::{Summary, Verdict, judge, weigh};

#[test]
fn every_program_is_equal_or_listed() {
    let other = std::env::var("TWISTED_TRACES").ok();
    let programs = read(other.as_deref().unwrap_or(COMMITTED));
    let summary = Summary::of(&programs);
    println!("{summary}");
    if let Some(smallest) = summary.failure() {
        panic!("{summary}\nthe smallest that is wrong: {smallest}");
    }
    let right = summary.equal + summary.with_none + summary.listed;
    assert_eq!(right, summary.linear);
    if other.is_none() {
        assert!(summary.linear >= 5_000, "{} are too few", summary.linear);
        for (id, _) in deviations::TAGS {
            let shown = summary.by_deviation.contains_key(id);
            assert!(shown, "{id} excuses no program any more");
        }
    }
}

#[test]
fn every_deviation_has_a_row_and_tests_that_pin_it() {
    let rows: Vec<_> = deviations::rows().collect();
    for (id, tags) in deviations::TAGS {
        let row = rows.iter().find(|row| row[0] == *id);
        let row = row.unwrap_or_else(|| panic!("{id} has no row"));
        for tag in *tags {
            assert!(row[1].contains(tag), "{id}: {tag} is not in {}", row[1]);
        }
    }
    let differs = |row: &&Vec<&str>| row[0].starts_with(['T', 'N', 'R']);
    for row in rows.iter().filter(differs) {
        let cell = row[row.len() - 1];
        let pins = deviations::pins(cell);
        assert!(!pins.is_empty() || cell.contains("types"), "{row:?}");
        for (file, name) in pins {
            let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{row:?}: {path}"));
            assert!(text.contains(&format!("fn {name}(")), "{row:?}");
        }
    }
}

/// What the verdict is when something else had been recorded.
fn verdict_on(program: &Program, change: impl FnOnce(&mut Program)) -> Verdict {
    let mut changed = program.clone();
    change(&mut changed);
    judge(&changed)
}

/// Add one to the first number in it, if there is any.
fn change_number(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => {
            *value = json!(number.as_i64().expect("a small one") + 1);
            true
        }
        Value::Array(list) => list.iter_mut().any(change_number),
        Value::Object(entries) => entries.values_mut().any(change_number),
        _ => false,
    }
}

#[test]
fn a_changed_record_is_noticed() {
    let (mut runs, mut ends, mut missing) = (0, 0, 0);
    for program in read(COMMITTED).iter().filter(|one| one.linear).take(200) {
        let is_run = |event: &Value| event[1] == "run";
        if let Some(at) = program.trace.iter().position(is_run) {
            // The input of a callback.
            let mut input = program.trace[at][5].clone();
            if change_number(&mut input) {
                runs += 1;
                let verdict = verdict_on(program, |one| one.trace[at][5] = input);
                assert!(matches!(verdict, Verdict::Wrong(_)), "{}", program.id);
            }
            missing += 1;
            let verdict = verdict_on(program, |one| drop(one.trace.remove(at)));
            assert!(matches!(verdict, Verdict::Wrong(_)), "{}", program.id);
        }
        let is_there = |end: &Value| end.get("used").is_none() && end["state"] == "succeeded";
        if let Some(d) = program.finals.iter().position(is_there) {
            let mut outcome = program.finals[d]["outcome"].clone();
            if change_number(&mut outcome) {
                ends += 1;
                let verdict = verdict_on(program, |one| one.finals[d]["outcome"] = outcome);
                assert!(matches!(verdict, Verdict::Wrong(_)), "{}", program.id);
            }
        }
    }
    assert!(
        runs > 50 && ends > 50 && missing > 50,
        "{runs} {ends} {missing}"
    );
}

#[test]
fn what_defer_does_otherwise_is_noticed() {
    let mut wrong = 0;
    for program in read(COMMITTED).iter().filter(|one| one.linear).take(200) {
        let done = replay::replay(program);
        assert!(!matches!(weigh(program, &done), Verdict::Wrong(_)));

        let mut more = done.clone();
        more.event(0, program.ops.len(), json!(["canceller"]));
        assert!(matches!(weigh(program, &more), Verdict::Wrong(_)));

        // What an operation gives is changed for defer only.
        let mut changed = program.clone();
        let gives = |op: &&mut Value| ["succeed", "callback"].iter().any(|kind| op["op"] == *kind);
        if let Some(op) = changed.ops.iter_mut().find(gives) {
            op["value"] = json!(4711);
            let Verdict::Wrong(text) = weigh(program, &replay::replay(&changed)) else {
                panic!("{} came out right", program.id)
            };
            assert!(
                text.contains(&program.id) && text.contains("4711"),
                "{text}"
            );
            wrong += 1;
        }
    }
    assert!(wrong > 50, "{wrong}");
}
