//! `boxed` on methods, errbacks and functions that borrow or are generic.

use defer::prelude::*;
use ui_tests::now;

struct Site {
    base: String,
}

impl Site {
    #[callback(boxed)]
    async fn pushed(&mut self, n: usize) -> usize {
        self.base.push('a');
        self.base.len() + n
    }

    #[errback(boxed)]
    fn rescue(&self, failure: String, n: usize) -> usize {
        failure.len() + n + self.base.len()
    }

    #[inline_callbacks(boxed)]
    fn down(&mut self, n: usize) -> Result<usize, String> {
        self.base.push('b');
        if n == 0 {
            Ok(self.base.len())
        } else {
            self.down(n - 1).await
        }
    }

    #[callback(boxed_local)]
    fn lends(&self, n: usize) -> &str {
        &self.base[n..]
    }

    #[callback(associated, boxed)]
    async fn of(n: usize) -> usize {
        n
    }
}

#[callback(boxed)]
fn borrows<'a>(text: &'a str, all: Vec<&'a str>) -> usize {
    text.len() + all.len()
}

#[callback(boxed)]
async fn of_any<T: Send + Sync + 'static>(all: Vec<T>, n: usize) -> usize {
    all.len() + n
}

#[errback(boxed)]
async fn again(failure: String, n: usize) -> Result<usize, u8> {
    if n == 0 { Err(1) } else { Ok(failure.len()) }
}

#[errback(boxed)]
async fn observes(outcome: Result<usize, u8>, n: usize) -> Result<usize, u8> {
    Ok(outcome.unwrap_or(0) + n)
}

fn failed() -> Deferred<Result<usize, String>> {
    fail("no".to_string()).boxed()
}

fn main() {
    let mut site = Site {
        base: String::new(),
    };
    assert_eq!(now(site.pushed(succeed(1))), 2);
    assert_eq!(now(site.down(2)), Ok(4));
    assert_eq!(now(site.rescue(failed(), succeed(1))), 7);
    assert_eq!(now(site.lends(succeed(1))), "bbb");
    assert_eq!(now(Site::of(succeed(1))), 1);
    assert_eq!(now(borrows(&site.base, succeed(vec![&*site.base]))), 5);
    assert_eq!(now(of_any(vec!['a'], succeed(1))), 2);
    assert_eq!(now(observes(again(failed(), succeed(0)), 3)), Ok(3));
}
