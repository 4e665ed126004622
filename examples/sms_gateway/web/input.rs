//! What comes in, checked.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Request};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::refused::Refused;
use crate::limits::{MAX_PRIORITY, MAX_RATE, MAX_WIDTH};

/// A body of JSON; if it is none, the reason is JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match <Json<T> as FromRequest<S>>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Body(body)),
            Err(rejection) => Err(Refused::new(rejection.status(), rejection.body_text())),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Refused> {
        match <Json<T> as OptionalFromRequest<S>>::from_request(request, state).await {
            Ok(body) => Ok(body.map(|Json(body)| Body(body))),
            Err(rejection) => Err(Refused::new(rejection.status(), rejection.body_text())),
        }
    }
}

/// The number of a job, from the address.
pub(crate) struct Id(pub(crate) u64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        let id = id.map_err(|rejection| Refused::bad(rejection.body_text()))?;
        let number = id.parse();
        number
            .map(Id)
            .map_err(|_| Refused::bad(format!("a job has a number, and {:?} is none", id.as_str())))
    }
}

/// `POST /sms`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSms {
    pub(crate) number: String,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) priority: i64,
}

/// `PATCH /jobs/{id}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPriority {
    pub(crate) priority: i64,
}

/// `PATCH /width`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWidth {
    pub(crate) width: i64,
}

/// `POST /resume`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    pub(crate) width: Option<i64>,
}

/// `PATCH /rate`: `null` for no limit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRate {
    // Without this a missing field is read as `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(crate) rate: Option<i64>,
}

pub(crate) fn priority(priority: i64) -> Result<i64, Refused> {
    if (-MAX_PRIORITY..=MAX_PRIORITY).contains(&priority) {
        Ok(priority)
    } else {
        Err(Refused::bad(format!(
            "a priority is from {} to {MAX_PRIORITY}, and not {priority}",
            -MAX_PRIORITY
        )))
    }
}

pub(crate) fn width(width: i64) -> Result<usize, Refused> {
    let fits = usize::try_from(width).ok().filter(|n| *n <= MAX_WIDTH);
    fits.ok_or_else(|| Refused::bad(format!("a width is from 0 to {MAX_WIDTH}, and not {width}")))
}

pub(crate) fn rate(rate: i64) -> Result<u32, Refused> {
    let fits = u32::try_from(rate).ok();
    fits.filter(|n| (1..=MAX_RATE).contains(n)).ok_or_else(|| {
        Refused::bad(format!(
            "a rate is from 1 to {MAX_RATE} a second, or null for no limit, and not {rate}"
        ))
    })
}

/// What `name` is in the part of the address after the question mark.
pub(crate) fn of_query<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    let mut pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// How many are asked for at most.
pub(crate) fn limit(query: Option<&str>) -> Result<usize, Refused> {
    let Some(limit) = of_query(query, "limit") else {
        return Ok(usize::MAX);
    };
    let number = limit.parse();
    number.map_err(|_| Refused::bad(format!("a limit is a number, and not {limit:?}")))
}
