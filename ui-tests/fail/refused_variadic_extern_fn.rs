//! A variadic function as the language has it: three things that no call can be made of.

use defer::prelude::*;

#[callback]
unsafe extern "C" fn size(page: String, _rest: ...) -> usize {
    page.len()
}

fn main() {
    let _ = size(succeed(String::new()));
}
