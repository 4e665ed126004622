//! A service of its own: three pages of each list, and whatever it is told to fail with.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Who is on which page. While pages are turned the list changes: one slips to the next.
const PAGES: [&[(u64, &str)]; 3] = [
    &[(7, "ada"), (3, "bob"), (9, "cy")],
    &[(9, "cy"), (1, "dot")],
    &[(5, "eve")],
];

/// What is on the page at a cursor, and the cursor of the next.
fn page(cursor: i64) -> Option<(&'static [(u64, &'static str)], i64)> {
    let number = match cursor {
        -1 => 0,
        // Cursors are not numbers of pages, as those of the original service are not.
        10..=11 => usize::try_from(cursor - 9).ok()?,
        _ => return None,
    };
    let next = if number < 2 { number as i64 + 10 } else { 0 };
    Some((PAGES[number], next))
}

/// Serve on a port of its own, until the program ends: the address.
pub(crate) async fn start(errors: Vec<StatusCode>) -> io::Result<Url> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let errors = Arc::new(Mutex::new(errors.into_iter()));
    let list = move |key: &'static str, item: fn(&(u64, &str)) -> Value| {
        let errors = errors.clone();
        get(
            async move |Path(_): Path<String>, RawQuery(query): RawQuery| {
                let error = errors.lock().ok().and_then(|mut errors| errors.next());
                if let Some(error) = error {
                    return Err(error);
                }
                let query = query.unwrap_or_default();
                let cursor = query
                    .strip_prefix("cursor=")
                    .and_then(|text| text.parse().ok());
                let (items, next) = cursor.and_then(page).ok_or(StatusCode::NOT_FOUND)?;
                let items: Vec<Value> = items.iter().map(item).collect();
                Ok(Json(json!({ key: items, "next_cursor": next })))
            },
        )
    };
    let user = |(id, name): &(u64, &str)| json!({ "id": id, "screen_name": name });
    let router = Router::new()
        .route("/statuses/friends/{file}", list("users", user))
        .route("/statuses/followers/{file}", list("users", user))
        .route("/friends/ids/{file}", list("ids", |(id, _)| json!(id)))
        .route("/followers/ids/{file}", list("ids", |(id, _)| json!(id)));
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(Url::parse(&format!("http://{address}/")).expect("an address makes a URL"))
}
