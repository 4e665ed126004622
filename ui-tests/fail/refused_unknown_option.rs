//! An option that there is not.

use defer::prelude::*;

#[callback(eventually)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
