//! An iterator of plain futures is no list.

use defer::list::first_success;

async fn size(page: u32) -> Result<u32, String> {
    Ok(page)
}

fn main() {
    let _ = first_success((0..2).map(size));
}
