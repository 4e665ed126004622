//! A key outlives the call: it borrows nothing.

use defer::prelude::*;

#[callback(memoize)]
fn size(page: &str) -> usize {
    page.len()
}

fn main() {
    let _ = size("");
}
