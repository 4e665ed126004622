//! A wrong argument, deep inside of a nested call.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

#[callback]
fn double(n: usize) -> usize {
    n * 2
}

fn main() {
    let _ = double(double(size(3)));
}
