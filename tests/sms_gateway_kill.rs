//! The example `sms_gateway`, killed again and again while it works.
//!
//! What it does by chance is drawn from a seed, which is printed: `SMS_SEED=… cargo test
//! --test sms_gateway_kill -- --nocapture` draws the same. The moments are then as alike as the
//! machine lets them be.

#[path = "support/example.rs"]
mod example;
#[path = "support/sms.rs"]
mod sms;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use sms::{Server, client, count, logged, soon};

const KILLS: usize = 50;
const CLIENTS: usize = 8;
const WIDTH: usize = 8;

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % below
    }
}

/// What the clients know.
#[derive(Default)]
struct Known {
    /// The texts that were asked for, answered or not.
    asked: Mutex<BTreeSet<String>>,
    /// The texts for which an answer said that they are accepted.
    accepted: Mutex<BTreeSet<String>>,
    answers: watch::Sender<u64>,
    next: AtomicU64,
}

/// Queue one message after another at whatever gateway there is, until there is none any more.
/// None is queued twice: not even one of which nobody knows whether it was accepted.
async fn load(known: Arc<Known>, mut gateway: watch::Receiver<Option<String>>) {
    let client = client();
    loop {
        let base = gateway.borrow_and_update().clone();
        while let Some(base) = &base {
            let n = known.next.fetch_add(1, SeqCst);
            let text = format!("message {n}");
            known.asked.lock().unwrap().insert(text.clone());
            let body = json!({"number": "+4915123456", "text": text, "priority": n % 3});
            let request = client.post(format!("{base}/sms")).body(body.to_string());
            let request = request.header("content-type", "application/json").send();
            let Ok(answer) = request.await else { break };
            // Read to its end: only then somebody knows.
            let status = answer.status();
            let Ok(body) = answer.bytes().await else {
                break;
            };
            assert_eq!(status, 202, "{}", String::from_utf8_lossy(&body));
            known.accepted.lock().unwrap().insert(text);
            known.answers.send_modify(|answers| *answers += 1);
        }
        if gateway.changed().await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_it_accepted_nothing_is_lost() {
    let seed = std::env::var("SMS_SEED").ok();
    let seed = seed.map_or_else(
        || RandomState::new().build_hasher().finish(),
        |seed| seed.parse().expect("SMS_SEED is a number"),
    );
    say(&format!("SMS_SEED={seed}"));
    let mut chance = Chance(seed);
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| {
        dir.path()
            .join(name)
            .to_str()
            .expect("it is text")
            .to_string()
    };
    let (log, store) = (path("log"), path("store"));
    let carrier = [
        "carrier",
        "--carrier-delay=15",
        "--fail=5",
        "--lose=2",
        "--seed",
        &seed.to_string(),
        "--log",
        &log,
    ];
    let carrier = Server::start(carrier).await;
    let width = WIDTH.to_string();
    let spawn = || {
        let of_carrier = ["--store", &store, "--carrier", &carrier.base];
        let patient = ["--retries=1000", "--retry-delay=1", "--timeout=3600000"];
        let args = of_carrier.into_iter().chain(patient);
        Server::spawn(args.chain(["--width", &width]).map(String::from))
    };
    let start = async || {
        let mut gateway = spawn();
        if let Err((status, error)) = gateway.listening().await {
            panic!("it ends with {status} and says: {error}");
        }
        gateway
    };

    let known = Arc::new(Known::default());
    let (at, look) = watch::channel(None);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(load(known.clone(), look.clone()));
    }
    drop(look);

    let (mut starting, mut recovered) = (0, 0);
    for _ in 0..KILLS {
        // Sometimes while it still takes up what was left, mostly some time later.
        if chance.below(5) == 0 {
            let moment = Duration::from_micros(chance.below(60_000));
            // The moment is what is tried here; nothing waits for anything.
            let mut life = spawn();
            starting += usize::from(timeout(moment, life.listening()).await.is_err());
            life.kill().await;
            continue;
        }
        let mut life = start().await;
        recovered += usize::from(!life.greeting.is_empty());
        at.send_replace(Some(life.base.clone()));
        let mut answers = known.answers.subscribe();
        let enough = *answers.borrow() + chance.below(80);
        let answered = answers.wait_for(|answers| *answers >= enough);
        soon("answers", answered).await.expect("there are clients");
        tokio::time::sleep(Duration::from_micros(chance.below(20_000))).await;
        life.kill().await;
        at.send_replace(None);
    }
    drop(at);
    while let Some(done) = clients.join_next().await {
        done.expect("what is not accepted is not an answer");
    }

    let last = start().await;
    let now = last.until("all are sent", |now| {
        count(now, "pending") + count(now, "underway") == 0
    });
    let now = now.await;
    assert_eq!(
        (count(&now, "failed"), count(&now, "dead")),
        (0, 0),
        "{now}"
    );
    last.signal("TERM");
    let (status, said) = last.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("stopped: 0 kept"), "{said}");

    let lines = logged(log.as_ref());
    let accepted = known.accepted.lock().unwrap();
    let account = Account::of(&lines);
    say(&format!(
        "{KILLS} kills, {starting} of them while it started; {recovered} starts found something to go on with\n\
         {} messages were asked for, {} accepted, {} sent, {} times in all",
        known.asked.lock().unwrap().len(),
        accepted.len(),
        account.texts.len(),
        lines.len(),
    ));
    say(&format!(
        "{} duplicates:\n  {} because the carrier took them and did not say so\n  \
         {} because a kill came after the carrier took them and before the store had that they \
         are done;\n    at most {} by one kill: those underway, and those whose end was being written",
        lines.len() - account.texts.len(),
        account.lost,
        account.killed.values().sum::<usize>(),
        account.killed.values().max().unwrap_or(&0),
    ));

    let missing: Vec<_> = accepted.difference(&account.texts).collect();
    assert!(
        missing.is_empty(),
        "lost, with SMS_SEED={seed}: {missing:?}"
    );
    let invented: Vec<_> = account
        .texts
        .difference(&known.asked.lock().unwrap())
        .cloned()
        .collect();
    assert!(invented.is_empty(), "nobody asked for {invented:?}");
    assert!(
        account.unexplained.is_empty(),
        "with SMS_SEED={seed}: {:?}",
        account.unexplained
    );
    assert!(
        accepted.len() > KILLS * 10,
        "that was no load: {}",
        accepted.len()
    );
}

/// Why what was sent more than once was.
struct Account {
    texts: BTreeSet<String>,
    /// Sent again because nobody was told of the first time.
    lost: usize,
    /// Sent again by another process, by the one that was killed.
    killed: BTreeMap<String, usize>,
    unexplained: Vec<Value>,
}

impl Account {
    fn of(lines: &[Value]) -> Account {
        let mut account = Account {
            texts: BTreeSet::new(),
            lost: 0,
            killed: BTreeMap::new(),
            unexplained: Vec::new(),
        };
        let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
        for line in lines {
            let of = |key: &str| line[key].as_str().expect("it is text");
            let first = account.texts.insert(of("text").to_string());
            match last.insert(of("reference"), line) {
                None if first => (),
                // The same message under two references was queued twice.
                None => account.unexplained.push(line.clone()),
                Some(before) if before["lost"] == true => account.lost += 1,
                Some(before) if before["from"] != line["from"] => {
                    let from = before["from"].as_str().expect("it is text");
                    *account.killed.entry(from.to_string()).or_default() += 1;
                }
                Some(_) => account.unexplained.push(line.clone()),
            }
        }
        account
    }
}

/// Shown with `--nocapture`, and whenever the test fails.
#[allow(clippy::print_stdout, reason = "it is the account of the test")]
fn say(what: &str) {
    println!("{what}");
}
