//! Bounds stand in parentheses.

use defer::prelude::*;

#[callback(memoize = 100)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
