//! A value of another type than the parameter's.

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
    let _ = size(3);
}
