//! A deferred is made of a future; a value is `succeed`.

use defer::prelude::*;

fn main() {
    let _ = defer(1);
}
