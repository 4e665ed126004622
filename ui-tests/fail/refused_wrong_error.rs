//! `error = ..` that is not the error of the result.

use defer::prelude::*;

#[callback(error = String)]
fn size(page: String) -> Result<usize, u8> {
    Ok(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
