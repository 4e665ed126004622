//! An errback whose first parameter is no failure.

use defer::prelude::*;

struct Missing;

#[errback]
fn rescue(failure: Deferred<Missing>) -> String {
    let _ = failure;
    String::new()
}

fn main() {
    let _ = rescue(fail::<String, _>(Missing));
}
