//! A wrong argument of an asynchronous method.

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    async fn size(&self, page: String) -> usize {
        page.len()
    }
}

fn main() {
    let _ = Site.size(3);
}
