//! The batch function can fail, and the call cannot.

use defer::prelude::*;

async fn load(ids: Vec<u32>) -> Result<Vec<String>, std::io::Error> {
    Ok(ids.iter().map(u32::to_string).collect())
}

#[callback(batch = load)]
fn user(id: u32) -> String;

fn main() {
    let _ = user(1);
}
