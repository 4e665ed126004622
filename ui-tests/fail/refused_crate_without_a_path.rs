//! `crate` with a string.

use defer::prelude::*;

#[callback(crate = "defer")]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
