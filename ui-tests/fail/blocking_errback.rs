//! An errback whose body is to run on another thread.

use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[errback(blocking)]
fn recover(_: Missing) -> u32 {
    0
}

fn main() {
    let _ = recover(fail::<u32, _>(Missing));
}
