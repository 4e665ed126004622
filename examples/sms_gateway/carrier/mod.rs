//! Those who bring messages to phones.

pub(crate) mod client;
pub(crate) mod fake;
mod log;

use serde::{Deserialize, Serialize};

/// What a carrier is asked for, in `POST /messages`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The same for the same message, however often it is ordered.
    pub(crate) reference: String,
    pub(crate) number: String,
    pub(crate) text: String,
}

/// What it answers when it has accepted the message.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) receipt: u64,
}
