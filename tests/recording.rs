//! What is recorded of calls while they run.
//!
//! There is one recorder in a process: a test that records holds [`alone`] until its end.

#![allow(
    clippy::await_holding_lock,
    reason = "each test has a thread and a runtime of its own"
)]

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::trace::{Call, Outcome, Record, Recorder};
use defer::{Cancelled, Chain, list};
use tokio::task::yield_now;

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Debug, PartialEq)]
struct Oops;

impl From<Cancelled> for Oops {
    fn from(_: Cancelled) -> Self {
        Oops
    }
}

#[callback]
async fn turns(count: u32) -> u32 {
    for _ in 0..count {
        yield_now().await;
    }
    count
}

#[callback]
async fn fails(count: u32) -> Result<u32, Oops> {
    for _ in 0..count {
        yield_now().await;
    }
    Err(Oops)
}

#[callback]
async fn hangs() -> u32 {
    std::future::pending().await
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[errback]
fn rescue(failure: Oops, fallback: u32) -> u32 {
    let Oops = failure;
    fallback
}

#[callback]
async fn in_order(count: u32) -> u32 {
    turns(count).await + turns(count).await
}

async fn polled<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// As a tree: name, outcome, number of polls.
fn shown(record: &Record) -> Vec<String> {
    fn depth(record: &Record, call: &Call) -> usize {
        let parent = call.parent.map(|parent| &record.calls()[parent]);
        parent.map_or(0, |parent| 1 + depth(record, parent))
    }
    let calls = record.calls().iter();
    calls
        .map(|call| {
            format!(
                "{}{} {:?} {}",
                "  ".repeat(depth(record, call)),
                call.name(),
                call.outcome,
                call.polls.len()
            )
        })
        .collect()
}

async fn recorded<O, F: Chain<Output = O>>(deferred: Deferred<O, F>) -> (O, Record) {
    let recorder = Recorder::start().unwrap();
    let out = deferred.await;
    (out, recorder.record())
}

/// What is true of each record: calls are in order, times are in order, one call on the critical
/// path at a time.
fn check(record: &Record) {
    for (place, call) in record.calls().iter().enumerate() {
        let mut last = call.begin;
        for poll in &call.polls {
            assert!(last <= poll.from && poll.from <= poll.to);
            last = poll.to;
        }
        let end = call.end.unwrap_or(record.length());
        assert!(last <= end && end <= record.length());
        assert!(call.ran.is_none_or(|ran| call.begin <= ran && ran <= end));
        assert_eq!(call.end.is_none(), call.outcome == Outcome::Pending);
        for child in &call.children {
            assert!(*child > place);
            assert_eq!(record.calls()[*child].parent, Some(place));
            assert!(record.calls()[*child].begin >= call.begin);
        }
    }
    let mut last = Duration::ZERO;
    for step in record.critical_path() {
        assert!(last <= step.from && step.from < step.to);
        assert_eq!(record.calls()[step.call].slack, Some(Duration::ZERO));
        last = step.to;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_and_their_polls_are_recorded_where_they_are() {
    let _alone = alone();
    let (out, record) = recorded(add(turns(2), add(turns(1), 3))).await;
    assert_eq!(out, 6);
    check(&record);
    assert_eq!(
        shown(&record),
        [
            "add Succeeded 3",
            "  turns Succeeded 3",
            "  add Succeeded 2",
            "    turns Succeeded 2",
        ]
    );
    let outer = &record.calls()[0];
    let ends = outer
        .children
        .iter()
        .map(|child| record.calls()[*child].end);
    assert!(outer.ran >= ends.max().unwrap());
    assert_eq!(outer.site.params, ["a", "b"]);
    assert!(outer.site.file.ends_with("recording.rs"));
}

#[tokio::test(start_paused = true)]
async fn outcomes_are_told_apart() {
    let _alone = alone();
    let (out, record) = recorded(rescue(add(hangs(), fails(1)), turns(0))).await;
    assert_eq!(out, 0);
    check(&record);
    assert_eq!(
        shown(&record),
        [
            "add Failed 2",
            // Its sibling has failed.
            "  hangs Dropped 2",
            "  fails Failed 2",
            "rescue Succeeded 1",
            "  turns Succeeded 1",
        ]
    );
    assert_eq!(record.calls()[0].ran, None);
    assert_eq!(record.calls()[1].end, record.calls()[0].end);
    assert_eq!(record.calls()[1].slack, None);
    let summary = record.to_string();
    assert!(
        summary.starts_with("5 calls of 5 functions in "),
        "{summary}"
    );
    assert!(summary.contains(", 2 failed, 1 dropped\n"), "{summary}");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_is_recorded() {
    let _alone = alone();
    let recorder = Recorder::start().unwrap();
    let (deferred, canceller) = add(turns(0), hangs()).cancellable();
    let mut deferred = std::pin::pin!(deferred);
    assert!(polled(deferred.as_mut()).await.is_pending());
    canceller.cancel();
    assert_eq!(deferred.await, Err(Cancelled));
    let record = recorder.record();
    check(&record);
    let outcomes: Vec<_> = record.calls().iter().map(|call| call.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Cancelled, Outcome::Succeeded, Outcome::Cancelled]
    );
}

#[callback]
fn panics(n: u32) -> u32 {
    assert_eq!(n, 0, "as it should");
    n
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_recorded_and_what_comes_after_it_is_not_inside() {
    let _alone = alone();
    let recorder = Recorder::start().unwrap();
    assert!(add(1, panics(turns(1))).catch_panics().await.is_err());
    add(1, 2).await;
    let record = recorder.record();
    check(&record);
    assert_eq!(
        shown(&record),
        [
            "add Panicked 2",
            "  panics Panicked 2",
            "    turns Succeeded 2",
            "add Succeeded 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_pending_until_it_has_ended() {
    let _alone = alone();
    let recorder = Recorder::start().unwrap();
    let mut deferred = Box::pin(add(turns(1), hangs()));
    assert!(polled(deferred.as_mut()).await.is_pending());
    let record = recorder.record();
    check(&record);
    assert_eq!(
        shown(&record),
        ["add Pending 1", "  turns Pending 1", "  hangs Pending 1"]
    );
    assert_eq!(
        record.calls()[0].length(&record),
        record.length() - record.calls()[0].begin
    );
    // A record does not change.
    assert!(polled(deferred.as_mut()).await.is_pending());
    assert_eq!(record.calls()[0].polls.len(), 1);
    assert_eq!(
        shown(&recorder.record()),
        ["add Pending 2", "  turns Succeeded 2", "  hangs Pending 2"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_critical_path_is_what_was_waited_for() {
    let _alone = alone();
    let (_, record) = recorded(add(in_order(1), turns(40))).await;
    check(&record);
    assert_eq!(
        shown(&record),
        [
            "add Succeeded 41",
            "  in_order Succeeded 3",
            "    turns Succeeded 2",
            "  turns Succeeded 41",
            "    turns Succeeded 2",
        ]
    );
    let calls = record.calls();
    // The outer one ends with its own time, after that of the longer argument.
    let last: Vec<_> = record
        .critical_path()
        .iter()
        .map(|step| step.call)
        .collect();
    assert_eq!(last[last.len() - 2..], [3, 0]);
    let slack = calls[1].slack.unwrap();
    assert_eq!(slack, calls[3].end.unwrap() - calls[1].end.unwrap());
    // Each of its two calls could have taken so much longer.
    assert!(calls[2].slack.unwrap() >= slack && calls[4].slack.unwrap() >= slack);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_without_a_recorder() {
    let _alone = alone();
    let mut early = Box::pin(add(turns(1), 1));
    assert!(polled(early.as_mut()).await.is_pending());
    let recorder = Recorder::start().unwrap();
    assert!(Recorder::start().is_err());
    assert!(recorder.record().calls().is_empty());
    assert!(recorder.record().critical_path().is_empty());
    // It is known from where it is polled next.
    early.await;
    assert_eq!(
        shown(&recorder.record()),
        ["add Succeeded 1", "  turns Succeeded 1"]
    );
    let mut late = Box::pin(add(turns(1), 1));
    assert!(polled(late.as_mut()).await.is_pending());
    drop(recorder);
    late.await;
    add(1, 1).await;
    let recorder = Recorder::start().unwrap();
    assert!(recorder.record().calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_polls_are_kept() {
    let _alone = alone();
    let recorder = Recorder::keeping(10).unwrap();
    for n in 0..100 {
        add(n, 1).await;
    }
    let record = recorder.record();
    check(&record);
    assert_eq!((record.calls().len(), record.lost()), (10, 90));
    drop(recorder);
    let recorder = Recorder::keeping(3).unwrap();
    add(turns(5), 1).await;
    let record = recorder.record();
    check(&record);
    // Of its twelve: the last of the inner one, and the last two of the outer one.
    assert_eq!(shown(&record), ["add Succeeded 2", "  turns Succeeded 1"]);
    assert!(record.to_string().contains(", 9 polls lost\n"));
    drop(recorder);
    let recorder = Recorder::keeping(0).unwrap();
    add(1, 1).await;
    assert_eq!(recorder.record().lost(), 1);
}

#[test]
fn threads_are_told_apart_and_nothing_is_lost() {
    let _alone = alone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    let recorder = Recorder::start().unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| runtime.spawn(async { add(turns(3), in_order(2)).await }))
        .collect();
    runtime.block_on(async {
        for task in tasks {
            assert_eq!(task.await.unwrap(), 7);
        }
    });
    let record = recorder.record();
    check(&record);
    assert_eq!(record.calls().len(), 500);
    let mut names = HashMap::new();
    for call in record.calls() {
        *names.entry(call.name()).or_insert(0) += 1;
        assert_eq!(call.outcome, Outcome::Succeeded);
        assert_eq!(call.parent.is_none(), call.name() == "add");
    }
    assert_eq!(
        names,
        HashMap::from([("add", 100), ("turns", 300), ("in_order", 100)])
    );
    // Two polls on one thread are one in the other, or apart.
    let mut threads: HashMap<usize, Vec<(Duration, Duration)>> = HashMap::new();
    for poll in record.calls().iter().flat_map(|call| &call.polls) {
        threads
            .entry(poll.thread)
            .or_default()
            .push((poll.from, poll.to));
    }
    for polls in threads.values_mut() {
        polls.sort_by_key(|(from, to)| (*from, std::cmp::Reverse(*to)));
        let mut open: Vec<Duration> = Vec::new();
        for (from, to) in polls {
            while open.last().is_some_and(|end| end <= from) {
                open.pop();
            }
            assert!(open.last().is_none_or(|end| *to <= *end));
            open.push(*to);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn members_of_lists_and_boxes_are_where_they_are_called() {
    let _alone = alone();
    let (_, record) = recorded(in_list(3)).await;
    check(&record);
    assert_eq!(
        shown(&record),
        [
            "in_list Succeeded 3",
            "  turns Succeeded 1",
            "  turns Succeeded 2",
            "  turns Succeeded 3",
        ]
    );
    let mut deep = turns(1).boxed();
    for _ in 0..300 {
        deep = add(deep, 1).boxed();
    }
    let (out, record) = recorded(deep).await;
    assert_eq!(out, 301);
    check(&record);
    assert_eq!(record.calls().len(), 301);
    assert!(
        record
            .calls()
            .iter()
            .all(|call| call.outcome == Outcome::Succeeded)
    );
    // Boxes that are deeper are polled from one further out.
    for (place, call) in record.calls().iter().enumerate() {
        let nearest = place.checked_sub(1).map(|place| place.min(15)..=place);
        assert_eq!(call.parent.is_some(), nearest.is_some());
        assert!(nearest.is_none_or(|nearest| nearest.contains(&call.parent.unwrap())));
    }
}

#[callback]
async fn in_list(count: u32) -> u32 {
    list::gather((0..count).map(turns).collect::<Vec<_>>())
        .await
        .iter()
        .sum()
}

#[tokio::test(start_paused = true)]
async fn functions_have_the_time_of_their_calls() {
    let _alone = alone();
    let (_, record) = recorded(add(in_order(1), fails_into(1))).await;
    check(&record);
    let functions = record.functions();
    let calls: HashMap<_, _> = functions
        .iter()
        .map(|f| (f.site.name, (f.calls, f.failed)))
        .collect();
    assert_eq!(
        calls,
        HashMap::from([
            ("add", (1, 0)),
            ("in_order", (1, 0)),
            ("turns", (2, 0)),
            ("fails_into", (1, 0)),
            ("fails", (1, 1)),
        ])
    );
    let path = record.critical_path();
    let critical: Duration = functions.iter().map(|function| function.critical).sum();
    assert_eq!(
        critical,
        path.iter()
            .map(|step| step.to - step.from)
            .sum::<Duration>()
    );
    // Each moment of a thread is in one function.
    let busy: Duration = functions.iter().map(|function| function.busy).sum();
    let outermost = record.calls().iter().filter(|call| call.parent.is_none());
    assert_eq!(busy, outermost.map(Call::busy).sum::<Duration>());
}

#[callback]
async fn fails_into(count: u32) -> u32 {
    fails(count).await.unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn viewers_of_traces_are_given_all_calls_and_polls() {
    let _alone = alone();
    let (_, record) = recorded(rescue(add(turns(2), fails(1)), 1)).await;
    let json: serde_json::Value = serde_json::from_str(&record.to_perfetto()).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    let of = |kind: &str| -> Vec<&serde_json::Value> {
        events.iter().filter(|event| event["ph"] == kind).collect()
    };
    let polls: usize = record.calls().iter().map(|call| call.polls.len()).sum();
    assert_eq!((of("b").len(), of("e").len(), of("X").len()), (4, 4, polls));
    for (id, (begin, end)) in of("b").into_iter().zip(of("e")).enumerate() {
        let call = &record.calls()[id];
        assert_eq!(
            (&begin["id"], &begin["name"]),
            (&id.into(), &call.name().into())
        );
        assert_eq!(
            (&end["id"], &end["name"]),
            (&id.into(), &call.name().into())
        );
        let micros = begin["ts"].as_f64().unwrap();
        assert!((micros - call.begin.as_nanos() as f64 / 1e3).abs() < 0.01);
        assert!(end["ts"].as_f64() >= Some(micros));
        let parent = call
            .parent
            .map_or(serde_json::Value::Null, serde_json::Value::from);
        assert_eq!(begin["args"]["parent"], parent);
    }
    assert_eq!(of("b")[0]["args"]["outcome"], "failed");
    assert_eq!(of("b")[3]["args"]["outcome"], "succeeded");
}

/// What a page draws.
fn data(page: &str) -> serde_json::Value {
    let from = page.find("const record = ").unwrap() + "const record = ".len();
    let rest = &page[from..];
    serde_json::from_str(&rest[..rest.find(";\nconst ROW").unwrap()]).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_page_has_all_calls_as_a_tree() {
    let _alone = alone();
    let (_, record) = recorded(add(in_order(1), turns(1))).await;
    let page = record.to_html();
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(!page.contains("http"), "it loads nothing");
    let data = data(&page);
    let rows: Vec<_> = data["calls"].as_array().unwrap().iter().collect();
    let names: Vec<_> = rows
        .iter()
        .map(|row| {
            let site = row[0].as_u64().unwrap() as usize;
            (
                row[1].as_u64().unwrap(),
                data["sites"][site][0].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (0, "add"),
        (1, "in_order"),
        (2, "turns"),
        (2, "turns"),
        (1, "turns"),
    ];
    assert_eq!(names, expected);
    let path = data["path"].as_array().unwrap();
    assert_eq!(path.len(), record.critical_path().len());
    // As if at a time: length is from begin to end, turns are within it.
    for row in rows {
        let polls: u64 = row[8]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert!(polls <= row[3].as_u64().unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn pages_of_many_calls_stay_small() {
    let _alone = alone();
    let (_, record) = recorded(in_list_of(10_000)).await;
    assert_eq!(record.calls().len(), 10_001);
    let page = record.to_html();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert_eq!(data(&page)["calls"].as_array().unwrap().len(), 10_001);
}

#[callback]
async fn in_list_of(count: u32) -> u32 {
    let members = (0..count).map(|n| turns(n % 9)).collect::<Vec<_>>();
    list::gather(members).await.len() as u32
}

fn number(tag: &str, name: &str) -> f64 {
    let from = tag.find(&format!(" {name}=\"")).expect(name) + name.len() + 3;
    let rest = &tag[from..];
    rest[..rest.find('"').unwrap()].parse().unwrap()
}

#[callback]
async fn a_function_with_a_name_for_which_there_is_no_room_in_a_picture(count: u32) -> u32 {
    turns(count).await
}

#[tokio::test(start_paused = true)]
async fn in_a_picture_no_text_is_cut_off_or_covered() {
    let _alone = alone();
    let long = a_function_with_a_name_for_which_there_is_no_room_in_a_picture;
    let mut deep = long(1).boxed();
    for _ in 0..15 {
        deep = add(deep, in_order(1)).boxed();
    }
    let (_, record) = recorded(rescue(add(deep, fails(3)), long(2))).await;
    let svg = record.to_svg();
    let tags = || svg.split('<');
    let whole = tags().find(|tag| tag.starts_with("svg ")).unwrap();
    let (width, height) = (number(whole, "width"), number(whole, "height"));
    let mut texts: Vec<[f64; 4]> = Vec::new();
    for tag in tags().filter(|tag| tag.starts_with("text ")) {
        let (x, y) = (number(tag, "x"), number(tag, "y"));
        let size = number(tag, "font-size");
        let text = [x, y - size, x + number(tag, "textLength"), y + size / 3.0];
        assert!(
            text[0] >= 0.0 && text[2] <= width && text[3] <= height,
            "{tag}"
        );
        for other in &texts {
            let apart = text[2] <= other[0]
                || other[2] <= text[0]
                || text[3] <= other[1]
                || other[3] <= text[1];
            assert!(apart, "{tag} covers {other:?}");
        }
        texts.push(text);
    }
    // A name and a length for each call.
    assert!(texts.len() > 2 * record.calls().len());
    // Bars stay between the names and the lengths.
    for tag in tags().filter(|tag| tag.starts_with("rect ") && tag.contains(" height=\"11\"")) {
        let x = number(tag, "x");
        assert!(x >= 330.0 && x + number(tag, "width") <= 1_108.1, "{tag}");
    }
    assert!(svg.contains("class=\"c\"") && svg.contains("class=\"k\""));
    assert_eq!(left_open(&svg), 0, "each tag is closed");
}

/// Tags that are open at the end.
fn left_open(xml: &str) -> i64 {
    let tags = xml.split('<').skip(1);
    tags.map(|tag| match tag.split_once('>').unwrap().0 {
        tag if tag.starts_with('/') => -1,
        tag if tag.ends_with('/') => 0,
        _ => 1,
    })
    .sum()
}

/// The page in a browser, with a script behind its own, which puts what it says into the title.
fn in_browser(page: &str, script: &str) -> Option<String> {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())?;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("page.html");
    std::fs::write(
        &file,
        page.replace("</script>", &format!("{script}</script>")),
    )
    .unwrap();
    let out = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1000,600",
        ])
        .arg(format!(
            "--user-data-dir={}",
            place.path().join("user").display()
        ))
        .arg("--dump-dom")
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8(out.stdout).unwrap();
    let from = dom.find("<title>")? + "<title>".len();
    Some(dom[from..][..dom[from..].find("</title>")?].to_string())
}

#[tokio::test(start_paused = true)]
#[allow(
    clippy::print_stdout,
    reason = "who reads it is told what was left out"
)]
async fn a_browser_shows_and_zooms_the_page() {
    let _alone = alone();
    let (_, record) = recorded(in_list_of(10_000)).await;
    let script = r#"
const part = () => ((to - from) / (end - start)).toFixed(2), said = [shown.length, part()];
const key = key => dispatchEvent(new KeyboardEvent("keydown", { key }));
key("+"); said.push(part());
find("in").click(); said.push(part());
canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 200, clientX: 700, clientY: 300, cancelable: true }));
said.push(part());
key("0"); said.push(part());
key("PageDown"); said.push(scroll.scrollTop > 0);
key("End"); said.push(Math.round((scroll.scrollTop + height - RULER - 8) / ROW));
draw();
const inked = pen.getImageData(0, 0, canvas.width, canvas.height).data;
const seen = new Set(); for (let k = 0; k < inked.length; k += 4) seen.add(inked[k] << 16 | inked[k + 1] << 8 | inked[k + 2]);
said.push(seen.size > 8);
canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: 100, clientY: 400 }));
said.push(tip.textContent.split("\n")[0], getComputedStyle(tip).display);
key("c"); said.push(shown.length === record.calls.filter((_, row) => steps[row]).length);
document.title = said.join(" ");
"#;
    let Some(said) = in_browser(&record.to_html(), script) else {
        println!("SKIPPED: there is no browser here");
        return;
    };
    assert_eq!(
        said,
        "10001 1.00 0.50 0.25 0.41 1.00 true 10001 true turns block true"
    );
}
