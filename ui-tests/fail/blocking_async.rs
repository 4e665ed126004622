//! An asynchronous body on a thread that may block.

use defer::prelude::*;

#[callback(blocking)]
async fn double(n: u32) -> u32 {
    n * 2
}

fn main() {
    let _ = double(1);
}
