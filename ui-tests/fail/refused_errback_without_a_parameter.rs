//! An errback that takes no failure.

use defer::prelude::*;

#[errback]
fn rescue() -> String {
    String::new()
}

fn main() {
    let _ = rescue();
}
