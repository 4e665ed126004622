//! Members of a tuple that fail with different errors.

use defer::prelude::*;

#[callback]
fn join(both: (u8, u8)) -> u8 {
    both.0 + both.1
}

fn main() {
    let _ = join((fail::<u8, _>("text"), fail::<u8, _>(3)));
}
