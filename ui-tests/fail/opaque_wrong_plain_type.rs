//! A wrong argument of a function that returns `impl Trait`.

use defer::prelude::*;

#[callback]
fn words(page: String) -> impl Iterator<Item = char> {
    page.chars().collect::<Vec<_>>().into_iter()
}

fn main() {
    let _ = words(3);
}
