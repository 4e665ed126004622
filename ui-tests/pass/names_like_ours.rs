//! Parameters, type parameters and lifetimes named like what an attribute writes.

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn f(values: u8, body: u8, arguments: u8, declared: u8, given: u8) -> u8 {
    values + body + arguments + declared + given
}

#[callback]
async fn f_later(values: u8, body: u8, arguments: u8, declared: u8, given: u8) -> u8 {
    values + body + arguments + declared + given
}

#[callback]
fn g(v0: u8, v1: u8, defer: u8, self_: u8, r#type: u8, site: u8, state: u8) -> u8 {
    v1 + v0 + defer + self_ + r#type + site + state
}

#[callback]
async fn g_later(v1: u8, v0: u8, defer: u8, self_: u8, r#type: u8, site: u8, state: u8) -> u8 {
    v1 + v0 + defer + self_ + r#type + site + state
}

#[callback]
fn h(value: u8, #[value] chain: u8, #[value] this: u8, join: u8, first: u8) -> u8 {
    value + chain + this + join + first
}

#[callback]
fn i(arg0: u8, (a, b): (u8, u8), arg2: u8, succeed: u8, callback: u8, h: u8) -> u8 {
    arg0 + a + b + arg2 + succeed + callback + h
}

#[callback]
fn core(core: u8, std: u8, std_: u8) -> u8 {
    core + std + std_
}

#[callback]
fn r#match(r#in: u8, r#fn: u8) -> u8 {
    r#in + r#fn
}

#[callback]
async fn r#loop(r#in: u8, r#fn: u8) -> u8 {
    r#in + r#fn
}

#[errback]
fn rescue(values: String, first: u8, v0: u8, body: u8) -> u8 {
    values.len() as u8 + first + v0 + body
}

#[errback]
async fn rescue_later(arguments: String, value: u8, given: u8, declared: u8) -> u8 {
    arguments.len() as u8 + value + given + declared
}

#[errback]
fn observed(value: Result<u8, String>, v1: Result<u8, String>, v0: u8) -> u8 {
    value.is_ok() as u8 + v1.is_ok() as u8 + v0
}

#[callback]
fn types<A0: Clone, M0: Clone, P, K, J>(
    v: Vec<A0>,
    w: Vec<M0>,
    x: Vec<P>,
    y: Vec<K>,
    z: Vec<J>,
) -> usize {
    v.len() + w.len() + x.len() + y.len() + z.len()
}

#[inline_callbacks]
fn inline(given: u8, declared: u8, body: u8) -> u8 {
    let values = f(given, declared, body, 0, 0).await;
    values
}

struct Body {
    values: u8,
}

impl Body {
    #[callback]
    fn call(&self, values: u8, this: u8, v0: u8, state: u8, #[value] body: u8) -> u8 {
        self.values + values + this + v0 + state + body
    }

    #[callback]
    async fn call_later(&self, values: u8, this: u8, v0: u8, state: u8, #[value] body: u8) -> u8 {
        self.values + values + this + v0 + state + body
    }
}

fn main() {
    assert_eq!(now(f(1, succeed(2), 3, 4, 5)), 15);
    assert_eq!(now(f_later(1, succeed(2), 3, 4, 5)), 15);
    assert_eq!(now(g(1, succeed(2), 3, 4, 5, 6, 7)), 28);
    assert_eq!(now(g_later(1, succeed(2), 3, 4, 5, 6, 7)), 28);
    assert_eq!(now(h(1, 2, 3, succeed(4), 5)), 15);
    assert_eq!(now(i(1, (2, 3), succeed(4), 5, 6, 7)), 28);
    assert_eq!(now(core(1, succeed(2), 3)), 6);
    assert_eq!(now(r#match(1, succeed(2))), 3);
    assert_eq!(now(r#loop(1, succeed(2))), 3);
    assert_eq!(now(rescue(fail("abc".to_string()), 1, 2, succeed(3))), 9);
    assert_eq!(
        now(rescue_later(fail("abc".to_string()), 1, 2, succeed(3))),
        9
    );
    assert_eq!(
        now(observed(
            Ok::<u8, String>(9),
            fail::<u8, _>(String::new()),
            3
        )),
        4
    );
    assert_eq!(
        now(types(vec![1], vec![2], vec![3], vec![4], succeed(vec![5]))),
        5
    );
    assert_eq!(now(inline(1, succeed(2), 3)), 6);
    let site = Body { values: 1 };
    assert_eq!(now(site.call(2, succeed(3), 4, 5, 6)), 21);
    assert_eq!(now(site.call_later(2, succeed(3), 4, 5, 6)), 21);
}
