//! A body on another thread with an argument that cannot go there.

use std::rc::Rc;

use defer::prelude::*;

#[callback(blocking)]
fn read(shared: Rc<String>) -> usize {
    shared.len()
}

fn main() {
    let _ = read(Rc::new(String::new()));
}
