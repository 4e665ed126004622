//! Members of a tuple that fail with different errors, awaited in place.

use defer::prelude::*;

#[callback]
fn join(both: (u8, u8)) -> u8 {
    both.0 + both.1
}

async fn run() {
    let _ = join((fail::<u8, _>("text"), fail::<u8, _>(3))).await;
}

fn main() {
    drop(run());
}
