//! A value without a name for its type is to be made again.

use defer::prelude::*;
use defer::retry::Retry;

#[callback(retry = Retry::default())]
fn words(page: String) -> Result<impl Iterator<Item = char>, Failure> {
    Ok(page.chars().collect::<Vec<_>>().into_iter())
}

fn main() {
    let _ = words(succeed(String::new()));
}
