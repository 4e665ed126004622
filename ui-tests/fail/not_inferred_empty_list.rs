//! The type of `vec![]` is not inferred as an argument.

use defer::prelude::*;

#[callback]
fn total(all: Vec<usize>) -> usize {
    all.iter().sum()
}

fn main() {
    let _ = total(vec![]);
}
