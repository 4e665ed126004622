//! A wrong argument of a boxed call.

use defer::prelude::*;

#[callback(boxed)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(3);
}
