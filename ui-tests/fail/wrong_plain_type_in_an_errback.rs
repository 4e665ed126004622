//! A wrong argument of an errback, after its failure.

use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[callback]
async fn get(url: String) -> Result<String, Missing> {
    if url.is_empty() {
        Err(Missing)
    } else {
        Ok(url)
    }
}

#[errback]
fn rescue(failure: Missing, fallback: String) -> String {
    format!("{failure:?} {fallback}")
}

fn main() {
    let _ = rescue(get(String::new()), 3);
}
