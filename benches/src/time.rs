//! Nanoseconds, where they say more than instructions: long lists, and tasks.

use std::time::{Duration, Instant};

use divan::Bencher;

use crate::case::{self, Case};

fn cases() -> Vec<&'static Case> {
    let cases: &'static [Case] = case::all().leak();
    cases
        .iter()
        .filter(|case| case.what.starts_with("list") || case.way.contains("spawn"))
        .collect()
}

fn names() -> Vec<String> {
    cases()
        .iter()
        .map(|case| format!("{} / {}", case.what, case.way))
        .collect()
}

fn run(bencher: Bencher, name: &str, pending: bool) {
    let run = cases()
        .into_iter()
        .find(|case| format!("{} / {}", case.what, case.way) == name);
    let run = run.expect("one of the names").run;
    bencher.bench_local(|| divan::black_box(run)(divan::black_box(7), divan::black_box(pending)));
}

#[divan::bench(args = names(), max_time = 0.3)]
fn ready(bencher: Bencher, name: &str) {
    run(bencher, name, false);
}

#[divan::bench(args = names(), max_time = 0.3)]
fn pending_once(bencher: Bencher, name: &str) {
    run(bencher, name, true);
}

/// The least time of each of two cases, by turns.
pub fn least(cases: [&Case; 2], pending: bool) -> [Duration; 2] {
    let mut least = [Duration::MAX; 2];
    for _ in 0..25 {
        for (case, least) in cases.iter().zip(&mut least) {
            let start = Instant::now();
            let _ = divan::black_box((case.run)(7, divan::black_box(pending)));
            *least = start.elapsed().min(*least);
        }
    }
    least
}
