//! The most arguments that a call waits for, beside any number of plain ones.

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn most(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l
}

#[callback]
async fn most_later(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
    #[value] m: u8,
    n: &str,
) -> Result<u8, String> {
    Ok(a + b + c + d + e + f + g + h + i + j + k + l + m + n.len() as u8)
}

#[errback]
fn rescue(
    failure: String,
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
) -> u8 {
    failure.len() as u8 + a + b + c + d + e + f + g + h + i + j + k + l
}

struct Site;
impl Site {
    #[callback]
    fn most(
        &self,
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
    ) -> u8 {
        a + b + c + d + e + f + g + h + i + j + k + l
    }
}

fn main() {
    let one = || succeed(1);
    assert_eq!(
        now(most(
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1
        )),
        12
    );
    assert_eq!(
        now(most_later(
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            1,
            "a"
        )),
        Ok(14)
    );
    assert_eq!(
        now(rescue(
            fail("a".to_string()),
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1,
            one(),
            1
        )),
        13
    );
    assert_eq!(
        now(Site.most(one(), 1, one(), 1, one(), 1, one(), 1, one(), 1, one(), 1)),
        12
    );
}
