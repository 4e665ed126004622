//! An attribute on a trait.

use defer::prelude::*;

#[callback]
trait Source {
    fn size(&self) -> usize {
        0
    }
}

impl Source for u8 {}

fn main() {
    let _ = 3u8.size();
}
