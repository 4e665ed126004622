//! `cfg_attr` on a parameter.

use defer::prelude::*;

#[callback]
fn size(page: String, #[cfg_attr(all(), allow(unused))] n: usize) -> usize {
    page.len() + n
}

fn main() {
    let _ = size(succeed(String::new()), 3);
}
