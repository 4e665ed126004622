//! From an address to an answer.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use defer::prelude::*;
use reqwest::{Client, StatusCode, Url};
use tokio::sync::Semaphore;

/// What all fetches share.
pub(crate) struct Web {
    client: Client,
    at_once: Semaphore,
}

impl Web {
    /// A client that fetches so many pages at once and waits so long for each.
    pub(crate) fn new(at_once: usize, deadline: Duration, proxies: bool) -> Self {
        // An error means that there is a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent("defer-pages")
            .timeout(deadline);
        let client = if proxies { client } else { client.no_proxy() };
        let client = client
            .build()
            .expect("the client has a provider of cryptography");
        Web {
            client,
            at_once: Semaphore::new(at_once),
        }
    }
}

/// A page to fetch, and when that began.
pub(crate) struct Page {
    pub(crate) url: Url,
    began: OnceLock<Instant>,
}

impl Page {
    pub(crate) fn new(url: Url) -> Self {
        Page {
            url,
            began: OnceLock::new(),
        }
    }

    /// The time since the fetch began; none if it has not.
    pub(crate) fn took(&self) -> Duration {
        self.began.get().map_or(Duration::ZERO, Instant::elapsed)
    }
}

/// An answer, whatever it is.
pub(crate) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

/// Fetch a page, when it is its turn. The deadline covers all of it, up to the last byte.
#[callback]
pub(crate) async fn fetch(web: &Web, page: &Page) -> Result<Answer, Failure> {
    let _turn = web
        .at_once
        .acquire()
        .await
        .expect("the semaphore is never closed");
    page.began.get_or_init(Instant::now);
    let response = web.client.get(page.url.clone()).send().await?;
    Ok(Answer {
        status: response.status(),
        body: response.bytes().await?.into(),
    })
}

/// Let pages pass, and nothing else.
#[callback]
pub(crate) fn accept(answer: Answer) -> Result<Vec<u8>, Failure> {
    if answer.status.is_success() {
        Ok(answer.body)
    } else {
        Err(Failure::msg(answer.status.to_string()))
    }
}
