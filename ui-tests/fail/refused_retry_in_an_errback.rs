//! An errback is to run again.

use defer::prelude::*;
use defer::retry::Retry;

#[errback(retry = Retry::default())]
fn errcheck(failure: Failure) -> Result<usize, Failure> {
    Err(failure)
}

fn main() {
    let _ = errcheck(fail::<usize, _>(Failure::msg("no")));
}
