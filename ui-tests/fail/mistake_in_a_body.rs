//! A mistake inside of a body is told as in any function.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.length()
}

fn main() {
    let _ = size(succeed(String::new()));
}
