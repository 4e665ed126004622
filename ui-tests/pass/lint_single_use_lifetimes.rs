//! A lifetime that the signature leaves out is no single use.

#![deny(single_use_lifetimes)]

use defer::prelude::*;
use ui_tests::now;

#[callback]
async fn size(page: String, prefix: &str) -> usize {
    page.len() + prefix.len()
}

struct Site;

impl Site {
    #[callback]
    async fn add(&self, left: usize, right: usize) -> usize {
        left + right
    }
}

fn main() {
    assert_eq!(now(Site.add(size(String::new(), "a"), 1)), 2);
}
