//! A body on another thread that gives a deferred.

use defer::prelude::*;

#[callback(blocking)]
fn double(n: u32) -> Deferred<u32> {
    succeed(n * 2).boxed()
}

fn main() {
    let _ = double(1);
}
