//! A wrong outcome for an errback that looks at results.

use defer::prelude::*;

#[errback]
fn rescue(outcome: Result<String, Failure>) -> String {
    outcome.unwrap_or_default()
}

fn main() {
    let _ = rescue(fail::<usize, _>(Failure::msg("no")));
}
