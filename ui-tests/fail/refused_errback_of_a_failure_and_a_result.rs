//! An errback in both forms at once.

use defer::prelude::*;

struct Missing;

#[errback]
fn rescue(failure: Missing, other: Result<String, Missing>) -> String {
    let _ = (failure, other);
    String::new()
}

fn main() {
    let _ = rescue(fail::<String, _>(Missing), fail::<String, _>(Missing));
}
