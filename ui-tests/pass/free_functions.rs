//! A plain function takes values, results and deferreds of either.

use defer::prelude::*;
use ui_tests::now;

#[derive(Clone, Debug, PartialEq)]
struct Missing(u16);

#[callback]
fn port() -> u16 {
    80
}

#[callback]
fn double(n: usize) -> usize {
    n * 2
}

#[callback]
fn join(left: String, right: String) -> String {
    left + &right
}

#[callback]
fn check(page: String, limit: usize) -> Result<usize, Missing> {
    if page.len() > limit {
        Err(Missing(413))
    } else {
        Ok(page.len())
    }
}

#[callback]
async fn get(url: String) -> Result<String, Missing> {
    if url.is_empty() {
        Err(Missing(404))
    } else {
        Ok(url + " page")
    }
}

#[callback]
async fn later(n: usize) -> usize {
    n + 1
}

fn main() {
    assert_eq!(now(port()), 80);
    assert_eq!(now(double(2)), 4);
    assert_eq!(now(double(succeed(2))), 4);
    assert_eq!(now(double(Ok::<_, Missing>(2))), Ok(4));
    assert_eq!(now(double(Err(Missing(1)))), Err(Missing(1)));
    assert_eq!(now(double(fail(Missing(1)))), Err(Missing(1)));
    assert_eq!(now(double(defer(async { 3 }))), 6);
    assert_eq!(now(double(async { 3 }.defer())), 6);
    assert_eq!(now(double(double(double(later(1))))), 16);
    assert_eq!(
        now(join(
            "a".to_string(),
            join(succeed("b".to_string()), "c".to_string())
        )),
        "abc"
    );
    assert_eq!(now(check(get("a".to_string()), 10)), Ok(6));
    assert_eq!(
        now(check(get("a".to_string()), double(1))),
        Err(Missing(413))
    );
    assert_eq!(
        now(double(check(get(String::new()), 10))),
        Err(Missing(404))
    );
    assert_eq!(
        now(get(join(get("a".to_string()), "b".to_string()))),
        Ok("a pageb page".to_string())
    );
    let kept: Deferred<Result<usize, Missing>> = check(get("a".to_string()), 10).boxed();
    assert_eq!(now(kept), Ok(6));
}
