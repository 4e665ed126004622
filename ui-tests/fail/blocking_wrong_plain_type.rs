//! A wrong argument of a body on another thread.

use defer::prelude::*;

#[callback(blocking)]
fn double(n: u32) -> u32 {
    n * 2
}

fn main() {
    let _ = double("one");
}
