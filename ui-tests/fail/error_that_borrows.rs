//! An error is `'static`, for it may travel further than what it borrows.

use defer::prelude::*;

#[derive(Debug)]
struct Unread<'a>(&'a str);

#[callback]
fn read<'a>(path: &'a str, n: usize) -> Result<usize, Unread<'a>> {
    if path.is_empty() {
        Err(Unread(path))
    } else {
        Ok(n)
    }
}

async fn run() {
    let path = String::new();
    println!("{:?}", read(&path, succeed(3)).await);
}

fn main() {
    drop(run());
}
