//! A method has no place for a table of its calls.

use defer::prelude::*;

pub struct Site;

impl Site {
    #[callback(memoize)]
    fn page(&self, name: String) -> usize {
        name.len()
    }
}

fn main() {
    let _ = Site.page(succeed(String::new()));
}
