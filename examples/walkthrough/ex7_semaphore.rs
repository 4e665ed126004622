//! Example 7: batching with a semaphore.
//!
//! All deferreds are made at once, and so many of them run at a time.

use std::time::{Duration, Instant};

use defer::list::gather;
use defer::prelude::*;
use defer::sync::DeferredSemaphore;
use reqwest::Url;

use crate::get_page::{error_message, get_page};
use crate::say;

/// What there is to tell of a page, and when after the beginning.
struct Told {
    text: String,
    at: Duration,
}

/// A value, for the closure that the semaphore runs.
impl defer::Plain for Told {}

#[callback]
fn page_callback(page: Result<String, Failure>, #[value] began: Instant) -> Told {
    let text = match page {
        Ok(page) => format!("{} bytes", page.len()),
        Err(failure) => error_message(&failure),
    };
    let at = began.elapsed();
    Told { text, at }
}

async fn batch(urls: &[Url], max_run: usize) -> Vec<Told> {
    let semaphore = DeferredSemaphore::new(max_run).expect("it has tokens");
    let began = Instant::now();
    let pages = urls.iter().cloned();
    gather(pages.map(|url| semaphore.run(move || page_callback(get_page(url), began)))).await
}

pub(crate) async fn run(urls: Vec<Url>) {
    let one = batch(&urls, 1).await;
    let four = batch(&urls, 4).await;
    row("", "1 at a time", "4 at a time", "");
    for ((url, one), four) in urls.iter().zip(&one).zip(&four) {
        row(url.as_str(), millis(one.at), millis(four.at), &four.text);
    }
    row("in all", in_all(&one), in_all(&four), "");
}

fn in_all(pages: &[Told]) -> String {
    let last = pages.iter().map(|page| page.at).max();
    millis(last.unwrap_or_default())
}

fn millis(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn row(page: &str, one: impl AsRef<str>, four: impl AsRef<str>, text: &str) {
    let (one, four) = (one.as_ref(), four.as_ref());
    let line = format!("{page:<32} {one:>12} {four:>12}  {text}");
    say(line.trim_end());
}
