//! A wrong argument, deep inside of a nested call that is awaited in place.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

#[callback]
fn double(n: usize) -> usize {
    n * 2
}

async fn run() -> usize {
    double(double(size(3))).await
}

fn main() {
    drop(run());
}
