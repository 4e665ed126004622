//! A tuple of deferreds with a plain value among them.

use defer::prelude::*;

#[callback]
fn join(both: (usize, String)) -> usize {
    both.0 + both.1.len()
}

fn main() {
    let _ = join((3, succeed(String::new())));
}
