//! A wrong argument of a function that returns `impl Trait`, awaited in place.

use defer::prelude::*;

#[callback]
fn words(page: String) -> impl Iterator<Item = char> {
    page.chars().collect::<Vec<_>>().into_iter()
}

async fn run() {
    let _ = words(3).await;
}

fn main() {
    drop(run());
}
