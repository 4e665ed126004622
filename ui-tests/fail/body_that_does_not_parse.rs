//! A body that is not finished yet.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    let n = page.
}

fn main() {
    let _ = size(succeed(String::new()));
}
