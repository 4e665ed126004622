//! An errback around a chain that cannot fail would never run.

use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[errback]
fn rescue(failure: Missing) -> String {
    format!("{failure:?}")
}

fn main() {
    let _ = rescue(succeed(String::new()));
}
