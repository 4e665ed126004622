//! A bare type parameter is not inferred from a deferred.

use defer::prelude::*;

#[callback]
fn same<T>(value: T) -> T {
    value
}

fn main() {
    let _ = same(succeed(3));
}
