//! Both attributes on one function.

use defer::prelude::*;

struct Missing;

#[callback]
#[errback]
fn rescue(failure: Missing) -> String {
    let Missing = failure;
    String::new()
}

fn main() {
    let _ = rescue(succeed(Missing));
}
