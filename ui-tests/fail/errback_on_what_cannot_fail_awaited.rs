//! An errback around a chain that cannot fail, awaited in place.

use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[errback]
fn rescue(failure: Missing) -> String {
    format!("{failure:?}")
}

async fn run() -> String {
    rescue(succeed(String::new())).await
}

fn main() {
    drop(run());
}
