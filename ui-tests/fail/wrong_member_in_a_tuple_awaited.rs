//! A tuple one of whose deferreds yields another type, awaited in place.

use defer::prelude::*;

#[callback]
fn join(both: (usize, String)) -> usize {
    both.0 + both.1.len()
}

async fn run() {
    let _ = join((succeed(3), succeed(4))).await;
}

fn main() {
    drop(run());
}
