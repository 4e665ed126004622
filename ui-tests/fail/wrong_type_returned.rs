//! A body that does not return what it says.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    if page.is_empty() {
        return "none";
    }
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
