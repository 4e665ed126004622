//! A list of deferreds that yield another type.

use defer::prelude::*;

#[callback]
fn total(all: Vec<usize>) -> usize {
    all.iter().sum()
}

fn main() {
    let _ = total(vec![succeed(String::new())]);
}
