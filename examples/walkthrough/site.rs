//! A small web site, for who gives no addresses.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::{MethodRouter, get};
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// The site, while the program runs.
pub(crate) struct Site {
    address: SocketAddr,
}

impl Site {
    pub(crate) async fn start() -> io::Result<Site> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/blog", page("<title>A blog</title><p>Deferreds.", 100))
            .route("/news", page("<title>News</title><p>No news.", 80))
            .route("/portal", page("<title>A portal</title><p>Links.", 60))
            .route("/search", page("<title>Search</title>", 40));
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Site { address })
    }

    /// What an example fetches: two pages, later four; in the sixth one two fail.
    pub(crate) fn urls(&self, example: u8) -> Vec<Url> {
        let here = |path| format!("http://{}/{path}", self.address);
        let pages = ["blog", "news", "portal", "search"].map(here);
        let urls = match example {
            1..=5 => pages[..2].to_vec(),
            6 => {
                // A name that is reserved for not being one.
                let failing = [here("missing"), "http://nowhere.invalid/".to_string()];
                pages.into_iter().chain(failing).collect()
            }
            _ => pages.to_vec(),
        };
        urls.iter()
            .map(|url| url.parse().expect("the address is an address"))
            .collect()
    }
}

/// A page that takes a while.
fn page(html: &'static str, millis: u64) -> MethodRouter {
    get(async move || {
        sleep(Duration::from_millis(millis)).await;
        Html(html)
    })
}
