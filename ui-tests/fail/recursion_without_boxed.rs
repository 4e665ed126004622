//! A function that calls itself needs `boxed`.

use defer::prelude::*;

#[callback]
async fn down(n: u32) -> u32 {
    if n == 0 { 0 } else { down(n - 1).await }
}

fn main() {
    let _ = down(3);
}
