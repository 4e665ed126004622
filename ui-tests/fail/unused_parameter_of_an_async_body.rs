//! A parameter that an asynchronous body does not use is told, as in any `async fn`.

#![deny(unused_variables)]

use defer::prelude::*;

#[callback]
async fn size(page: String, width: usize) -> usize {
    page.len()
}

fn main() {
    let _ = size(String::new(), 3);
}
