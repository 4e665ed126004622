//! A default method with a plain body, overridden by one with an asynchronous body.

use defer::prelude::*;
use ui_tests::now;

trait Source {
    #[callback]
    fn weigh(&self, page: String) -> usize {
        page.len()
    }
}

struct Plainly;
impl Source for Plainly {
    #[callback]
    fn weigh(&self, page: String) -> usize {
        page.len() * 2
    }
}

struct Asynchronously;
impl Source for Asynchronously {
    #[callback]
    async fn weigh(&self, page: String) -> usize {
        page.len() * 3
    }
}

struct AsIs;
impl Source for AsIs {}

fn main() {
    assert_eq!(now(AsIs.weigh("a".to_string())), 1);
    assert_eq!(now(Plainly.weigh("a".to_string())), 2);
    assert_eq!(now(Asynchronously.weigh("a".to_string())), 3);
}
