//! `#[value]` takes no options.

use defer::prelude::*;

#[callback]
fn size(page: String, #[value(3)] n: usize) -> usize {
    page.len() + n
}

fn main() {
    let _ = size(succeed(String::new()), 3);
}
