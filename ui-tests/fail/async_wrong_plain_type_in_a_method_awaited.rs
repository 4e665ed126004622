//! A wrong argument of an asynchronous method, awaited in place.

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    async fn size(&self, page: String) -> usize {
        page.len()
    }
}

async fn run() {
    let _ = Site.size(3).await;
}

fn main() {
    drop(run());
}
