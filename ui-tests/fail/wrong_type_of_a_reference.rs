//! A parameter that is a reference takes a reference, as in any function.

use defer::prelude::*;

#[callback]
fn join(prefix: &str, page: String) -> String {
    format!("{prefix}{page}")
}

fn main() {
    let _ = join(String::new(), succeed(String::new()));
}
