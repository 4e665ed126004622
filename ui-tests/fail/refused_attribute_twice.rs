//! The same attribute twice.

use defer::prelude::*;

#[callback]
#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
