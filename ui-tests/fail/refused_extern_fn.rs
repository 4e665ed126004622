//! An `extern` function.

use defer::prelude::*;

#[callback]
extern "C" fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
