//! A boxed call whose value has no name.

use defer::prelude::*;

#[callback(boxed)]
fn words(page: String) -> impl Iterator<Item = char> {
    page.chars().collect::<Vec<_>>().into_iter()
}

fn main() {
    let _ = words(succeed(String::new()));
}
