//! A boxed call whose body holds something that stays on its thread.

use defer::prelude::*;

use std::rc::Rc;

#[callback(boxed)]
async fn count(n: usize) -> usize {
    let shared = Rc::new(n);
    succeed(()).await;
    *shared
}

fn main() {
    let _ = count(3);
}
