//! A tuple one of whose deferreds yields another type.

use defer::prelude::*;

#[callback]
fn join(both: (usize, String)) -> usize {
    both.0 + both.1.len()
}

fn main() {
    let _ = join((succeed(3), succeed(4)));
}
