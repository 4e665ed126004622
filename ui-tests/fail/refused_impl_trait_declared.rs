//! A method that a trait declares, whose value has no name.

use defer::prelude::*;

trait Source {
    #[callback]
    fn words(&self, page: String) -> impl Iterator<Item = char>;
}

fn run(source: &impl Source) {
    drop(source.words(succeed(String::new())));
}

struct Site;

impl Source for Site {
    #[callback]
    fn words(&self, page: String) -> impl Iterator<Item = char> {
        page.chars().collect::<Vec<_>>().into_iter()
    }
}

fn main() {
    run(&Site);
}
