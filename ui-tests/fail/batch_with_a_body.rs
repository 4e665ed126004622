//! The batch function answers the calls: there is nothing for a body to do.

use defer::prelude::*;

fn load(ids: Vec<u32>) -> Vec<String> {
    ids.iter().map(u32::to_string).collect()
}

#[callback(batch = load)]
fn user(id: u32) -> Result<String, Failure> {
    Ok(load(vec![id]).remove(0))
}

fn main() {
    let _ = user(1);
}
