//! A wrong argument of a function that gives a deferred, awaited in place.

use defer::prelude::*;

#[callback]
fn cached(page: String) -> Deferred<usize> {
    succeed(page.len()).boxed()
}

async fn run() {
    let _ = cached(3).await;
}

fn main() {
    drop(run());
}
