//! From a name to all of its friends or followers.

use std::fmt;

use defer::Chain;
use defer::prelude::*;
use defer::task::{CursorRepeated, Page, Tolerance, pages};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The service says -1 for the first page, and 0 when there is no other.
const FIRST: i64 = -1;
const NONE: i64 = 0;

/// How many errors are passed over.
const PATIENCE: usize = 9;

#[derive(Debug, Deserialize)]
pub(crate) struct User {
    id: u64,
    screen_name: String,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.screen_name)
    }
}

/// One answer of the service.
#[derive(Deserialize)]
struct Batch<T> {
    #[serde(alias = "users", alias = "ids")]
    items: Vec<T>,
    next_cursor: Option<i64>,
}

impl<T> Page for Batch<T> {
    type Items = Vec<T>;
    type Cursor = i64;
    fn split(self) -> (Vec<T>, Option<i64>) {
        (self.items, self.next_cursor.filter(|next| *next != NONE))
    }
}

/// Why it does not have all of them.
#[derive(Debug)]
pub(crate) enum FetchError {
    Status(StatusCode),
    Http(reqwest::Error),
    Garbled(serde_json::Error),
    Repeated(CursorRepeated),
}

impl FetchError {
    /// The service is unwell, and may be better the next time.
    fn passes(&self) -> bool {
        matches!(self, FetchError::Status(status) if matches!(status.as_u16(), 500 | 502 | 503))
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchError::Status(status) => write!(f, "the service says {status}"),
            FetchError::Http(error) => write!(f, "{error}"),
            FetchError::Garbled(error) => write!(f, "the service is garbled: {error}"),
            FetchError::Repeated(error) => write!(f, "{error}"),
        }
    }
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        FetchError::Http(error)
    }
}
impl From<serde_json::Error> for FetchError {
    fn from(error: serde_json::Error) -> Self {
        FetchError::Garbled(error)
    }
}
impl From<CursorRepeated> for FetchError {
    fn from(error: CursorRepeated) -> Self {
        FetchError::Repeated(error)
    }
}

#[callback]
async fn get_page(#[value] client: Client, #[value] url: Url) -> Result<String, FetchError> {
    let answer = client.get(url).send().await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.text().await?),
        status => Err(FetchError::Status(status)),
    }
}

#[callback]
fn parse<T: DeserializeOwned>(page: String) -> Result<Batch<T>, FetchError> {
    Ok(serde_json::from_str(&page)?)
}

/// Asks one service.
pub(crate) struct Fetcher {
    client: Client,
    server: Url,
}

type All<T> = Result<Vec<T>, FetchError>;

impl Fetcher {
    pub(crate) fn new(client: Client, server: Url) -> Self {
        Fetcher { client, server }
    }

    pub(crate) fn friends(&self, name: &str) -> Deferred<All<User>> {
        self.all("statuses/friends", name, |user: &User| user.id)
            .boxed()
    }

    pub(crate) fn followers(&self, name: &str) -> Deferred<All<User>> {
        self.all("statuses/followers", name, |user: &User| user.id)
            .boxed()
    }

    pub(crate) fn friend_ids(&self, name: &str) -> Deferred<All<u64>> {
        self.all("friends/ids", name, |id| *id).boxed()
    }

    pub(crate) fn follower_ids(&self, name: &str) -> Deferred<All<u64>> {
        self.all("followers/ids", name, |id| *id).boxed()
    }

    /// All the pages of a list.
    fn all<T: DeserializeOwned + Send + 'static>(
        &self,
        list: &str,
        name: &str,
        id: fn(&T) -> u64,
    ) -> Deferred<All<T>, impl Chain<Output = All<T>> + Send + use<T>> {
        let mut url = self.server.clone();
        url.set_path(&format!("{list}/{name}.json"));
        let client = self.client.clone();
        let page = move |cursor: i64| {
            let mut url = url.clone();
            url.set_query(Some(&format!("cursor={cursor}")));
            parse(get_page(client.clone(), url))
        };
        pages(FIRST, page)
            .tolerate(Tolerance::in_total(PATIENCE), FetchError::passes)
            .unique_by(id)
            .gather()
    }
}
