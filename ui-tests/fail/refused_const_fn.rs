//! A `const fn`.

use defer::prelude::*;

#[callback]
const fn size(page: String) -> usize {
    let n = page.len();
    std::mem::forget(page);
    n
}

fn main() {
    let _ = size(succeed(String::new()));
}
