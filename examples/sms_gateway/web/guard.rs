//! Pages of other sites, in a browser that can reach the gateway, may not steer it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refused::Refused;
use crate::gateway::Gateway;

/// Refuse what another site's page asks for.
pub(super) async fn guard(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match foreign(request.headers(), gateway.names()) {
        Some(why) => Refused::new(StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Why it is foreign, if it is.
fn foreign(headers: &HeaderMap, names: &[String]) -> Option<&'static str> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_ascii_lowercase);
    let host = headers.get(HOST).and_then(text).unwrap_or_default();
    // A name of somebody else's may be made to point here; then his page has our origin.
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let known = bare == "localhost" || names.iter().any(|known| known == bare);
    if !known && bare.parse::<IpAddr>().is_err() {
        return Some("it is asked for by its address or as localhost; --name adds a name");
    }
    let origin = text(headers.get(ORIGIN)?).unwrap_or_default();
    let site = origin.split_once("://").map(|(_, site)| site);
    (site != Some(&*host)).then_some("a page of another site may not steer this one")
}
