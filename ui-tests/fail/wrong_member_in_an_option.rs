//! An optional deferred that yields another type.

use defer::prelude::*;

#[callback]
fn maybe(one: Option<usize>) -> usize {
    one.unwrap_or(0)
}

fn main() {
    let _ = maybe(Some(succeed(String::new())));
}
