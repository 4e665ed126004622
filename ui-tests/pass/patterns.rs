//! Patterns and `mut` in parameters.

use defer::prelude::*;
use ui_tests::now;

struct Point {
    x: u8,
    y: u8,
}
struct Wrap(u8);

#[callback]
fn apart((a, b): (u8, u8), [c, d]: [u8; 2], Point { x, y: z }: Point, Wrap(w): Wrap) -> u8 {
    a + b + c + d + x + z + w
}

#[callback]
async fn apart_later((a, b): (u8, u8), Point { x, .. }: Point, _: String, _n: u8) -> u8 {
    a + b + x
}

#[callback]
fn changed(mut all: Vec<u8>, by: u8, (mut c, _): (u8, u8)) -> Vec<u8> {
    c += by;
    all.push(c);
    all
}

#[callback]
async fn changed_later(mut all: Vec<u8>, by: u8) -> Vec<u8> {
    all.push(by);
    all
}

#[callback]
fn ignored(_: u8, _: String) -> u8 {
    1
}

#[callback]
fn whole(all @ [first, ..]: [u8; 3]) -> usize {
    all.len() + usize::from(first)
}

#[callback]
fn lent(&(a, b): &(u8, u8), c: u8) -> u8 {
    a + b + c
}

#[errback]
fn rescue(Wrap(code): Wrap, (a, mut b): (u8, u8)) -> u8 {
    b += a;
    code + b
}

struct Site;
impl Site {
    #[callback]
    fn apart(&self, (a, b): (u8, u8), mut all: Vec<u8>) -> u8 {
        all.push(a);
        all[0] + b
    }
}

fn main() {
    let point = || Point { x: 1, y: 2 };
    assert_eq!(
        now(apart(
            (1, 2),
            [succeed(3), succeed(4)],
            point(),
            succeed(Wrap(5))
        )),
        18
    );
    assert_eq!(
        now(apart_later((1, 2), succeed(point()), String::new(), 1)),
        4
    );
    assert_eq!(now(changed(succeed(vec![1]), 2, (3, 4))), [1, 5]);
    assert_eq!(now(changed_later(succeed(vec![1]), 2)), [1, 2]);
    assert_eq!(now(ignored(succeed(1), String::new())), 1);
    assert_eq!(now(whole([1, 2, 3])), 4);
    assert_eq!(now(lent(&(1, 2), succeed(3))), 6);
    assert_eq!(now(rescue(fail(Wrap(1)), (2, 3))), 6);
    assert_eq!(now(Site.apart((1, 2), vec![0u8; 1])), 2);
}
