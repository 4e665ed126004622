//! Recorded programs of Twisted, carried out on defer.

mod behave;
mod compare;
mod errors;
mod program;
mod replay;

use compare::{Told, show};

#[test]
fn tmp() {
    let programs = program::read("tests/data/twisted_traces.jsonl.gz");
    let mut equal = 0;
    let mut shown = 0;
    let mut n = 0;
    let want = std::env::var("WANT").unwrap_or_default();
    let without = std::env::var("NODEV").is_ok();
    for program in programs.iter().filter(|program| program.linear) {
        let devs: Vec<_> = program.features.iter().filter(|f| f.starts_with("dev:")).collect();
        if without && !devs.is_empty() { continue; }
        if !want.is_empty() && !devs.iter().all(|d| **d == want) { continue; }
        n += 1;
        let told = replay::replay(program);
        let recorded = Told::recorded(program);
        match recorded.differs(&told) {
            None => equal += 1,
            Some(text) => {
                shown += 1;
                if shown < 6 { eprintln!("{}{:?}\n{text}", show(program), devs); }
            }
        }
    }
    eprintln!("{equal} of {n}");
}
