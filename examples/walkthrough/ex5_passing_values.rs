//! Example 5: passing values to callbacks.

use defer::list::deferred_list;
use defer::prelude::*;
use reqwest::Url;

use crate::get_page::{get_page, shown};
use crate::say;

#[derive(Debug, PartialEq)]
struct Page {
    url: String,
    length: usize,
    content: String,
}

/// The address is an argument as the page is. One of them is a deferred; the call knows which.
#[callback]
fn page_callback(content: String, url: String) -> Page {
    let length = content.len();
    Page {
        url,
        length,
        content,
    }
}

#[callback]
fn list_callback(pages: Vec<Result<Page, Failure>>) {
    say(format_args!("{:?}", shown(&pages)));
}

/// No function that returns a deferred is needed to wrap `get_page`: a call is one.
pub(crate) async fn run(urls: Vec<Url>) {
    let pages = urls.iter().cloned();
    let pages: Vec<_> = pages
        .map(|url| page_callback(get_page(url.clone()), url.to_string()))
        .collect();
    list_callback(pages).await;

    // The comment that prefers a closure: it has what is in its scope. A variable of a loop is
    // a new one each time, and moves in, so that no closure sees the address of another page.
    let lines = urls.into_iter().map(|url| {
        let page = get_page(url.clone());
        page.add_callback(move |content| format!("{url} has {} bytes", content.len()))
    });
    say(format_args!("{:?}", shown(&deferred_list(lines).await)));
}
