//! A deferred that can fail and yields another type than the parameter's.

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
fn double(n: usize) -> usize {
    n * 2
}

fn main() {
    let _ = double(get(String::new()));
}
