//! Each call gets a clone of the outcome.

use defer::prelude::*;

#[derive(Debug)]
pub struct FetchError;

#[callback(memoize)]
async fn size(name: String) -> Result<usize, FetchError> {
    if name.is_empty() { Err(FetchError) } else { Ok(name.len()) }
}

fn main() {
    let _ = size(String::new());
}
