//! A policy for what fails otherwise.

use defer::prelude::*;
use defer::retry::Retry;

#[callback(retry = Retry::<std::io::Error>::default())]
fn size(page: String) -> Result<usize, Failure> {
    Ok(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
