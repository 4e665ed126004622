//! A wrong argument of an errback that looks at results, awaited in place.

use defer::prelude::*;

#[errback]
fn rescue(outcome: Result<String, Failure>, fallback: String) -> String {
    outcome.unwrap_or(fallback)
}

async fn run() {
    let _ = rescue(fail::<String, _>(Failure::msg("no")), 3).await;
}

fn main() {
    drop(run());
}
