//! A wrong argument inside of a nested call with other arguments around it, awaited in place.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

#[callback]
fn join(left: usize, right: usize) -> Result<usize, Failure> {
    Ok(left + right)
}

#[errback]
fn rescue(failure: Failure, fallback: usize) -> usize {
    drop(failure);
    fallback
}

async fn run() -> usize {
    rescue(
        join(1, join(size(3), size(String::new()))),
        size(String::new()),
    )
    .await
}

fn main() {
    drop(run());
}
