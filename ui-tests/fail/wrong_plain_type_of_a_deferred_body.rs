//! A wrong argument of a function that gives a deferred.

use defer::prelude::*;

#[callback]
fn cached(page: String) -> Deferred<usize> {
    succeed(page.len()).boxed()
}

fn main() {
    let _ = cached(3);
}
