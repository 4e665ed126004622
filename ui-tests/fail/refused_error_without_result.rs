//! `error = ..` on a function that returns nothing.

use defer::prelude::*;

#[callback(error = String)]
fn size(page: String) {
    drop(page);
}

fn main() {
    let _ = size(succeed(String::new()));
}
