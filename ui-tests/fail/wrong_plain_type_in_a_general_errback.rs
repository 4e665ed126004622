//! A wrong argument of an errback that looks at results.

use defer::prelude::*;

#[errback]
fn rescue(outcome: Result<String, Failure>, fallback: String) -> String {
    outcome.unwrap_or(fallback)
}

fn main() {
    let _ = rescue(fail::<String, _>(Failure::msg("no")), 3);
}
