//! A plain parameter of which there is one.

use defer::prelude::*;
use defer::retry::Retry;

struct Page;

#[callback(retry = Retry::default())]
async fn size(#[value] page: Page, width: usize) -> Result<usize, Failure> {
    let Page = page;
    Ok(width)
}

async fn sized() {
    let _ = size(Page, succeed(80)).await;
}

fn main() {
    let _ = sized();
}
