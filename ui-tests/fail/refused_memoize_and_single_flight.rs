//! One of them is enough.

use defer::prelude::*;

#[callback(memoize, single_flight)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
