//! An attribute on an enum.

use defer::prelude::*;

#[errback]
enum Page {
    Blank,
}

fn main() {
    let _ = Page::Blank;
}
