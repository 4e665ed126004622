//! A list of deferreds that yield another type, awaited in place.

use defer::prelude::*;

#[callback]
fn total(all: Vec<usize>) -> usize {
    all.iter().sum()
}

async fn run() -> usize {
    total(vec![succeed(String::new())]).await
}

fn main() {
    drop(run());
}
