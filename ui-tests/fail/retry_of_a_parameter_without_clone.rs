//! A parameter of which there is one.

use defer::prelude::*;
use defer::retry::Retry;

struct Page;

#[callback(retry = Retry::default())]
fn size(page: Page, #[value] width: usize) -> Result<usize, Failure> {
    let Page = page;
    Ok(width)
}

fn main() {
    let _ = size(succeed(Page), 80);
}
