//! Example 3: page callbacks too.

use defer::prelude::*;
use reqwest::Url;

use crate::get_page::{get_page, shown};
use crate::say;

#[callback]
fn page_callback(page: String) -> usize {
    page.len()
}

#[callback]
fn list_callback(lengths: Vec<Result<usize, Failure>>) {
    say(format_args!("{:?}", shown(&lengths)));
}

pub(crate) async fn run(urls: Vec<Url>) {
    let lengths: Vec<_> = urls
        .into_iter()
        .map(|url| page_callback(get_page(url)))
        .collect();
    list_callback(lengths).await;
}
