//! A body with `.await` that does not return what it says.

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

#[inline_callbacks]
fn size(url: String) -> Result<usize, Missing> {
    get(url).await
}

fn main() {
    let _ = size(succeed(String::new()));
}
