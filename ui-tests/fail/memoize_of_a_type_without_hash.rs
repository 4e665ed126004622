//! A part of the key is no key.

use defer::prelude::*;

#[derive(Clone, PartialEq)]
pub struct Page(String);

#[callback(memoize)]
async fn size(name: String, page: Page) -> usize {
    name.len() + page.0.len()
}

fn main() {
    let _ = size(String::new(), succeed(Page(String::new())));
}
