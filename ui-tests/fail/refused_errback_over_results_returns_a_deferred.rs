//! An errback over results that gives a deferred.

use defer::prelude::*;

struct Missing;

#[errback]
fn rescue(outcome: Result<u8, Missing>) -> Deferred<u8> {
    let _ = outcome;
    succeed(3).boxed()
}

fn main() {
    let _ = rescue(fail::<u8, _>(Missing));
}
