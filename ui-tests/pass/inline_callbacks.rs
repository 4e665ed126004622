//! `.await` in a plain `fn`.

use defer::prelude::*;
use ui_tests::now;

#[derive(Debug, PartialEq)]
struct Missing(u8);
impl From<String> for Missing {
    fn from(error: String) -> Self {
        Missing(error.len() as u8)
    }
}

#[callback]
async fn get(n: u8) -> Result<u8, String> {
    if n == 0 {
        Err("zero".to_string())
    } else {
        Ok(n)
    }
}

#[inline_callbacks]
fn no_await() -> u8 {
    3
}

#[inline_callbacks]
fn early(n: u8) -> Result<u8, Missing> {
    let n = get(n).await?;
    if n == 1 {
        return Ok(1);
    }
    for _ in 0..2 {
        get(n - 1).await?;
    }
    Err(Missing(n))
}

#[inline_callbacks]
fn closures(all: Vec<u8>) -> usize {
    let count = |all: &[u8]| all.len();
    let inner = async { get(1).await };
    inner.await.map_or(0, |_| count(&all))
}

#[inline_callbacks]
fn lends(text: &str, n: usize) -> &str {
    let n = succeed(n).await;
    &text[n..]
}

#[inline_callbacks]
fn tail(n: u8) -> Result<u8, String> {
    get(n).await
}

fn main() {
    assert_eq!(now(no_await()), 3);
    assert_eq!(now(early(1)), Ok(1));
    assert_eq!(now(early(succeed(2))), Err(Missing(2)));
    assert_eq!(now(early(get(0))), Err(Missing(4)));
    assert_eq!(now(closures(vec![get(1)])), Ok(1));
    assert_eq!(now(lends("abc", succeed(1))), "bc");
    assert_eq!(now(tail(0)), Err("zero".to_string()));
}
