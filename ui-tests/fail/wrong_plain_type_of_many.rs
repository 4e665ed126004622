//! One wrong argument among three, in a function that can fail.

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
fn join(left: String, right: String, n: usize) -> Result<String, Missing> {
    if n == 0 {
        Err(Missing)
    } else {
        Ok(left + &right)
    }
}

fn main() {
    let _ = join(get(String::new()), 3, 4);
}
