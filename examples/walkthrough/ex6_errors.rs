//! Example 6: adding some error checking.

use defer::prelude::*;
use reqwest::Url;

use crate::get_page::{error_message, get_page};
use crate::say;

struct Page {
    url: String,
    outcome: Result<usize, String>,
}

#[callback]
fn page_callback(content: String, url: String) -> Page {
    let outcome = Ok(content.len());
    Page { url, outcome }
}

/// It recovers from every failure: the type of a call says that it cannot fail any more.
#[errback]
fn page_errback(failure: Failure, url: String) -> Page {
    let outcome = Err(error_message(&failure));
    Page { url, outcome }
}

/// A list of pages, not of results: the errbacks have seen to that.
#[callback]
fn list_callback(pages: Vec<Page>) {
    for Page { url, outcome } in pages {
        match outcome {
            Ok(length) => say(format_args!("{url}: {length} bytes")),
            Err(message) => say(format_args!("{url}: FAILED, {message}")),
        }
    }
}

pub(crate) async fn run(urls: Vec<Url>) {
    let pages = urls.into_iter().map(|url| {
        let name = url.to_string();
        page_errback(page_callback(get_page(url), name.clone()), name)
    });
    list_callback(pages.collect::<Vec<_>>()).await;
}
