//! A wrong argument of a method that a trait declares, awaited in place.

use defer::prelude::*;

trait Source {
    #[callback]
    fn size(&self, page: String) -> usize;
}

async fn run(source: &impl Source) {
    let _ = source.size(3).await;
}

struct Site;

impl Source for Site {
    #[callback]
    fn size(&self, page: String) -> usize {
        page.len()
    }
}

fn main() {
    drop(run(&Site));
}
