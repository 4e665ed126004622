//! An asynchronous body that does not return what it says.

use defer::prelude::*;

#[callback]
async fn size(page: String) -> usize {
    page
}

fn main() {
    let _ = size(succeed(String::new()));
}
