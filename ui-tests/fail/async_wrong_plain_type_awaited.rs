//! A wrong argument of an asynchronous function, awaited in place.

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

async fn run() -> Result<String, Missing> {
    get(3).await
}

fn main() {
    drop(run());
}
