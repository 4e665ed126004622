//! A key outlives the call: it borrows nothing.

use defer::prelude::*;
use std::borrow::Cow;

#[callback(memoize)]
fn size(page: Cow<'_, str>) -> usize {
    page.len()
}

fn main() {
    let _ = size(Cow::Borrowed(""));
}
