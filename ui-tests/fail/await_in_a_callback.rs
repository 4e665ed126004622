//! `.await` in a body that is not asynchronous.

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
fn check(url: String) -> usize {
    let page = get(url).await;
    page.map_or(0, |page| page.len())
}

fn main() {
    let _ = check(succeed(String::new()));
}
