//! What is started may run on any thread.

use std::rc::Rc;

use defer::prelude::*;

fn main() {
    let shared = Rc::new(1);
    let _three = defer(async move { *shared }).start();
}
