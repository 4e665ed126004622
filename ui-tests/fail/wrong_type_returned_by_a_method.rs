//! A method whose body does not return what it says.

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    fn size(&self, page: String) -> usize {
        page
    }
}

fn main() {
    let _ = Site.size(succeed(String::new()));
}
