//! `async` under `#[inline_callbacks]`.

use defer::prelude::*;

#[inline_callbacks]
async fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
