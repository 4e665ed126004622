//! A lifetime that a path leaves out is not in sight of the attribute.

use defer::prelude::*;

struct Text<'a>(&'a str);

#[callback]
fn size(text: Text, n: usize) -> usize {
    text.0.len() + n
}

fn main() {
    let _ = size(Text("a"), succeed(3));
}
