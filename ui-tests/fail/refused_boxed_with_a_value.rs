//! `boxed` takes no value.

use defer::prelude::*;

#[callback(boxed = true)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
