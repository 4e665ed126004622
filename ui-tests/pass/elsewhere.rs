//! Bodies on threads and in tasks, in every kind of function.

use std::borrow::Cow;
use std::sync::Arc;

use defer::prelude::*;
use defer::callback as cb;

#[callback(blocking)]
pub fn everything<T, const N: usize>(
    (a, mut b): (u32, u32),
    #[value] name: &'static str,
    all: [T; N],
    text: Cow<'static, str>,
    by: impl Fn(&T) -> bool + Send + 'static,
    each: Box<dyn for<'a> Fn(&'a str) -> &'a str + Send>,
) -> Result<Option<T>, Failure>
where
    T: Send + 'static,
{
    b += a;
    if b == 0 {
        return Ok(None);
    }
    let _ = (name, text, each("a"));
    "1".parse::<u8>()?;
    Ok(all.into_iter().find(|one| by(one)))
}

#[cb(blocking, crate = ::defer, error = std::num::ParseIntError)]
fn aliased(text: String) -> Parsed {
    text.parse()
}
type Parsed = Result<u8, std::num::ParseIntError>;

#[callback(blocking)]
fn nothing(_: String) {}

#[callback(spawn)]
fn sum(all: Vec<u32>) -> u32 {
    all.into_iter().sum()
}

#[inline_callbacks(spawn)]
fn inline(n: u32) -> u32 {
    sum(vec![n, n]).await
}

trait Counts: Sized {
    #[callback]
    fn count(self: Arc<Self>, n: u32) -> u32;
}

#[derive(Clone, Debug)]
struct Store(u32);

impl Counts for Store {
    #[callback(blocking)]
    fn count(self: Arc<Self>, n: u32) -> u32 {
        self.0 + n
    }
}

impl Store {
    #[callback(blocking)]
    fn taken(mut self, n: u32) -> Self {
        self.0 += n;
        self
    }
    #[callback(spawn)]
    async fn again(self, n: u32) -> u32 {
        Self::taken(self, n).await.0
    }
}

fn same(text: &str) -> &str {
    text
}

fn main() -> Result<(), Failure> {
    let all = everything(
        (succeed(1), succeed(2)),
        "",
        [1, 2, 3],
        Cow::Borrowed(""),
        |n| *n == 2,
        Box::new(same) as Box<dyn for<'a> Fn(&'a str) -> &'a str + Send>,
    );
    assert_eq!(all.wait()??, Some(2));
    assert_eq!(aliased(String::from("7")).wait()??, 7);
    nothing(String::new()).wait()?;
    assert_eq!(sum(vec![inline(1), inline(2)]).wait()?, 6);
    assert_eq!(Arc::new(Store(1)).count(succeed(2)).wait()?, 3);
    assert_eq!(Store(1).again(Store(0).taken(3).add_callback(|store| Ok::<_, Failure>(store.0)).add_errback(|_| 0)).wait()?, 4);
    Ok(())
}
