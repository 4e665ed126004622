//! A key has a type with a name.

use defer::prelude::*;

#[callback(single_flight)]
fn size(page: impl Into<String>) -> usize {
    page.into().len()
}

fn main() {
    let _ = size("");
}
