//! Bounds need the feature `moka`.

use defer::prelude::*;

#[callback(memoize(size = 100))]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
