//! The program on the first screen of the README, running.

// Written as in the README, one line a function.
#![cfg_attr(rustfmt, rustfmt::skip)]

use defer::prelude::*;

struct Page(String);
struct FetchError;

impl Page {
    fn blank() -> Self {
        Page(String::new())
    }
    fn stripped(self, strip: bool) -> Self {
        if strip { Page(self.0.replace("<b>", "")) } else { self }
    }
    fn links(&self) -> usize {
        self.0.matches("<a").count()
    }
}

async fn fetch(url: &str) -> Result<Page, FetchError> {
    tokio::task::yield_now().await;
    if url == "here" { Ok(Page("<a><b><a>".into())) } else { Err(FetchError) }
}

#[callback] async fn get_page(url: &str) -> Result<Page, FetchError> { fetch(url).await }
#[errback]  fn errcheck(_: FetchError, fallback: Page) -> Page { fallback }       // only on failure
#[callback] fn cleanup(page: Page, strip: bool) -> Page { page.stripped(strip) }  // only on success
#[callback] fn count_links(page: Page) -> usize { page.links() }
#[callback] fn report(a: usize, b: usize) -> String { format!("{a} links here, {b} there") }

#[tokio::test]
async fn the_first_program_runs() {
    let (here, there) = ("here", "there");
let text: String = report(
    count_links(cleanup(errcheck(get_page(here), Page::blank()), true)),
    count_links(errcheck(get_page(there), Page::blank())),
).await;
    assert_eq!(text, "2 links here, 0 there");
}

/// Every line of the README's program stands in this file.
#[test]
fn the_readme_shows_this_program() {
    let readme = include_str!("../README.md");
    let program = readme.split("```rust,ignore\n").nth(1).and_then(|rest| rest.split("```").next());
    let program = program.expect("the README has a program");
    assert!(program.lines().count() > 10, "the whole program: {program}");
    for line in program.lines() {
        assert!(include_str!("readme.rs").contains(line), "not in this file: {line}");
    }
}
