//! Example 1: just a deferred list.

use defer::prelude::*;
use reqwest::Url;

use crate::get_page::{get_page, shown};
use crate::say;

/// The type of its parameter makes a deferred list of the pages that it is given.
#[callback]
fn list_callback(results: Vec<Result<String, Failure>>) {
    say(format_args!("{:?}", shown(&results)));
}

pub(crate) async fn run(urls: Vec<Url>) {
    let pages: Vec<_> = urls.into_iter().map(get_page).collect();
    list_callback(pages).await;
}
