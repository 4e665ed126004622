//! An `async` block that is not wrapped by `defer`.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(async { String::new() });
}
