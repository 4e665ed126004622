//! A failure is no key.

use defer::prelude::*;

#[errback(memoize)]
fn or_zero(_: Failure) -> usize {
    0
}

fn main() {
    let _ = or_zero(fail::<usize, _>(Failure::msg("no")));
}
