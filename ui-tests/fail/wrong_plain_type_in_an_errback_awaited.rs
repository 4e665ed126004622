//! A wrong argument of an errback that is awaited in place.

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

async fn run() -> String {
    rescue(get(String::new()), 3).await
}

fn main() {
    drop(run());
}
