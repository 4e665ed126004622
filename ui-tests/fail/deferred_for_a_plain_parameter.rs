//! A deferred for a parameter marked `#[value]`.

use defer::prelude::*;

#[callback]
fn join(page: String, #[value] width: usize) -> String {
    format!("{page:width$}")
}

fn main() {
    let _ = join(succeed(String::new()), succeed(3));
}
