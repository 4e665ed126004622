//! An attribute on a module.

use defer::prelude::*;

#[inline_callbacks]
mod pages {
    pub fn size() -> usize {
        3
    }
}

fn main() {
    let _ = pages::size();
}
