//! A method with an argument and a `Result`, declared by a trait, with a plain body.

use defer::prelude::*;
use ui_tests::now;

trait Source {
    #[callback]
    fn fetch(&self, url: String) -> Result<String, u8>;
}

struct Site;

impl Source for Site {
    #[callback]
    fn fetch(&self, url: String) -> Result<String, u8> {
        Ok(url)
    }
}

fn main() {
    assert_eq!(
        now(Site.fetch(succeed("a".to_string()))),
        Ok("a".to_string())
    );
}
