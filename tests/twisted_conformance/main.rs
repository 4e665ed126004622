//! Recorded programs of Twisted, carried out on defer.

mod behave;
mod compare;
mod errors;
mod model;
mod program;
mod replay;

use compare::{Told, show};

#[test]
fn tmp() {
    let programs = program::read("tests/data/twisted_traces.jsonl.gz");
    let (mut equal, mut modelled, mut listed, mut n) = (0, 0, 0, 0);
    let mut shown = 0; let mut sets = std::collections::BTreeMap::new();
    let mut bad = std::collections::BTreeMap::new();
    let mut ids = std::collections::BTreeMap::new();
    for program in programs.iter().filter(|program| program.linear) {
        n += 1;
        let recorded = Told::recorded(program);
        let twisted = model::twisted(program);
        match recorded.differs(&twisted) {
            None => modelled += 1,
            Some(text) => {
                shown += 1;
                if shown < 4 { eprintln!("MODEL {}\n{text}", show(program)); }
            }
        }
        let told = replay::replay(program);
        if recorded == told { equal += 1; continue; }
        let (ours, why) = model::defer(program);
        match ours.differs(&told) {
            None => { listed += 1; *sets.entry(format!("{why:?}")).or_insert(0) += 1; for id in why { *ids.entry(id).or_insert(0) += 1; } }
            Some(text) => {
                bad.insert((program.ops.len(), program.id.clone()), format!("{}{why:?}\n{text}", show(program)));
            }
        }
    }
    for (_, text) in bad.iter().take(12) { eprintln!("{text}"); }
    let mut v: Vec<_> = sets.into_iter().collect(); v.sort_by_key(|x| -x.1); for x in v.iter().take(25) { eprintln!("{x:?}"); }
    eprintln!("{n}: model {modelled} equal {equal} listed {listed} {ids:?} bad {}", bad.len());
}
