//! A batch function for keys of another type.

use defer::prelude::*;

fn load(names: Vec<String>) -> Vec<String> {
    names
}

#[callback(batch = load)]
fn user(id: u32) -> Result<String, Failure>;

fn main() {
    let _ = user(1);
}
