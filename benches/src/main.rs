//! Nested calls of annotated functions beside what people write by hand: one run prints
//! the tables of `README.md`.

mod allocations;
mod boxes;
mod by_hand;
mod case;
mod chain;
mod compile_time;
mod dispatch;
mod durable;
mod expression;
mod failing;
mod instructions;
mod jobs;
mod leaf;
mod list;
mod promptness;
mod share;
mod sizes;
mod tables;
mod time;
mod tree;

const USAGE: &str =
    "usage: defer-benches [bars|boxes|jobs|dispatch|durable|instructions|sizes|promptness|compile-time|time]…
Without a word: everything.";

const SECTIONS: [(&str, fn()); 10] = [
    ("bars", tables::bars),
    ("boxes", tables::boxes),
    ("jobs", tables::jobs),
    ("dispatch", tables::dispatch),
    ("durable", tables::durable),
    ("instructions", tables::instructions),
    ("sizes", tables::sizes),
    ("promptness", tables::promptness),
    ("compile-time", tables::compile_time),
    ("time", tables::time),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        // This program runs itself in these modes.
        [mode, place, pending] if *mode == instructions::MODE => {
            instructions::run_one(place, pending);
        }
        ["divan"] => divan::Divan::default().run_benches(),
        words => {
            if let Some(odd) = words
                .iter()
                .find(|word| SECTIONS.iter().all(|(name, _)| name != *word))
            {
                eprintln!("`{odd}` is no section\n{USAGE}");
                std::process::exit(2);
            }
            for (name, print) in SECTIONS {
                if words.is_empty() || words.contains(&name) {
                    print();
                }
            }
        }
    }
}
