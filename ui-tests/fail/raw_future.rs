//! A future that is not wrapped by `defer`.

use defer::prelude::*;

#[callback]
fn size(page: String) -> usize {
    page.len()
}

async fn fetch() -> String {
    String::new()
}

fn main() {
    let _ = size(fetch());
}
