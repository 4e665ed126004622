//! An argument too few, for an asynchronous function.

use defer::prelude::*;

#[callback]
async fn join(left: String, right: String) -> String {
    left + &right
}

fn main() {
    let _ = join(succeed(String::new()));
}
