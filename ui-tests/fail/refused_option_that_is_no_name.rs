//! Something in the parentheses that is no option.

use defer::prelude::*;

#[callback("boxed")]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
