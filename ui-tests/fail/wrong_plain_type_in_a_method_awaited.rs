//! A wrong argument of a method that is awaited in place.

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    fn size(&self, page: String) -> usize {
        page.len()
    }
}

async fn run() -> usize {
    Site.size(3).await
}

fn main() {
    drop(run());
}
