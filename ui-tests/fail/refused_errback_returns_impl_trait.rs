//! An errback whose value has no name.

use defer::prelude::*;

struct Missing;

#[errback]
fn rescue(failure: Missing) -> impl Iterator<Item = u8> {
    let _ = failure;
    std::iter::empty::<u8>()
}

fn main() {
    let _ = rescue(fail::<std::iter::Empty<u8>, _>(Missing));
}
