//! A list of futures that are not wrapped.

use defer::prelude::*;

#[callback]
fn total(all: Vec<usize>) -> usize {
    all.iter().sum()
}

fn main() {
    let _ = total(vec![async { 3 }]);
}
