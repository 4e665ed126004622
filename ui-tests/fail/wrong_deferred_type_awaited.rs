//! A deferred that yields another type than the parameter's, awaited in place.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

#[callback]
fn double(n: usize) -> usize {
    n * 2
}

async fn run() {
    let _ = size(double(2)).await;
}

fn main() {
    drop(run());
}
