//! An error that has no word for a key without an answer.

use defer::prelude::*;

#[derive(Clone, Debug)]
struct LoadError;

fn load(ids: Vec<u32>) -> Result<Vec<String>, LoadError> {
    Ok(ids.iter().map(u32::to_string).collect())
}

#[callback(batch = load)]
fn user(id: u32) -> Result<String, LoadError>;

fn main() {
    let _ = user(1);
}
