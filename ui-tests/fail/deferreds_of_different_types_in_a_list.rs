//! Members of a list have one type, unless they are boxed.

use defer::prelude::*;

#[callback]
fn total(all: Vec<usize>) -> usize {
    all.iter().sum()
}

fn main() {
    let _ = total(vec![defer(async { 3 }), succeed(4)]);
}
