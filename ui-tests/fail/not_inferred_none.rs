//! The type of `None` is not inferred as an argument.

use defer::prelude::*;

#[callback]
fn maybe(one: Option<usize>) -> usize {
    one.unwrap_or(0)
}

fn main() {
    let _ = maybe(None);
}
