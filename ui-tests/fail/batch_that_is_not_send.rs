//! What a batch runs may be polled on any thread that one of its calls is on.

use std::rc::Rc;

use defer::prelude::*;

async fn load(ids: Vec<u32>) -> Vec<String> {
    let shared = Rc::new(ids);
    std::future::ready(()).await;
    shared.iter().map(u32::to_string).collect()
}

#[callback(batch = load)]
fn user(id: u32) -> Result<String, Failure>;

fn main() {
    let _ = user(1);
}
