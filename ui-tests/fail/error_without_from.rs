//! An argument's error does not convert into the function's.

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

#[callback]
fn check(page: String) -> Result<usize, App> {
    if page.is_empty() {
        Err(App)
    } else {
        Ok(page.len())
    }
}

fn main() {
    let _ = check(get(String::new()));
}
