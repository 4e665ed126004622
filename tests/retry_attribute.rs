//! `#[callback(retry = policy)]`: a body that runs again when it has failed.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use defer::Cancelled;
use defer::prelude::*;
use defer::retry::Retry;
use support::{Log, poll_once};
use tokio::time::{Instant, sleep};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// An error of the user's own.
#[derive(Clone, Debug, PartialEq)]
enum App {
    Busy(u32),
    Gone,
    Cancelled,
}
impl From<Cancelled> for App {
    fn from(_: Cancelled) -> Self {
        App::Cancelled
    }
}

#[derive(Clone, Default)]
struct Server {
    asked: Log,
    busy: u32,
}
impl Server {
    fn busy(times: u32) -> Self {
        Server {
            busy: times,
            ..Server::default()
        }
    }
    fn ask(&self, what: &str) -> Result<String, App> {
        self.asked.add(what);
        let n = self.asked.all().len() as u32;
        match n > self.busy {
            true => Ok(format!("the page {what}")),
            false => Err(App::Busy(n)),
        }
    }
}

fn quickly<E>() -> Retry<E> {
    Retry::delays([MS, 2 * MS])
}

#[callback(retry = quickly())]
async fn fetch(#[value] server: Server, name: String) -> Result<String, App> {
    sleep(MS).await;
    server.ask(&name)
}

#[tokio::test(start_paused = true)]
async fn the_body_runs_again_and_the_arguments_do_not() {
    let begin = Instant::now();
    let server = Server::busy(2);
    let resolved = Arc::new(AtomicUsize::new(0));
    let counted = resolved.clone();
    let name = async move {
        counted.fetch_add(1, SeqCst);
        sleep(10 * MS).await;
        "a".to_string()
    };
    let page: Result<String, App> = fetch(server.clone(), name.defer()).await;
    assert_eq!(page.unwrap(), "the page a");
    assert_eq!(server.asked.all(), ["a", "a", "a"]);
    assert_eq!(resolved.load(SeqCst), 1);
    assert_eq!(begin.elapsed(), 16 * MS);
}

#[tokio::test(start_paused = true)]
async fn the_error_is_the_last_one_as_it_was_written() {
    let server = Server::busy(9);
    let page: Result<String, App> = fetch(server.clone(), "a".to_string()).await;
    assert_eq!(page, Err(App::Busy(3)));
    let failed = fetch(server.clone(), fail::<String, _>(App::Gone)).await;
    assert_eq!(failed, Err(App::Gone));
    assert_eq!(
        server.asked.all().len(),
        3,
        "an argument that fails is not tried again"
    );
}

#[callback(retry = Retry::delays([MS]).when(|failure: &Failure| !failure.is_cancelled()))]
fn parse(text: String) -> Result<u32, Failure> {
    Ok(text.parse()?)
}

#[tokio::test(start_paused = true)]
async fn a_failure_tells_of_all_attempts() {
    let failure = parse("x".to_string()).await.unwrap_err();
    assert!(failure.check::<std::num::ParseIntError>().is_some());
    let hops: Vec<_> = failure.trail().hops().collect();
    assert_eq!(hops[0].to_string(), "retry (delays) after attempt 2");
    assert_eq!(hops[0].attempts().len(), 1);
    assert_eq!(hops[1].name(), "parse");
    assert_eq!(parse("7".to_string()).await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn the_plan_names_the_call() {
    let call = fetch(Server::default(), "a".to_string());
    let plan = call.plan().to_string();
    assert!(plan.starts_with("fetch ("), "{plan}");
    let mut call = pin!(fetch(Server::busy(9), "a".to_string()));
    assert!(poll_once(call.as_mut()).is_pending());
    let plan = call.plan().to_string();
    let lines: Vec<_> = plan.lines().map(str::trim).collect();
    assert_eq!(
        lines[1..],
        [
            "retry (delays)",
            "future of Result<String, App>, App goes to the caller"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn cancelled_it_is_final() {
    let server = Server::busy(9);
    let call = fetch(server.clone(), "a".to_string()).add_errback(Err::<String, App>);
    let (call, canceller) = call.cancellable();
    let call = tokio::spawn(call);
    sleep(MS + MS / 2).await;
    canceller.cancel();
    assert_eq!(call.await.unwrap(), Err(App::Cancelled));
    sleep(SECOND).await;
    assert_eq!(server.asked.all().len(), 1);
}

#[callback(retry = [Duration::from_millis(delay); 2])]
async fn with_a_policy_of_its_parameters(
    #[value] server: Server,
    delay: u64,
) -> Result<String, App> {
    server.ask("b")
}

#[tokio::test(start_paused = true)]
async fn a_policy_may_look_at_the_parameters() {
    let begin = Instant::now();
    let page = with_a_policy_of_its_parameters(Server::busy(2), succeed(50));
    assert_eq!(page.await.unwrap(), "the page b");
    assert_eq!(begin.elapsed(), 100 * MS);
}

struct Client {
    server: Server,
    patience: u32,
}

impl Client {
    fn policy(&self) -> Retry<App> {
        Retry::delays(vec![MS; self.patience as usize])
    }

    #[callback(retry = self.policy())]
    async fn page(&self, name: String, suffix: &str) -> Result<String, App> {
        self.server.ask(&(name + suffix))
    }

    #[callback(retry = Self::impatient(), associated)]
    fn now(server: Server) -> Result<String, App> {
        server.ask("now")
    }

    fn impatient() -> Retry<App> {
        Retry::delays([Duration::ZERO])
    }

    #[inline_callbacks(retry = self.policy())]
    fn twice(&self, n: u32) -> Result<String, App> {
        let first = self.page(n.to_string(), "").await?;
        self.server.ask(&first)
    }
}

#[tokio::test(start_paused = true)]
async fn on_methods() {
    let client = Client {
        server: Server::busy(2),
        patience: 2,
    };
    assert_eq!(
        client.page("a".to_string(), "b").await.unwrap(),
        "the page ab"
    );
    let server = Server::busy(1);
    assert_eq!(Client::now(server.clone()).await.unwrap(), "the page now");
    assert_eq!(server.asked.all().len(), 2);
    let client = Client {
        server: Server::busy(3),
        patience: 1,
    };
    let page = client.twice(succeed(1)).await;
    assert_eq!(page.unwrap(), "the page the page 1");
    assert_eq!(
        client.server.asked.all(),
        ["1", "1", "1", "1", "the page 1"]
    );
}

#[callback(retry = quickly(), boxed)]
fn later(
    (a, mut b): (u32, u32),
    mut log: Vec<u32>,
    #[value] server: Server,
) -> Deferred<Result<u32, App>> {
    b += 1;
    log.push(a);
    assert_eq!((b, log.len()), (3, 1), "of this run alone");
    let asked = server.ask("c").map(|_| a + b);
    async move { asked }.defer().boxed()
}

#[tokio::test(start_paused = true)]
async fn patterns_and_bodies_that_give_deferreds() {
    let server = Server::busy(2);
    let call: Deferred<Result<u32, App>> = later((1, 2), Vec::<u32>::new(), server.clone());
    assert_eq!(call.await.unwrap(), 4);
    assert_eq!(server.asked.all().len(), 3);
}

type Fetched<T> = Result<T, App>;

#[callback(retry = quickly(), error = App)]
async fn generic<T: Clone + Send, const N: usize>(
    values: [T; N],
    pick: impl Fn(&[T]) -> Option<T> + Clone,
    #[value] server: &Server,
) -> Fetched<T> {
    server.ask("d")?;
    pick(&values).ok_or(App::Gone)
}

#[tokio::test(start_paused = true)]
async fn generics_borrows_and_aliases() {
    let server = Server::busy(1);
    let second = |all: &[u32]| all.get(1).copied();
    assert_eq!(generic([1, 2, 3], second, &server).await, Ok(2));
    assert_eq!(generic([1], second, &server).await, Err(App::Gone));
}

#[tokio::test(start_paused = true)]
async fn can_be_started() {
    let page = fetch(Server::busy(1), "a".to_string());
    assert_eq!(tokio::spawn(page).await.unwrap().unwrap(), "the page a");
}
