//! An argument too few.

use defer::prelude::*;

#[callback]
fn join(left: String, right: String) -> String {
    left + &right
}

fn main() {
    let _ = join(succeed(String::new()));
}
