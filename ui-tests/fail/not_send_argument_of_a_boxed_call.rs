//! An argument that stays on its thread, for a boxed call.

use defer::prelude::*;

use std::rc::Rc;

#[callback(boxed)]
fn count(n: usize) -> usize {
    n
}

fn main() {
    let shared = Rc::new(3);
    let _ = count(defer(async move { *shared }));
}
