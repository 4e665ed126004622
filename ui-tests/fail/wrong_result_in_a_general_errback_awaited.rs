//! A wrong outcome for an errback that looks at results, awaited in place.

use defer::prelude::*;

#[errback]
fn rescue(outcome: Result<String, Failure>) -> String {
    outcome.unwrap_or_default()
}

async fn run() {
    let _ = rescue(fail::<usize, _>(Failure::msg("no"))).await;
}

fn main() {
    drop(run());
}
