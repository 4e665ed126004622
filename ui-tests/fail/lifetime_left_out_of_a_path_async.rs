//! A lifetime that a path leaves out, in an asynchronous function.

use defer::prelude::*;

struct Text<'a>(&'a str);

#[callback]
async fn size(text: Text, n: usize) -> usize {
    text.0.len() + n
}

fn main() {
    let _ = size(Text("a"), succeed(3));
}
