//! Nothing says how to try again.

use defer::prelude::*;

#[callback(retry)]
fn size(page: String) -> Result<usize, Failure> {
    Ok(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
