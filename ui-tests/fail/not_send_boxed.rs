//! A chain that stays on its thread, boxed as one that may leave it.

use defer::prelude::*;

use std::rc::Rc;

fn main() {
    let shared = Rc::new(3);
    let _ = defer(async move { *shared }).boxed();
}
