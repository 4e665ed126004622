//! Two mistakes are two errors.

use defer::prelude::*;

#[callback]
fn join(left: String, right: String) -> String {
    left + &right
}

fn main() {
    let _ = join(3, 'c');
}
