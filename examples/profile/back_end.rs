//! The back ends: servers on loopback ports, which count what they are asked for.

use std::fmt::Write;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;

/// What there is to ask for. Teams are served by the back end of the users.
pub(crate) const KINDS: [&str; 4] = ["users", "counts", "avatars", "teams"];

/// The back ends, while the program runs.
pub(crate) struct BackEnds {
    addresses: [SocketAddr; 3],
    counters: Arc<Counters>,
}

type Counters = [Counter; KINDS.len()];

#[derive(Default)]
struct Counter {
    requests: AtomicUsize,
    keys: AtomicUsize,
    most: AtomicUsize,
    bytes: AtomicUsize,
}

/// What was counted of one kind of thing.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) kind: &'static str,
    pub(crate) requests: usize,
    /// What was asked for in all of them, and in the largest.
    pub(crate) keys: usize,
    pub(crate) most: usize,
    /// In the bodies of the answers.
    pub(crate) bytes: usize,
}

impl BackEnds {
    /// Each on a port of its own. A request takes so long, whatever it is for.
    pub(crate) async fn start(latency: Duration) -> io::Result<BackEnds> {
        let counters = Arc::new(Counters::default());
        let served: [&[usize]; 3] = [&[0, 3], &[1], &[2]];
        let mut addresses = Vec::new();
        for kinds in served {
            let mut router = Router::new();
            for &kind in kinds {
                let counters = counters.clone();
                let answer = move |RawQuery(query)| {
                    let counters = counters.clone();
                    async move { answer(kind, query, &counters[kind], latency).await }
                };
                router = router.route(&format!("/{}", KINDS[kind]), get(answer));
            }
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            addresses.push(listener.local_addr()?);
            tokio::spawn(async { axum::serve(listener, router).await });
        }
        let addresses = [addresses[0], addresses[1], addresses[2]];
        Ok(BackEnds {
            addresses,
            counters,
        })
    }

    /// Where users and teams, counts, and avatars are.
    pub(crate) fn addresses(&self) -> [SocketAddr; 3] {
        self.addresses
    }

    /// Count from the beginning.
    pub(crate) fn reset(&self) {
        for counter in self.counters.iter() {
            for count in [
                &counter.requests,
                &counter.keys,
                &counter.most,
                &counter.bytes,
            ] {
                count.store(0, SeqCst);
            }
        }
    }

    pub(crate) fn counted(&self) -> [Counted; KINDS.len()] {
        std::array::from_fn(|kind| {
            let counter = &self.counters[kind];
            Counted {
                kind: KINDS[kind],
                requests: counter.requests.load(SeqCst),
                keys: counter.keys.load(SeqCst),
                most: counter.most.load(SeqCst),
                bytes: counter.bytes.load(SeqCst),
            }
        })
    }
}

/// `?ids=1,2,3` gives `{"1": …, "2": …}`; what is unknown is left out.
async fn answer(
    kind: usize,
    query: Option<String>,
    counter: &Counter,
    latency: Duration,
) -> Result<String, StatusCode> {
    let query = query.unwrap_or_default();
    let ids = query.strip_prefix("ids=").ok_or(StatusCode::BAD_REQUEST)?;
    let ids: Result<Vec<u32>, _> = ids.split(',').map(str::parse).collect();
    let ids = ids.map_err(|_| StatusCode::BAD_REQUEST)?;
    counter.requests.fetch_add(1, SeqCst);
    counter.keys.fetch_add(ids.len(), SeqCst);
    counter.most.fetch_max(ids.len(), SeqCst);
    sleep(latency).await;
    let known = ids
        .iter()
        .filter_map(|id| Some((id.to_string(), thing(kind, *id)?)));
    let text = Value::Object(known.collect::<Map<_, _>>()).to_string();
    counter.bytes.fetch_add(text.len(), SeqCst);
    Ok(text)
}

/// What there is of a kind under a number.
fn thing(kind: usize, id: u32) -> Option<Value> {
    const NAMES: [&str; 8] = ["Ada", "Bob", "Cleo", "Dan", "Eva", "Finn", "Gwen", "Hal"];
    const TEAMS: [&str; 7] = ["core", "docs", "ports", "bench", "web", "tools", "tests"];
    Some(match KINDS[kind] {
        "users" if id % 50 == 49 => return None,
        "users" => json!([format!("{} {id}", NAMES[id as usize % 8]), id % 7]),
        "counts" => json!(id * 37 % 101),
        "avatars" => {
            let mut picture = String::from("<svg xmlns='http://www.w3.org/2000/svg'>");
            let _ = write!(
                picture,
                "<circle r='{}' fill='#{:06x}'/></svg>",
                8 + id % 9,
                id * 4_099
            );
            json!(picture)
        }
        _ => json!(*TEAMS.get(id as usize)?),
    })
}
