//! A small web site, half of whose pages fail in some way.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header::LOCATION};
use axum::response::Html;
use axum::routing::{MethodRouter, get};
use reqwest::Url;
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::sleep;

/// The site, while it runs.
pub(crate) struct Site {
    address: SocketAddr,
    /// A port that is taken and answers nobody.
    closed: TcpSocket,
}

/// What there is to fetch, `/closed` beside it.
const PATHS: [&str; 11] = [
    "/",
    "/callbacks",
    "/slow",
    "/errbacks",
    "/missing",
    "/broken",
    "/lists",
    "/loop",
    "/latin1",
    "/untitled",
    "/long",
];

impl Site {
    /// Serve it on a port of its own, until the program ends.
    pub(crate) async fn start() -> io::Result<Site> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let closed = TcpSocket::new_v4()?;
        closed.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let site = Site {
            address: listener.local_addr()?,
            closed,
        };
        tokio::spawn(async { axum::serve(listener, router()).await });
        Ok(site)
    }

    pub(crate) fn urls(&self) -> Vec<Url> {
        let closed = self.closed.local_addr().expect("the port is bound");
        let pages = PATHS.map(|path| format!("http://{}{path}", self.address));
        let urls = pages.into_iter().chain([format!("http://{closed}/closed")]);
        urls.map(|url| url.parse().expect("the address is an address"))
            .collect()
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(good(HOME, 90)))
        .route("/callbacks", get(good(CALLBACKS, 240)))
        .route("/errbacks", get(good(ERRBACKS, 160)))
        .route("/lists", get(good(LISTS, 120)))
        .route("/untitled", get(good(UNTITLED, 60)))
        .route("/long", get(|| async { Html(long()) }))
        // `/missing` is missing.
        .route("/broken", get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .route("/slow", get(pending::<()>))
        .route(
            "/loop",
            get(async || (StatusCode::FOUND, [(LOCATION, "/pool")])),
        )
        .route(
            "/pool",
            get(async || (StatusCode::FOUND, [(LOCATION, "/loop")])),
        )
        .route(
            "/latin1",
            get(async || Html(b"<title>Caf\xe9</title>".as_slice())),
        )
}

/// A page that takes a while.
fn good(html: &'static str, millis: u64) -> MethodRouter {
    get(async move || {
        sleep(Duration::from_millis(millis)).await;
        Html(html)
    })
}

const HOME: &str = r##"<!doctype html>
<html lang="en">
<head>
  <title>Nested calls</title>
  <style>a { color: teal } /* <a href="/style">not a link</a> */</style>
</head>
<body>
  <h1>Nested calls</h1>
  <p>Think of a deferred as <em>the</em> result.</p>
  <ul><li><a href="/callbacks">Callbacks</a><li><a href="/errbacks">Errbacks</a><li><a href="/lists">Lists</a></ul>
  <!-- <a href="/draft">not yet</a> -->
  <script>document.write("<a href='/script'>not a link</a>")</script>
</body>
</html>
"##;

const CALLBACKS: &str = "<!doctype html><title>Callbacks
    &amp; co.</title>
<p>A callback runs when all its arguments are there.<p>It does not run if one of them <b>fail</b>ed.
<p><a href='/'>Home</a> &mdash; <a href='/errbacks'>Errbacks</a>";

const ERRBACKS: &str = "<!doctype html><title>Errbacks → and what they do</title>
<p>An errback runs after a failure, and makes the best of it.
<p><a name=anchor>Here</a> <a href=/>Home</a>";

const LISTS: &str = "<!doctype html><title>Lists</title>
<p>A list of deferreds is a deferred list. <a href=/>Home</a>";

const UNTITLED: &str = "<p>No title, no links, eight words in all.";

fn long() -> String {
    let line = "<p>A page so <i>long</i> that reading it takes <a href=/>a while</a>.</p>\n";
    format!(
        "<!doctype html><title>A long page</title>\n{}",
        line.repeat(10_000)
    )
}
