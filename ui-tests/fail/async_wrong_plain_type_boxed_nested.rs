//! A wrong argument of an asynchronous function that is boxed, inside of synchronous calls.

use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[callback(boxed)]
async fn get(url: String) -> Result<String, Missing> {
    if url.is_empty() {
        Err(Missing)
    } else {
        Ok(url)
    }
}

#[callback]
fn size(page: String) -> usize {
    page.len()
}

async fn run() {
    let _ = size(get(3)).await;
}

fn main() {
    drop(run());
}
