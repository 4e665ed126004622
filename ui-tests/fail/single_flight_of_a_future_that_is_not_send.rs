//! Whoever waits polls the body, on any thread.

use defer::prelude::*;
use std::rc::Rc;

#[callback(single_flight)]
async fn size(name: String) -> usize {
    let name = Rc::new(name);
    std::future::ready(()).await;
    name.len()
}

fn main() {
    let _ = size(String::new());
}
