//! A variadic function.

use defer::prelude::*;

#[callback]
fn size(page: String, _: ...) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
