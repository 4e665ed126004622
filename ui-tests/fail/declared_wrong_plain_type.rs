//! A wrong argument of a method that a trait declares.

use defer::prelude::*;

trait Source {
    #[callback]
    fn size(&self, page: String) -> usize;
}

fn run(source: &impl Source) {
    let _ = source.size(3);
}

struct Site;

impl Source for Site {
    #[callback]
    fn size(&self, page: String) -> usize {
        page.len()
    }
}

fn main() {
    run(&Site);
}
