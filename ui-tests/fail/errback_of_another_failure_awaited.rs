//! The failure does not convert into what the errback takes, awaited in place.

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

async fn run() {
    let _ = rescue(get(String::new())).await;
}

fn main() {
    drop(run());
}
