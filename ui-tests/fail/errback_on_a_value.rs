//! An errback around a plain value.

use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[errback]
fn rescue(failure: Missing) -> String {
    format!("{failure:?}")
}

fn main() {
    let _ = rescue(String::new());
}
