//! Example 2: simple result manipulation.

use defer::prelude::*;
use reqwest::Url;

use crate::get_page::{error_message, get_page};
use crate::say;

/// Each result is a page or a failure: no flag has to be looked at, and none can be forgotten.
#[callback]
fn list_callback(results: Vec<Result<String, Failure>>) {
    for result in results {
        match result {
            Ok(page) => say(format_args!("a page of {} bytes", page.len())),
            Err(failure) => say(format_args!("no page: {}", error_message(&failure))),
        }
    }
}

pub(crate) async fn run(urls: Vec<Url>) {
    let pages: Vec<_> = urls.into_iter().map(get_page).collect();
    list_callback(pages).await;
}
