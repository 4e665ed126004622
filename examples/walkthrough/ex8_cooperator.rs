//! Example 8: throttling with a cooperator.
//!
//! A semaphore says how many requests run at a time. All of them exist, though, from the
//! beginning on, each with what it holds. Where they are taken from an iterator when there is
//! room for one, only so many exist.

use std::iter::from_fn;
use std::sync::{Arc, Mutex, PoisonError};

use defer::list::gather;
use defer::prelude::*;
use defer::sync::DeferredSemaphore;
use defer::task::{Cooperator, parallel};
use reqwest::Url;

use crate::get_page::get_page;
use crate::say;

const MAX_RUN: usize = 2;

/// What is counted.
#[derive(Clone, Copy, Default)]
struct Counts {
    exist: usize,
    existed_at_most: usize,
    pages: usize,
    failed: usize,
}

#[derive(Clone, Default)]
struct Counter(Arc<Mutex<Counts>>);

impl Counter {
    fn count(&self, change: impl FnOnce(&mut Counts)) -> Counts {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut counts);
        *counts
    }
}

/// Part of a request, and with it counted, from when that is made until it is answered.
struct Exists(Counter);

impl Exists {
    fn counted_by(counter: &Counter) -> Self {
        counter.count(|counts| {
            counts.exist += 1;
            counts.existed_at_most = counts.existed_at_most.max(counts.exist);
        });
        Exists(counter.clone())
    }
}

impl Drop for Exists {
    fn drop(&mut self) {
        self.0.count(|counts| counts.exist -= 1);
    }
}

/// The cooperator keeps no results: what there is to do with a page is done here.
#[callback]
fn page_callback(page: Result<String, Failure>, #[value] exists: Exists) {
    exists.0.count(|counts| match page {
        Ok(_) => counts.pages += 1,
        Err(_) => counts.failed += 1,
    });
}

fn request(url: Url, counter: &Counter) -> Deferred<()> {
    page_callback(get_page(url), Exists::counted_by(counter)).boxed()
}

/// As example 7 does it: the loop makes all the requests.
async fn semaphore(urls: Vec<Url>, counter: &Counter) -> Result<(), Failure> {
    let semaphore = DeferredSemaphore::new(MAX_RUN)?;
    let requests: Vec<_> = urls.into_iter().map(|url| request(url, counter)).collect();
    let run = |request| semaphore.run(move || request);
    gather(requests.into_iter().map(run)).await;
    Ok(())
}

/// As Twisted does it: several tasks share one generator, and each of them waits for the
/// request that it took last.
async fn cooperator(urls: Vec<Url>, counter: &Counter) -> Result<(), Failure> {
    let (cooperator, of_all) = (Cooperator::new(), counter.clone());
    let work = urls.into_iter().map(move |url| request(url, &of_all));
    let work = Arc::new(Mutex::new(work));
    let tasks = (0..MAX_RUN).map(|_| {
        let work = work.clone();
        cooperator.coiterate(from_fn(move || work.lock().ok()?.next()))
    });
    gather(tasks).await.map(drop)
}

/// As it is here, and as the comment on one iterator that starts pages wanted it.
async fn in_parallel(urls: Vec<Url>, counter: &Counter) -> Result<(), Failure> {
    let counter = counter.clone();
    let pages = parallel(urls, MAX_RUN, move |url| request(url, &counter));
    pages.run().await.map(drop)
}

fn told(way: &str, counter: &Counter) {
    let counts = counter.count(|_| ());
    say(format_args!(
        "{way:<10}  {MAX_RUN} at a time, {} requests existed at most: {} pages, {} failed",
        counts.existed_at_most, counts.pages, counts.failed,
    ));
}

pub(crate) async fn run(urls: Vec<Url>) -> Result<(), Failure> {
    let counters: [Counter; 3] = Default::default();
    semaphore(urls.clone(), &counters[0]).await?;
    told("semaphore", &counters[0]);
    cooperator(urls.clone(), &counters[1]).await?;
    told("cooperator", &counters[1]);
    in_parallel(urls, &counters[2]).await?;
    told("parallel", &counters[2]);
    Ok(())
}
