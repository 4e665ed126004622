//! An option that there is not, with a value.

use defer::prelude::*;

#[callback(timeout = 3)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
