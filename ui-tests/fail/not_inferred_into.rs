//! The type of `x.into()` is not inferred as an argument.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size("text".into());
}
