//! The messenger that knows who has whom among their contacts.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::PathBuf;

use defer::prelude::*;
use serde::Deserialize;

/// Where the lists are.
#[derive(Clone, Debug)]
pub(crate) enum Messenger {
    Own,
    File(PathBuf),
}

const OWN: &str = r#"{
    "ada": [{"username": "bob"}, {"username": "eve"}],
    "bob": [],
    "eve": [{"username": "ada"}, {"phone": "555 0100"}]
}"#;

/// One contact. Not every contact has a name.
#[derive(Deserialize)]
pub(crate) struct Contact {
    pub(crate) username: Option<String>,
}

/// Why there is no list.
#[derive(Debug)]
pub(crate) enum ServiceError {
    NoSuchUser(String),
    Down(io::Error),
    Garbled(serde_json::Error),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServiceError::NoSuchUser(user) => write!(f, "no such user: {user}"),
            ServiceError::Down(error) => write!(f, "the messenger is down: {error}"),
            ServiceError::Garbled(error) => write!(f, "the messenger is garbled: {error}"),
        }
    }
}

impl From<io::Error> for ServiceError {
    fn from(error: io::Error) -> Self {
        ServiceError::Down(error)
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        ServiceError::Garbled(error)
    }
}

/// The contacts of a user, read anew each time: they change.
#[callback]
pub(crate) async fn get_contact_list(
    #[value] messenger: Messenger,
    user: String,
) -> Result<Vec<Contact>, ServiceError> {
    let text = match messenger {
        Messenger::Own => OWN.to_owned(),
        Messenger::File(path) => tokio::fs::read_to_string(path).await?,
    };
    let mut lists: HashMap<String, Vec<Contact>> = serde_json::from_str(&text)?;
    lists.remove(&user).ok_or(ServiceError::NoSuchUser(user))
}
