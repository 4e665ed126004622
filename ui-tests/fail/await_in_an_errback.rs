//! `.await` in an errback that is not asynchronous.

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
    get(fallback)
        .await
        .unwrap_or_else(|_| format!("{failure:?}"))
}

fn main() {
    let _ = rescue(get(String::new()), String::new());
}
