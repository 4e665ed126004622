//! A wrong argument of an asynchronous errback.

use defer::prelude::*;

#[errback]
async fn rescue(failure: Failure, fallback: String) -> String {
    drop(failure);
    fallback
}

fn main() {
    let _ = rescue(fail::<String, _>(Failure::msg("no")), 3);
}
