//! A number is no policy.

use defer::prelude::*;

#[callback(retry = 3)]
fn size(page: String) -> Result<usize, Failure> {
    Ok(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
