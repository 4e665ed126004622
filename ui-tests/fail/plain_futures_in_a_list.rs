//! A plain future is no member of a list.

use defer::list::gather;

async fn size(page: u32) -> Result<u32, String> {
    Ok(page)
}

fn main() {
    let _ = gather(vec![size(1), size(2)]);
}
