//! A deferred that nobody awaits.

#![deny(unused_must_use)]

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    size(String::new());
}
