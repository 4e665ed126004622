//! Asking the carrier.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use defer::prelude::*;
use defer::{Cancelled, Panicked, TimedOut};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url};
use serde_json::Value;

use super::{Order, Receipt};
use crate::sms::Sms;

/// Where messages are sent to. Clones share the connections.
#[derive(Clone, Debug)]
pub(crate) struct Carrier {
    client: Client,
    messages: Url,
}

impl Carrier {
    /// At this address; `proxies` if it may be behind one.
    pub(crate) fn new(base: &Url, proxies: bool) -> Self {
        // An error means that there is a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The process is named, so that what was sent twice can be told apart.
        let client = Client::builder().user_agent(format!("sms_gateway/{}", std::process::id()));
        let client = if proxies { client } else { client.no_proxy() };
        let client = client
            .build()
            .expect("the client has a provider of cryptography");
        let mut messages = base.clone();
        if let Ok(mut path) = messages.path_segments_mut() {
            path.pop_if_empty().push("messages");
        }
        Carrier { client, messages }
    }
}

/// Why a message was not sent.
#[derive(Clone)]
pub(crate) enum SendError {
    /// The carrier will never take it.
    Refused(String),
    /// The carrier has too much to do, and may have said for how long.
    Busy(Option<Duration>),
    /// It did not work, and may work another time.
    Broken(String),
    /// It took too long.
    Late(TimedOut),
    /// Somebody did not want it any more.
    Cancelled,
}

impl SendError {
    /// Whether it is worth another attempt.
    pub(crate) fn passes(&self) -> bool {
        !matches!(self, SendError::Refused(_) | SendError::Cancelled)
    }

    /// How long the carrier wants to be left alone.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            SendError::Busy(wait) => *wait,
            _ => None,
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendError::Refused(why) => write!(f, "the carrier refused it: {why}"),
            SendError::Busy(_) => f.write_str("the carrier is busy"),
            SendError::Broken(why) => write!(f, "the carrier failed: {why}"),
            SendError::Late(timed_out) => write!(f, "no answer: {timed_out}"),
            SendError::Cancelled => f.write_str("cancelled"),
        }
    }
}

/// A store keeps this of what failed: it is to be read by people.
impl fmt::Debug for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for SendError {}

impl From<Cancelled> for SendError {
    fn from(_: Cancelled) -> Self {
        SendError::Cancelled
    }
}

impl From<TimedOut> for SendError {
    fn from(timed_out: TimedOut) -> Self {
        SendError::Late(timed_out)
    }
}

impl From<Panicked> for SendError {
    fn from(panicked: Panicked) -> Self {
        SendError::Refused(panicked.to_string())
    }
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        // The innermost reason says what happened; the outer ones, where.
        let mut reason: &dyn Error = &error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        SendError::Broken(reason.to_string())
    }
}

/// Send a message: the receipt's number.
#[callback]
pub(crate) async fn send_sms(#[value] carrier: Carrier, sms: Sms) -> Result<u64, SendError> {
    let order = Order {
        reference: sms.reference,
        number: sms.number,
        text: sms.text,
    };
    let order = serde_json::to_vec(&order).expect("an order is plain data");
    let request = carrier.client.post(carrier.messages).body(order);
    let answer = request
        .header(CONTENT_TYPE, "application/json")
        .send()
        .await?;
    let status = answer.status();
    let wait = answer.headers().get(RETRY_AFTER).cloned();
    let body = answer.bytes().await?;
    if status.is_success() {
        let receipt = serde_json::from_slice::<Receipt>(&body);
        return receipt
            .map(|receipt| receipt.receipt)
            .map_err(|error| SendError::Broken(format!("its receipt is none: {error}")));
    }
    let said = serde_json::from_slice::<Value>(&body).ok();
    let said = said.and_then(|said| Some(said.get("error")?.as_str()?.to_string()));
    let why = said.unwrap_or_else(|| status.to_string());
    let seconds = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS => SendError::Busy(seconds.map(Duration::from_secs)),
        StatusCode::REQUEST_TIMEOUT => SendError::Broken(why),
        _ if status.is_client_error() => SendError::Refused(why),
        _ => SendError::Broken(why),
    })
}
