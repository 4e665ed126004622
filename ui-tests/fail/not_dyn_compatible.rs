//! A method that takes deferreds is generic, so its trait is none for `dyn`.

use defer::prelude::*;

trait Source {
    #[callback(boxed)]
    fn fetch(&self, url: String) -> usize;
}

fn run(source: &dyn Source) {
    drop(source.fetch(String::new()));
}

fn main() {}
