//! An option with a value given twice.

use defer::prelude::*;

#[callback(error = String, error = u8)]
fn size(page: String) -> Result<usize, String> {
    Ok(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
