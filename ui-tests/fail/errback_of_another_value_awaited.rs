//! An errback that yields another type than what it goes around, awaited in place.

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
fn rescue(failure: Missing) -> usize {
    let _ = failure;
    0
}

async fn run() {
    let _ = rescue(get(String::new())).await;
}

fn main() {
    drop(run());
}
