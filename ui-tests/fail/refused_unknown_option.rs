//! An option that there is not.

use defer::prelude::*;

#[callback(retry)]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
