//! A wrong argument of a boxed call, awaited in place.

use defer::prelude::*;

#[callback(boxed)]
fn size(page: String) -> usize {
    page.len()
}

async fn run() {
    let _ = size(3).await;
}

fn main() {
    drop(run());
}
