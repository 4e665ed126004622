//! A parameter that there can be no second of.

use defer::prelude::*;
use defer::retry::Retry;

#[callback(retry = Retry::default())]
async fn read(into: &mut String, name: String) -> Result<usize, Failure> {
    into.push_str(&name);
    Ok(into.len())
}

fn main() {
    let _ = read(&mut String::new(), succeed(String::new()));
}
