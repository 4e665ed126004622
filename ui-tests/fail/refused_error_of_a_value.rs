//! `error = ..` on a function that returns a value.

use defer::prelude::*;

#[callback(error = String)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
