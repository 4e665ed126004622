//! What is answered, and how a failure becomes an answer.

use std::fmt;
use std::io::{self, Write};

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use defer::Chain;
use defer::prelude::*;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::messenger::{Contact, Messenger, ServiceError, get_contact_list};

/// A status, and JSON.
pub(crate) type Answer = (StatusCode, Json<Value>);

/// Why a request has no contacts for an answer.
#[derive(Debug)]
pub(crate) enum AjaxError {
    NoUsername,
    BadUsername,
    BadBody(JsonRejection),
    Service(ServiceError),
    NamelessContact,
}

impl AjaxError {
    fn status(&self) -> StatusCode {
        match self {
            AjaxError::NoUsername | AjaxError::BadUsername => StatusCode::BAD_REQUEST,
            AjaxError::BadBody(rejection) => rejection.status(),
            AjaxError::Service(ServiceError::NoSuchUser(_)) => StatusCode::NOT_FOUND,
            AjaxError::Service(ServiceError::Down(_)) => StatusCode::SERVICE_UNAVAILABLE,
            AjaxError::Service(ServiceError::Garbled(_)) | AjaxError::NamelessContact => {
                StatusCode::BAD_GATEWAY
            }
        }
    }
}

impl fmt::Display for AjaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AjaxError::NoUsername => f.write_str("no username specified"),
            AjaxError::BadUsername => {
                f.write_str("a username is up to 64 letters, digits, '-', '_' and '.'")
            }
            AjaxError::BadBody(rejection) => f.write_str(&rejection.body_text()),
            AjaxError::Service(error) => write!(f, "{error}"),
            AjaxError::NamelessContact => f.write_str("a contact has no username"),
        }
    }
}

impl From<ServiceError> for AjaxError {
    fn from(error: ServiceError) -> Self {
        AjaxError::Service(error)
    }
}

/// What the server does with a failure that reaches it.
impl IntoResponse for AjaxError {
    fn into_response(self) -> Response {
        refusal(&self).into_response()
    }
}

fn refusal(why: &AjaxError) -> Answer {
    (why.status(), Json(json!({ "error": why.to_string() })))
}

/// The names, of which one may be missing.
#[callback]
fn names(contacts: Vec<Contact>) -> Result<Vec<String>, AjaxError> {
    let names = contacts.into_iter().map(|contact| contact.username);
    names
        .collect::<Option<_>>()
        .ok_or(AjaxError::NamelessContact)
}

/// Not terminal: it writes the failure down and lets it go on.
///
/// It is inside of `names`, so it does not see what fails there; what is around it does.
#[errback]
fn written_down(failure: ServiceError) -> Result<Vec<Contact>, ServiceError> {
    // Nobody reads what cannot be written.
    let _ = writeln!(io::stderr(), "contacts: {failure}");
    Err(failure)
}

/// The names of a user's contacts. That it returns a deferred, nobody who calls it can tell.
#[callback]
fn get_contacts(
    #[value] messenger: Messenger,
    username: String,
) -> Deferred<Result<Vec<String>, AjaxError>> {
    names(written_down(get_contact_list(messenger, username))).boxed()
}

#[callback]
fn found(contacts: Vec<String>) -> Answer {
    (StatusCode::OK, Json(json!({ "contacts": contacts })))
}

/// Terminal: every failure is an answer, so that nothing outside of it can fail.
#[errback]
fn refused(failure: AjaxError) -> Answer {
    refusal(&failure)
}

/// Who is asked for. In the original this raises, in a place where nobody expects it.
fn username(query: Option<String>) -> Result<String, AjaxError> {
    let query = format!("query:?{}", query.unwrap_or_default());
    let query = Url::parse(&query).map_err(|_| AjaxError::BadUsername)?;
    let mut pairs = query.query_pairs();
    let (_, name) = pairs
        .find(|(key, _)| key == "username")
        .ok_or(AjaxError::NoUsername)?;
    checked(name.into_owned())
}

fn checked(name: String) -> Result<String, AjaxError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(good) {
        Ok(name)
    } else {
        Err(AjaxError::BadUsername)
    }
}

/// The first way: leave early, with a deferred that has its answer already.
fn shortcut(
    State(messenger): State<Messenger>,
    RawQuery(query): RawQuery,
) -> Deferred<Answer, impl Chain<Output = Answer>> {
    match username(query) {
        Err(why) => succeed(refusal(&why)).boxed(),
        Ok(name) => refused(found(get_contacts(messenger, name))).boxed(),
    }
}

/// The second way: a deferred that has failed already. The server has to know failures, and
/// axum does: see [`AjaxError`].
fn failing(
    State(messenger): State<Messenger>,
    RawQuery(query): RawQuery,
) -> Deferred<Result<Answer, AjaxError>, impl Chain<Output = Result<Answer, AjaxError>>> {
    match username(query) {
        Err(why) => fail(why).boxed(),
        Ok(name) => found(get_contacts(messenger, name)).boxed(),
    }
}

/// The third way: finding the name is the first call of the chain. No case is left to treat,
/// because an argument may be a `Result` that is known already.
fn chained(
    State(messenger): State<Messenger>,
    RawQuery(query): RawQuery,
) -> Deferred<Answer, impl Chain<Output = Answer>> {
    refused(found(get_contacts(messenger, username(query))))
}

#[derive(Deserialize)]
struct Asked {
    username: String,
}

/// The third way again, with a name that comes in the body.
fn posted(
    State(messenger): State<Messenger>,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Deferred<Answer, impl Chain<Output = Answer>> {
    let name = asked.map_err(AjaxError::BadBody);
    let name = name.and_then(|Json(asked)| checked(asked.username));
    refused(found(get_contacts(messenger, name)))
}

/// The largest body that is read, in bytes.
const BODY: usize = 1024;

pub(crate) fn router(messenger: Messenger) -> Router {
    let other = |status: StatusCode, why| async move { (status, Json(json!({ "error": why }))) };
    Router::new()
        .route("/shortcut", get(shortcut))
        .route("/failing", get(failing))
        .route("/contacts", get(chained).post(posted))
        .fallback(move || other(StatusCode::NOT_FOUND, "there is nothing here"))
        .method_not_allowed_fallback(move || {
            other(StatusCode::METHOD_NOT_ALLOWED, "that cannot be done here")
        })
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(messenger)
}
