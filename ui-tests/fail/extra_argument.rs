//! An argument too many.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(String::new(), 3);
}
