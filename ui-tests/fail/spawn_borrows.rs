//! A body in a task of its own that borrows from its caller.

use std::borrow::Cow;

use defer::prelude::*;

#[callback(spawn)]
async fn size(path: Cow<'_, str>) -> usize {
    path.len()
}

fn main() {
    let _ = size(Cow::Borrowed("a"));
}
