//! A key that cannot be told apart.

use defer::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Id(u32);

fn load(ids: Vec<Id>) -> Vec<String> {
    ids.iter().map(|id| id.0.to_string()).collect()
}

#[callback(batch = load)]
fn user(id: Id) -> Result<String, Failure>;

fn main() {
    let _ = user(Id(1));
}
