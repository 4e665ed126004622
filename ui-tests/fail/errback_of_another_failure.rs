//! The failure does not convert into what the errback takes.

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

struct Unread;

#[errback]
fn rescue(failure: Unread) -> String {
    let Unread = failure;
    String::new()
}

fn main() {
    let _ = rescue(get(String::new()));
}
