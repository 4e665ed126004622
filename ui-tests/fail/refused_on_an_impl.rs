//! An attribute on an `impl` block.

use defer::prelude::*;

struct Site;

#[callback]
impl Site {
    fn size(&self, page: String) -> usize {
        page.len()
    }
}

fn main() {
    let _ = Site.size(String::new());
}
