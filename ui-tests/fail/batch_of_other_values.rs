//! A batch function that answers with values of another type.

use defer::prelude::*;

fn load(ids: Vec<u32>) -> Vec<u64> {
    ids.into_iter().map(u64::from).collect()
}

#[callback(batch = load)]
fn user(id: u32) -> Result<String, Failure>;

fn main() {
    let _ = user(1);
}
