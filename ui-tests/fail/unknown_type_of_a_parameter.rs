//! A parameter whose type does not exist.

use defer::prelude::*;

#[callback]
fn size(page: Page) -> usize {
    0
}

fn main() {
    let _ = size(String::new());
}
