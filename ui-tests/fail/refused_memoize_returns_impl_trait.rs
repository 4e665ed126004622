//! What is kept has a type with a name.

use defer::prelude::*;

#[callback(memoize)]
fn words(page: String) -> impl Iterator<Item = String> + Clone {
    std::iter::once(page)
}

fn main() {
    let _ = words(succeed(String::new()));
}
