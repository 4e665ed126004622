//! Example 4: results with more structure.

use defer::prelude::*;
use reqwest::Url;

use crate::get_page::{get_page, shown};
use crate::say;

#[derive(Debug)]
#[expect(dead_code, reason = "it is printed whole")]
struct Page {
    length: usize,
    content: String,
}

#[callback]
fn page_callback(content: String) -> Page {
    let length = content.len();
    Page { length, content }
}

#[callback]
fn list_callback(pages: Vec<Result<Page, Failure>>) {
    say(format_args!("{:?}", shown(&pages)));
}

pub(crate) async fn run(urls: Vec<Url>) {
    let pages: Vec<_> = urls
        .into_iter()
        .map(|url| page_callback(get_page(url)))
        .collect();
    list_callback(pages).await;
}
