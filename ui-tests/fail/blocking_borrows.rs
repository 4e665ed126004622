//! A body on another thread that borrows from its caller.

use defer::prelude::*;

#[callback(blocking)]
fn size(path: &str) -> usize {
    path.len()
}

fn main() {
    let _ = size("a");
}
