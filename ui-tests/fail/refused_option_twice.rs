//! An option given twice.

use defer::prelude::*;

#[callback(boxed, boxed)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
