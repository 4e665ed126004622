//! A wrong argument of a method.

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    fn size(&self, page: String) -> usize {
        page.len()
    }
}

fn main() {
    let _ = Site.size(3);
}
