//! A method that a trait declares with the attribute, without it in the `impl`.

use defer::prelude::*;

trait Source {
    #[callback]
    fn fetch(&self, url: String) -> Result<String, u8>;
}

struct Site;

impl Source for Site {
    fn fetch(&self, url: String) -> Result<String, u8> {
        Ok(url)
    }
}

fn main() {
    let _ = Site.fetch(String::new());
}
