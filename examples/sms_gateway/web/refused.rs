//! What is answered to what cannot be done.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::limits::SHOWN;

/// A status, and why in words: `{"error": "…"}`.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    why: String,
    /// In so many seconds it may be done.
    retry_after: Option<u32>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Refused {
            status,
            why: why.into(),
            retry_after: None,
        }
    }

    pub(crate) fn bad(why: impl Into<String>) -> Self {
        Refused::new(StatusCode::BAD_REQUEST, why)
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Refused::new(StatusCode::NOT_FOUND, why)
    }

    pub(crate) fn conflict(why: impl Into<String>) -> Self {
        Refused::new(StatusCode::CONFLICT, why)
    }

    /// There is no room; there may be some soon.
    pub(crate) fn full(bound: usize) -> Self {
        Refused {
            retry_after: Some(1),
            ..Refused::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("{bound} messages wait already"),
            )
        }
    }

    /// So many read all of the jobs that there is no room for another.
    pub(crate) fn busy() -> Self {
        Refused {
            retry_after: Some(1),
            ..Refused::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("others read all jobs just now; ?limit={SHOWN} is answered always"),
            )
        }
    }

    /// It stops, and may be started again.
    pub(crate) fn stopped() -> Self {
        Refused {
            retry_after: Some(10),
            ..Refused::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the gateway stops, and accepts nothing any more",
            )
        }
    }

    pub(crate) fn broken(why: impl Into<String>) -> Self {
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, why)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({"error": self.why}))).into_response();
        if let Some(seconds) = self.retry_after {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
