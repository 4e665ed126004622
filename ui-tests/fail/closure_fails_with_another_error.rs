//! A closure of the fluent form fails with another error than the chain.

use defer::prelude::*;

fn main() {
    let _ = fail::<String, _>(Failure::msg("no")).add_callback(|page| page.parse::<u8>());
}
