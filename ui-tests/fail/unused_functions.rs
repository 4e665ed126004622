//! A function that nobody calls is told, as one without the attribute is.

#![deny(dead_code)]

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

#[callback]
async fn later(page: String) -> usize {
    page.len()
}

struct Site;

impl Site {
    #[callback]
    fn size(&self, page: String) -> usize {
        page.len()
    }

    // Without an attribute, and not told either, since it is told together with the other.
    fn plain(&self) {}
}

fn main() {
    let _ = Site;
}
