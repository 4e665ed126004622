//! A closure of the fluent form that yields another type than the chain.

use defer::prelude::*;

fn main() {
    let _ = fail::<u8, _>(Failure::msg("no")).add_errback(|_| "none");
}
