//! What cannot fail is to be tried again.

use defer::prelude::*;
use defer::retry::Retry;

#[callback(retry = Retry::<()>::default())]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
