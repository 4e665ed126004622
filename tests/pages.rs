//! `task::pages`: a list that comes in pages, from a service over HTTP that fails now and then.

mod support;

use std::collections::BTreeMap;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use defer::prelude::*;
use defer::task::{CursorRepeated, Page, Tolerance, pages};
use defer::{Cancelled, TimedOut};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use support::{Flag, Log};
use tokio::net::TcpListener;

/// What goes wrong on the way to a page.
#[derive(Debug)]
enum FetchError {
    Status(StatusCode),
    Http,
    Parse,
    Repeated(String),
    Cancelled,
    TimedOut,
}

impl From<reqwest::Error> for FetchError {
    fn from(_: reqwest::Error) -> Self {
        FetchError::Http
    }
}
impl From<serde_json::Error> for FetchError {
    fn from(_: serde_json::Error) -> Self {
        FetchError::Parse
    }
}
impl From<CursorRepeated> for FetchError {
    fn from(repeated: CursorRepeated) -> Self {
        FetchError::Repeated(repeated.cursor().to_owned())
    }
}
impl From<Cancelled> for FetchError {
    fn from(_: Cancelled) -> Self {
        FetchError::Cancelled
    }
}
impl From<TimedOut> for FetchError {
    fn from(_: TimedOut) -> Self {
        FetchError::TimedOut
    }
}

/// What the service answers with, by its path and the cursor that it is asked with.
#[derive(Default)]
struct Answers {
    /// Of each request, in order; the last one stays.
    of: Mutex<BTreeMap<(String, i64), Vec<(StatusCode, String)>>>,
    asked: Mutex<Vec<i64>>,
}

/// The service, on a port of its own.
struct Service {
    address: SocketAddr,
    answers: Arc<Answers>,
    client: reqwest::Client,
}

impl Service {
    async fn start() -> Self {
        // Its client wants one, though nothing here is encrypted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(Answers::default());
        let router = Router::new()
            .route("/{kind}/{file}", get(answer))
            .with_state(answers.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Service {
            address,
            answers,
            client,
        }
    }

    /// Answer so many times with an error first, and then with this page.
    fn answers(&self, kind: &str, cursor: i64, errors: &[u16], page: Value) {
        let errors = errors.iter().map(|code| {
            let status = StatusCode::from_u16(*code).unwrap();
            (status, String::new())
        });
        let mut all: Vec<_> = errors.collect();
        all.push((StatusCode::OK, page.to_string()));
        all.reverse();
        let mut of = self.answers.of.lock().unwrap();
        of.insert((kind.to_owned(), cursor), all);
    }

    /// The cursors that it was asked with.
    fn asked(&self) -> Vec<i64> {
        self.answers.asked.lock().unwrap().clone()
    }

    /// What fetches a page of one kind.
    fn ids(&self) -> impl FnMut(i64) -> Deferred<Result<Ids, FetchError>> + use<> {
        let (client, address) = (self.client.clone(), self.address);
        move |cursor| {
            let url = format!("http://{address}/ids/terry.json?cursor={cursor}");
            parse(fetch(url, client.clone())).boxed()
        }
    }
}

async fn answer(
    State(answers): State<Arc<Answers>>,
    Path((kind, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> (StatusCode, String) {
    assert_eq!(file, "terry.json");
    let query = query.unwrap();
    let cursor: i64 = query.strip_prefix("cursor=").unwrap().parse().unwrap();
    answers.asked.lock().unwrap().push(cursor);
    let mut of = answers.of.lock().unwrap();
    let Some(all) = of.get_mut(&(kind, cursor)) else {
        return (StatusCode::NOT_FOUND, String::new());
    };
    match all.as_slice() {
        [last] => last.clone(),
        _ => all.pop().unwrap(),
    }
}

#[callback]
async fn fetch(url: String, #[value] client: reqwest::Client) -> Result<String, FetchError> {
    let answer = client.get(url).send().await?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status()));
    }
    Ok(answer.text().await?)
}

/// A page of identities.
#[derive(Debug)]
struct Ids {
    ids: Vec<u64>,
    next: Option<i64>,
}

impl Page for Ids {
    type Items = Vec<u64>;
    type Cursor = i64;
    fn split(self) -> (Vec<u64>, Option<i64>) {
        // 0 says that there is none, and so does its absence.
        (self.ids, self.next.filter(|cursor| *cursor != 0))
    }
}

#[callback]
fn parse(text: String) -> Result<Ids, FetchError> {
    let page: Value = serde_json::from_str(&text)?;
    let ids = page["ids"].as_array().ok_or(FetchError::Parse)?;
    let ids: Option<Vec<u64>> = ids.iter().map(Value::as_u64).collect();
    Ok(Ids {
        ids: ids.ok_or(FetchError::Parse)?,
        next: page["next_cursor"].as_i64(),
    })
}

/// The errors of the server that go away.
fn passes(error: &FetchError) -> bool {
    matches!(error, FetchError::Status(status) if matches!(status.as_u16(), 500 | 502 | 503))
}

mod over_http {
    use super::*;

    async fn three_pages() -> Service {
        let service = Service::start().await;
        service.answers("ids", -1, &[], json!({"ids": [3, 1, 2], "next_cursor": 70}));
        service.answers("ids", 70, &[], json!({"ids": [2, 4, 4], "next_cursor": 80}));
        service.answers("ids", 80, &[], json!({"ids": [1, 5], "next_cursor": 0}));
        service
    }

    #[tokio::test]
    async fn from_cursor_to_cursor_until_there_is_none() {
        let service = three_pages().await;
        let all = pages(-1, service.ids()).gather().await.unwrap();
        assert_eq!(all, [3, 1, 2, 2, 4, 4, 1, 5]);
        assert_eq!(service.asked(), [-1, 70, 80]);
    }

    #[tokio::test]
    async fn what_came_before_is_left_out_in_order() {
        let service = three_pages().await;
        let all = pages(-1, service.ids()).unique_by(|id| *id).gather();
        assert_eq!(all.await.unwrap(), [3, 1, 2, 4, 5]);
    }

    #[tokio::test]
    async fn an_absent_cursor_is_the_end_too() {
        let service = Service::start().await;
        service.answers("ids", -1, &[], json!({"ids": [1]}));
        assert_eq!(pages(-1, service.ids()).gather().await.unwrap(), [1]);
    }

    #[tokio::test]
    async fn errors_that_pass_are_tolerated() {
        let service = three_pages().await;
        let second = json!({"ids": [2, 4, 4], "next_cursor": 80});
        service.answers("ids", 70, &[500, 502, 503], second);
        let all = pages(-1, service.ids())
            .tolerate(Tolerance::in_total(9), passes)
            .unique_by(|id| *id)
            .gather();
        assert_eq!(all.await.unwrap(), [3, 1, 2, 4, 5]);
        assert_eq!(service.asked(), [-1, 70, 70, 70, 70, 80]);
    }

    /// The seed's bound: nine errors of the server pass, over all pages, and the tenth does not.
    #[tokio::test]
    async fn the_tenth_error_is_the_failure() {
        for (errors, passed) in [(9, true), (10, false)] {
            let service = three_pages().await;
            service.answers("ids", -1, &[503; 4], json!({"ids": [1], "next_cursor": 80}));
            let rest = vec![500; errors - 4];
            service.answers("ids", 80, &rest, json!({"ids": [2], "next_cursor": 0}));
            let all = pages(-1, service.ids()).tolerate(Tolerance::in_total(9), passes);
            match all.gather().await {
                Ok(all) => assert!(passed && all == [1, 2], "{errors}: {all:?}"),
                Err(FetchError::Status(status)) => {
                    assert!(!passed, "{errors}");
                    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
                }
                Err(other) => panic!("{other:?}"),
            }
            assert_eq!(service.asked().len(), 11);
        }
    }

    #[tokio::test]
    async fn other_errors_are_failures_at_once() {
        let service = three_pages().await;
        let second = json!({"ids": [], "next_cursor": 80});
        service.answers("ids", 70, &[404], second);
        let all = pages(-1, service.ids()).tolerate(Tolerance::in_total(9), passes);
        let failure = all.gather().await.unwrap_err();
        assert!(matches!(failure, FetchError::Status(StatusCode::NOT_FOUND)));
        assert_eq!(service.asked(), [-1, 70]);
    }

    #[tokio::test]
    async fn what_cannot_be_parsed_is_a_failure() {
        let service = Service::start().await;
        service.answers("ids", -1, &[], json!({"next_cursor": 80}));
        let failure = pages(-1, service.ids()).gather().await.unwrap_err();
        assert!(matches!(failure, FetchError::Parse));
    }

    /// The original never fires then.
    #[tokio::test]
    async fn a_server_that_is_not_there_is_a_failure() {
        let mut service = Service::start().await;
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        service.address = closed.local_addr().unwrap();
        drop(closed);
        let all = pages(-1, service.ids()).tolerate(Tolerance::in_total(9), passes);
        let failure = all.gather().await.unwrap_err();
        assert!(matches!(failure, FetchError::Http));
    }

    #[tokio::test]
    async fn cursors_that_go_round_are_a_failure() {
        let service = three_pages().await;
        service.answers("ids", 80, &[], json!({"ids": [5], "next_cursor": 70}));
        let failure = pages(-1, service.ids()).gather().await.unwrap_err();
        assert!(matches!(failure, FetchError::Repeated(cursor) if cursor == "70"));
        assert_eq!(service.asked(), [-1, 70, 80]);
    }

    #[tokio::test]
    async fn a_stream_asks_for_a_page_when_it_is_wanted() {
        let service = three_pages().await;
        let mut items = pages(-1, service.ids()).unique_by(|id| *id).stream();
        for id in [3, 1, 2] {
            assert_eq!(items.next().await.unwrap().unwrap(), id);
        }
        assert_eq!(service.asked(), [-1]);
        let rest: Vec<_> = items.try_collect().await.unwrap();
        assert_eq!(rest, [4, 5]);
        assert_eq!(service.asked(), [-1, 70, 80]);
    }

    #[tokio::test]
    async fn a_failure_is_the_last_item_of_a_stream() {
        let service = three_pages().await;
        service.answers("ids", 70, &[404], json!({}));
        let mut items = pages(-1, service.ids()).stream();
        for id in [3, 1, 2] {
            assert_eq!(items.next().await.unwrap().unwrap(), id);
        }
        assert!(items.next().await.unwrap().is_err());
        assert!(items.next().await.is_none());
        assert!(items.next().await.is_none());
    }
}

mod by_hand {
    use super::*;

    type Fetched = Result<(Vec<u32>, Option<u32>), Failure>;

    fn failing() -> Fetched {
        Err(std::fmt::Error.into())
    }

    #[tokio::test]
    async fn errors_in_a_row_are_counted_anew_for_each_page() {
        for (row, passed) in [(2, true), (1, false)] {
            let mut tries = 0;
            let page = |n: u32| {
                tries += 1;
                if tries % 3 != 0 {
                    return failing();
                }
                Ok((vec![n], Some(n + 1).filter(|n| *n < 4)))
            };
            let all = pages(0, page).tolerate(Tolerance::in_a_row(row), |_| true);
            assert_eq!(all.gather().await.is_ok(), passed, "{row}");
        }
    }

    #[tokio::test]
    async fn both_bounds_hold() {
        let tries = Arc::new(AtomicUsize::new(0));
        let count = tries.clone();
        let page = move |n: u32| match count.fetch_add(1, SeqCst) % 2 {
            0 => failing(),
            _ => Ok((vec![n], Some(n + 1))),
        };
        let errors = Tolerance::in_a_row(1).and_in_total(3);
        let all = pages(0, page).tolerate(errors, |_| true).gather();
        assert!(all.await.unwrap_err().check::<std::fmt::Error>().is_some());
        assert_eq!(tries.load(SeqCst), 7);
    }

    #[tokio::test]
    async fn items_before_a_repeated_cursor_come_first() {
        let page = |n: u32| Ok::<_, Failure>((vec![n], Some(1 - n)));
        let outcomes: Vec<_> = pages(0, page).stream().collect().await;
        assert!(matches!(outcomes.as_slice(), [Ok(0), Ok(1), Err(_)]));
        let failure = outcomes.into_iter().next_back().unwrap().unwrap_err();
        let said = "the cursor 0 has come before: the pages would never end";
        assert_eq!(failure.to_string(), said);
    }

    #[tokio::test]
    async fn pages_may_be_empty() {
        let page = |n: u32| Ok::<_, Failure>((Vec::<u8>::new(), Some(n + 1).filter(|n| *n < 1000)));
        assert!(pages(0, page).gather().await.unwrap().is_empty());
        assert_eq!(pages(0, page).stream().count().await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_is_always_ready_can_be_limited() {
        let page = |n: u64| Ok::<_, Failure>(([n], Some(n + 1)));
        let endless = pages(0, page).gather().timeout(Duration::ZERO);
        assert!(endless.await.unwrap_err().check::<TimedOut>().is_some());
    }

    #[tokio::test]
    async fn nothing_is_fetched_before_the_first_poll() {
        let log = Log::default();
        let said = log.clone();
        let page = move |n: u32| {
            said.add(n.to_string());
            Ok::<_, Failure>(([n], None))
        };
        let all = pages(0, page).gather();
        assert!(log.all().is_empty());
        assert_eq!(all.await.unwrap(), [0]);
    }

    #[callback]
    async fn never(#[value] held: Flag) -> Fetched {
        let _held = held;
        pending().await
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_drops_the_fetch() {
        let (flag, dropped) = Flag::new();
        let mut flag = Some(flag);
        let mut all = Box::pin(pages(0, move |_| never(flag.take().unwrap())).gather());
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(all.as_mut().poll(cx)));
        assert!(polled.await.is_pending());
        drop(all);
        assert!(dropped.load(SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_cancels_the_fetch_and_fetches_no_more() {
        // What the fetch comes to when it is cancelled, and what the whole does.
        type Recovers = fn(Failure) -> Fetched;
        let cases: [(Recovers, Option<&[u32]>, &str); 3] = [
            (Err, None, "cancelled"),
            (
                |_| failing(),
                None,
                "an error occurred when formatting an argument",
            ),
            (|_| Ok((vec![7], None)), Some(&[7]), ""),
        ];
        for (recovers, expected, message) in cases {
            let log = Log::default();
            let said = log.clone();
            let page = move |n: u32| {
                said.add(n.to_string());
                never(Flag::default()).add_errback(recovers)
            };
            let all = pages(0, page).tolerate(Tolerance::in_total(9), |_| true);
            let (all, canceller) = all.gather().cancellable();
            let all = all.start();
            tokio::task::yield_now().await;
            canceller.cancel();
            match all.await {
                Ok(all) => assert_eq!(Some(&*all), expected),
                Err(failure) => assert_eq!(failure.to_string(), message),
            }
            assert_eq!(log.all(), ["0"], "it is not fetched again");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_is_not_the_last_is_no_list() {
        let log = Log::default();
        let said = log.clone();
        let page = move |n: u32| {
            said.add(n.to_string());
            never(Flag::default())
                .add_errback(move |_: Failure| Ok::<_, Failure>((vec![n], Some(n + 1))))
        };
        let all = pages(0, page).gather().start();
        tokio::task::yield_now().await;
        all.cancel();
        assert!(all.await.unwrap_err().is_cancelled());
        assert_eq!(log.all(), ["0"]);
    }
}

/// Neither what waits for pages nor what gives their items is bound to a thread.
#[test]
fn they_may_be_sent() {
    fn sends<T: Send + Unpin + std::fmt::Debug>(value: T) -> T {
        value
    }
    let page = |n: u32| Ok::<_, Failure>(([n], Some(n + 1)));
    drop(sends(pages(0, page).gather().into_chain()));
    drop(sends(pages(0, page).stream()));
    drop(sends(pages(0, page).unique_by(|n| *n)));
}
