//! Arguments that fail with different errors, in a function that cannot say how, awaited in place.

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

#[derive(Debug)]
struct Unread;

#[callback]
fn read(path: String) -> Result<String, Unread> {
    if path.is_empty() {
        Err(Unread)
    } else {
        Ok(path)
    }
}

#[callback]
fn join(left: String, right: String) -> String {
    left + &right
}

async fn run() {
    let _ = join(get(String::new()), read(String::new())).await;
}

fn main() {
    drop(run());
}
