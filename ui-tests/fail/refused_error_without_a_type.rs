//! `error` without its type.

use defer::prelude::*;

#[callback(error)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
