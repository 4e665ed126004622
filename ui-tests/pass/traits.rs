//! Methods that a trait declares, with a default or without, and impls of each colour.

use defer::prelude::*;
use ui_tests::now;

#[derive(Debug, PartialEq)]
struct Missing;

trait Source {
    /// A fallible one.
    #[callback]
    fn fetch(&self, url: String) -> Result<String, Missing>;
    #[callback]
    fn weigh(&self, page: String, factor: usize) -> usize;
    #[callback]
    fn ready(&self) -> Result<bool, Missing>;
    #[callback]
    fn start(&mut self);
    #[callback]
    fn weigh_twice(&self, page: String) -> usize {
        page.len() * 2
    }
    #[errback]
    fn rescue(&self, failure: Missing, fallback: String) -> String;
    #[inline_callbacks]
    fn total(&self, url: String) -> Result<usize, Missing>;
}

struct Plainly(bool);
struct Asynchronously;

impl Source for Plainly {
    #[callback]
    async fn fetch(&self, url: String) -> Result<String, Missing> {
        if url.is_empty() {
            Err(Missing)
        } else {
            Ok(url)
        }
    }
    #[callback]
    fn ready(&self) -> Result<bool, Missing> {
        if self.0 { Ok(true) } else { Err(Missing) }
    }
    #[callback]
    fn weigh(&self, page: String, factor: usize) -> usize {
        page.len() * factor
    }
    #[callback]
    fn start(&mut self) {
        self.0 = true;
    }
    #[errback]
    fn rescue(&self, failure: Missing, fallback: String) -> String {
        format!("{failure:?} {fallback}")
    }
    #[inline_callbacks]
    fn total(&self, url: String) -> Result<usize, Missing> {
        let page = self.fetch(url).await?;
        Ok(self.weigh(page, 2).await)
    }
}

impl Source for Asynchronously {
    #[callback]
    async fn fetch(&self, url: String) -> Result<String, Missing> {
        Ok(url + "!")
    }
    #[callback]
    async fn weigh(&self, page: String, factor: usize) -> usize {
        page.len() * factor
    }
    #[callback]
    async fn ready(&self) -> Result<bool, Missing> {
        Ok(true)
    }
    #[callback]
    async fn start(&mut self) {}
    #[errback]
    async fn rescue(&self, failure: Missing, fallback: String) -> String {
        format!("{failure:?} {fallback}")
    }
    #[callback]
    async fn total(&self, url: String) -> Result<usize, Missing> {
        Ok(self.fetch(url).await?.len())
    }
}

fn run(source: &mut impl Source, url: &str) -> (Result<usize, Missing>, usize, String) {
    now(source.start());
    let url = url.to_string();
    (
        now(source.weigh(source.fetch(url.clone()), succeed(10))),
        now(source.weigh_twice(url.clone())),
        now(source.rescue(source.fetch(url), "none".to_string())),
    )
}

fn main() {
    let mut plain = Plainly(false);
    assert_eq!(now(plain.ready()), Err(Missing));
    assert_eq!(now(Asynchronously.ready()), Ok(true));
    assert_eq!(run(&mut plain, "abc"), (Ok(30), 6, "abc".to_string()));
    assert_eq!(
        run(&mut plain, ""),
        (Err(Missing), 0, "Missing none".to_string())
    );
    assert!(plain.0);
    assert_eq!(
        run(&mut Asynchronously, "abc"),
        (Ok(40), 6, "abc!".to_string())
    );
    assert_eq!(now(plain.total("abc".to_string())), Ok(6));
    assert_eq!(now(Asynchronously.total("abc".to_string())), Ok(4));
}
