//! The page, with what a browser may do in it.

use std::hash::{BuildHasher, Hasher, RandomState};

use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::{Html, IntoResponse};

const PAGE: &str = include_str!("../page.html");

/// Only the script and the style that are in it run there, and it speaks only to its gateway:
/// even a text that got into it as markup could do nothing.
pub(super) async fn page() -> impl IntoResponse {
    let nonce = format!("{:016x}", RandomState::new().build_hasher().finish());
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         img-src data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, "no-referrer".to_string()),
    ];
    (headers, Html(PAGE.replace("{{nonce}}", &nonce)))
}
