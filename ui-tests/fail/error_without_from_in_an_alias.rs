//! An argument's error does not convert into the error of an alias.

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
fn check(page: String) -> std::io::Result<usize> {
    Ok(page.len())
}

fn main() {
    let _ = check(get(String::new()));
}
