//! A wrong argument of an asynchronous function inside of synchronous calls.

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
#[callback]
fn size(page: String) -> usize {
    page.len()
}

#[callback]
fn double(n: usize) -> usize {
    n * 2
}

fn main() {
    let _ = double(size(get(3)));
}
