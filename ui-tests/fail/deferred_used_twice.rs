//! A deferred goes to one place.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let page = defer(async { String::new() });
    let _ = size(page);
    let _ = size(page);
}
