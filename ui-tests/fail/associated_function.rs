//! A function in an `impl` without a receiver, without the option for it.

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    fn joined(base: String, path: String) -> String {
        base + &path
    }
}

fn main() {
    let _ = Site::joined(String::new(), succeed(String::new()));
}
