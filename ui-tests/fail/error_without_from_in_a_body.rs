//! `?` in a body, on an error that does not convert.

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

struct App;

#[inline_callbacks]
fn check(url: String) -> Result<usize, App> {
    let page = get(url).await?;
    Ok(page.len())
}

fn main() {
    let _ = check(String::new());
}
