//! A future that is not wrapped by `defer`, awaited in place.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

async fn fetch() -> String {
    String::new()
}

async fn run() {
    let _ = size(fetch()).await;
}

fn main() {
    drop(run());
}
