//! A carrier that is slow and sometimes fails, for those who have no contract with a real one.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::log::{Line, Log};
use super::{Order, Receipt};

/// Country codes begin with no 999: such a number is nobody's.
const NOBODY: &str = "+999";

/// How bad a carrier it is.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    /// How long a message takes, on average.
    pub(crate) delay: Duration,
    /// Of 100 messages, how many it does not take.
    pub(crate) fail: u8,
    /// Of 100 messages, of how many it does not tell that it took them.
    pub(crate) lose: u8,
    /// How many messages at once are too many.
    pub(crate) at_once: usize,
    /// Where its luck begins.
    pub(crate) seed: u64,
    /// Where it writes down what it took.
    pub(crate) log: Option<PathBuf>,
}

impl Default for Manners {
    fn default() -> Self {
        Manners {
            delay: Duration::from_millis(800),
            fail: 10,
            lose: 0,
            at_once: 50,
            seed: 1,
            log: None,
        }
    }
}

struct Carrier {
    manners: Manners,
    log: Option<Log>,
    luck: Mutex<u64>,
    underway: AtomicUsize,
    receipts: AtomicU64,
}

/// Serve on this address until the process ends: where that is, and the serving.
pub(crate) async fn start(
    listen: SocketAddr,
    manners: Manners,
) -> io::Result<(SocketAddr, impl Future<Output = io::Result<()>> + Send)> {
    let log = manners.log.as_deref().map(Log::open).transpose()?;
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let carrier = Arc::new(Carrier {
        luck: Mutex::new(manners.seed),
        manners,
        log,
        underway: AtomicUsize::new(0),
        receipts: AtomicU64::new(0),
    });
    let router = Router::new()
        .route("/messages", post(take))
        .with_state(carrier);
    let serving = async { axum::serve(listener, router).await };
    Ok((address, serving))
}

async fn take(
    State(carrier): State<Arc<Carrier>>,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> Response {
    let Some(_turn) = Turn::take(&carrier) else {
        return (
            StatusCode::TOO_MANY_REQUESTS,
            [(RETRY_AFTER, "1")],
            Json(json!({"error": "too many at once"})),
        )
            .into_response();
    };
    let manners = &carrier.manners;
    // From half of the delay to one and a half.
    sleep(manners.delay / 2 + manners.delay.mul_f64(carrier.luck(1_000) as f64 / 1_000.0)).await;
    if carrier.luck(100) < manners.fail.into() {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "not today");
    }
    if order.number.starts_with(NOBODY) {
        return answer(StatusCode::UNPROCESSABLE_ENTITY, "nobody has this number");
    }
    let lost = carrier.luck(100) < manners.lose.into();
    let receipt = carrier.receipts.fetch_add(1, SeqCst) + 1;
    if let Some(log) = &carrier.log {
        let from = headers.get(USER_AGENT).and_then(|from| from.to_str().ok());
        let line = Line {
            receipt,
            reference: &order.reference,
            number: &order.number,
            text: &order.text,
            from: from.unwrap_or_default(),
            lost,
        };
        if let Err(error) = log.add(&line).await {
            return answer(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
        }
    }
    if lost {
        return answer(StatusCode::BAD_GATEWAY, "something broke on the way back");
    }
    Json(Receipt { receipt }).into_response()
}

fn answer(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

impl Carrier {
    /// A number below this one (SplitMix64).
    fn luck(&self, below: u64) -> u64 {
        let mut state = self.luck.lock().expect("arithmetic does not panic");
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = *state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % below
    }
}

/// One of those that are underway at once. It ends when the caller hangs up, too.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(carrier: &'a Carrier) -> Option<Self> {
        let turn = Turn(&carrier.underway);
        (turn.0.fetch_add(1, SeqCst) < carrier.manners.at_once).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
