//! A body in a task of its own that holds what cannot go to another thread.

use std::rc::Rc;

use defer::prelude::*;

#[callback(spawn)]
async fn count(n: u32) -> u32 {
    let shared = Rc::new(n);
    std::future::ready(()).await;
    *shared
}

fn main() {
    let _ = count(1);
}
