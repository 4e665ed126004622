//! `memoize` has two bounds.

use defer::prelude::*;

#[callback(memoize(seize = 100))]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
