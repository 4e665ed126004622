//! An attribute on a struct.

use defer::prelude::*;

#[callback]
struct Page {
    text: String,
}

fn main() {
    let _ = Page {
        text: String::new(),
    }
    .text;
}
