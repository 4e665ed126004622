//! `boxed` and `boxed_local` together.

use defer::prelude::*;

#[callback(boxed, boxed_local)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
