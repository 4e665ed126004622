//! The page at an address: what all the examples begin with.

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use defer::prelude::*;
use reqwest::{Client, Url};

/// One for all, as there is one reactor.
static CLIENT: OnceLock<Client> = OnceLock::new();

/// Whether pages are fetched through proxies that the system has been told of.
pub(crate) fn proxies(wanted: bool) {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(Duration::from_secs(10));
    let client = if wanted { client } else { client.no_proxy() };
    let client = client
        .build()
        .expect("the client has a provider of cryptography");
    CLIENT.get_or_init(|| client);
}

/// Anything but a good page is a failure.
#[callback]
pub(crate) async fn get_page(#[value] url: Url) -> Result<String, Failure> {
    let client = CLIENT.get().expect("`proxies` was called before");
    let response = client.get(url).send().await?.error_for_status()?;
    Ok(response.text().await?)
}

/// Why there is no page.
pub(crate) fn error_message(failure: &Failure) -> String {
    match failure.check::<reqwest::Error>() {
        Some(error) if error.is_timeout() => "timed out".to_string(),
        Some(error) => error
            .status()
            .map_or_else(|| innermost(error), |status| status.to_string()),
        None => failure.to_string(),
    }
}

/// The outer errors repeat the address.
fn innermost(mut error: &dyn Error) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// The results of a list as they are printed: each failure in its own words.
pub(crate) fn shown<T>(results: &[Result<T, Failure>]) -> Vec<Result<&T, String>> {
    let shown = results
        .iter()
        .map(|result| result.as_ref().map_err(error_message));
    shown.collect()
}
