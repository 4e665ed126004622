//! An errback whose first parameter is no failure.

use defer::prelude::*;

#[errback]
fn rescue(failure: impl std::error::Error) -> String {
    let _ = failure;
    String::new()
}

fn main() {
    let _ = rescue(fail::<String, _>(Failure::msg("no")));
}
