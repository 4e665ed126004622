//! An error that cannot be told to more than one.

use defer::batch::WrongAnswers;
use defer::prelude::*;

#[derive(Debug)]
struct LoadError;

impl From<WrongAnswers> for LoadError {
    fn from(_: WrongAnswers) -> Self {
        LoadError
    }
}

fn load(ids: Vec<u32>) -> Vec<String> {
    ids.iter().map(u32::to_string).collect()
}

#[callback(batch = load)]
fn user(id: u32) -> Result<String, LoadError>;

fn main() {
    let _ = user(1);
}
