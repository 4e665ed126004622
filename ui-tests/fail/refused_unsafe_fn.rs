//! An `unsafe fn`.

use defer::prelude::*;

#[callback]
unsafe fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
