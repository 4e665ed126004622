//! Calls for single keys, made anywhere in one expression, are sent as one call; each key's
//! failure is its own; who goes takes nobody along.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use defer::batch::{Batch, Batched, WrongAnswers};
use defer::prelude::*;
use defer::{Chain, Fails};
use futures::stream::{FuturesUnordered, StreamExt};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use tokio::task::yield_now;
use tokio::time::sleep;

mod answers;
mod by_hand;
mod driving;
mod leaving;
mod random;
#[path = "../support/mod.rs"]
mod support;

use support::{Wakes, leaf, poll_once};

thread_local! {
    /// What the batch functions were asked for on this thread.
    static ASKED: RefCell<Vec<(&'static str, Vec<u32>)>> = const { RefCell::new(Vec::new()) };
}

fn note(function: &'static str, ids: &[u32]) {
    ASKED.with_borrow_mut(|asked| asked.push((function, ids.to_vec())));
}

/// What was asked for since the last time.
fn asked() -> Vec<(&'static str, Vec<u32>)> {
    ASKED.take()
}

/// How many keys each batch had since the last time.
fn sizes() -> Vec<(&'static str, usize)> {
    let sizes = asked().into_iter();
    sizes.map(|(function, ids)| (function, ids.len())).collect()
}

#[derive(Clone, Debug, PartialEq)]
struct User {
    id: u32,
    team: u32,
}

/// There is no user whose number ends in 9.
async fn load_users(ids: Vec<u32>) -> Vec<Result<User, Failure>> {
    note("users", &ids);
    sleep(Duration::from_millis(5)).await;
    let find = |id| match id % 10 {
        9 => Err(Failure::msg(format!("no user {id}"))),
        _ => Ok(User { id, team: id % 7 }),
    };
    ids.into_iter().map(find).collect()
}

#[callback(batch = load_users)]
fn user(id: u32) -> Result<User, Failure>;

async fn load_counts(ids: Vec<u32>) -> Result<HashMap<u32, u32>, Failure> {
    note("counts", &ids);
    sleep(Duration::from_millis(3)).await;
    Ok(ids.into_iter().map(|id| (id, id * 2)).collect())
}

#[callback(batch = load_counts)]
fn count(id: u32) -> Result<u32, Failure>;

fn load_teams(ids: Vec<u32>) -> Vec<String> {
    note("teams", &ids);
    ids.into_iter().map(|id| format!("team {id}")).collect()
}

/// Cannot fail, but for its arguments.
#[callback(batch = load_teams)]
fn team(id: u32) -> String;

#[callback]
fn team_of(user: User) -> u32 {
    user.team
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[callback]
fn id_of(user: User) -> u32 {
    user.id
}

#[callback]
fn card(user: User, count: u32, team: String) -> String {
    format!("{} {count} {team}", user.id)
}

#[errback]
fn no_card(failure: Failure) -> String {
    failure.to_string()
}

#[callback]
fn page(cards: Vec<String>) -> Vec<String> {
    cards
}

#[tokio::test(start_paused = true)]
async fn calls_of_one_expression_are_one_batch() {
    let sum = add(id_of(user(1)), add(id_of(user(2)), id_of(user(3))));
    assert_eq!(sum.await.unwrap(), 6);
    assert_eq!(asked(), [("users", vec![1, 2, 3])]);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_cards_is_a_batch_for_each_function_and_its_failures_are_their_own() {
    let cards = (0..200).map(|id| no_card(card(user(id), count(id), team(team_of(user(id))))));
    let page = page(cards.collect::<Vec<_>>()).await;
    for (id, card) in (0..).zip(&page) {
        let expected = match id % 10 {
            9 => format!("no user {id}"),
            _ => format!("{id} {} team {}", id * 2, id % 7),
        };
        assert_eq!(*card, expected);
    }
    // Of 800 calls; there are seven teams, asked for when the users are there.
    assert_eq!(sizes(), [("users", 200), ("counts", 200), ("teams", 7)]);
}

#[callback]
async fn in_the_middle(id: u32) -> Result<u32, Failure> {
    let user = user(id).await?;
    yield_now().await;
    count(user.id).await
}

#[inline_callbacks]
fn inline(id: u32) -> Result<u32, Failure> {
    let user = user(id).await?;
    Ok(user.id + count(id).await?)
}

#[tokio::test(start_paused = true)]
async fn calls_in_bodies_share_batches_with_all_others() {
    let all = vec![
        inline(1).boxed(),
        in_the_middle(2).boxed(),
        count(3).boxed(),
    ];
    #[callback]
    fn list(all: Vec<u32>) -> Vec<u32> {
        all
    }
    assert_eq!(list(all).await.unwrap(), [3, 4, 6]);
    // The third is not kept until the users are there.
    let expected = [
        ("users", vec![1, 2]),
        ("counts", vec![3]),
        ("counts", vec![1, 2]),
    ];
    let mut asked = asked();
    asked.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.first() == Some(&1) && ids.len() == 2));
    let mut found: Vec<_> = asked;
    found.sort();
    let mut wanted = expected.to_vec();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[tokio::test(start_paused = true)]
async fn equal_keys_are_asked_for_once() {
    let sum = add(add(count(4), count(5)), add(count(5), count(4)));
    assert_eq!(sum.await.unwrap(), 36);
    assert_eq!(asked(), [("counts", vec![4, 5])]);
    assert_eq!(count(4).await.unwrap(), 8);
    assert_eq!(
        asked(),
        [("counts", vec![4])],
        "later, it is asked for anew"
    );
}

#[tokio::test(start_paused = true)]
async fn keys_that_take_a_few_turns_more_are_waited_for() {
    let (late, _) = leaf(1, 1);
    let (later, _) = leaf(3, 2);
    let sum = add(count(0), add(count(late), count(later)));
    assert_eq!(sum.await.unwrap(), 6);
    assert_eq!(asked(), [("counts", vec![0, 1, 2])]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_come_from_other_tasks_are_waited_for() {
    let keys = (1..=3).map(|key| tokio::spawn(async move { key }));
    let calls: Vec<_> = keys
        .map(|key| count(key.into_deferred::<Failure>()))
        .collect();
    #[callback]
    fn sum(all: Vec<u32>) -> u32 {
        all.into_iter().sum()
    }
    assert_eq!(sum(calls).await.unwrap(), 12);
    assert_eq!(sizes(), [("counts", 3)]);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_one_thread_share_a_batch() {
    let tasks: Vec<_> = (0..5).map(|id| tokio::spawn(count(id))).collect();
    for (id, task) in (0..).zip(tasks) {
        assert_eq!(task.await.unwrap().unwrap(), id * 2);
    }
    assert_eq!(sizes(), [("counts", 5)]);
}

fn sums(pairs: Vec<(u32, String)>) -> Vec<String> {
    ASKED.with_borrow_mut(|asked| asked.push(("sums", vec![pairs.len() as u32])));
    pairs
        .into_iter()
        .map(|(n, text)| format!("{n}{text}"))
        .collect()
}

#[callback(batch = sums)]
fn two_keys(n: u32, #[value] text: String) -> String;

#[tokio::test(start_paused = true)]
async fn several_parameters_are_one_key() {
    #[callback]
    fn all(a: String, b: String, c: String) -> String {
        a + &b + &c
    }
    let text = |text: &str| text.to_string();
    let told = all(
        two_keys(succeed(1), text("a")),
        two_keys(1, text("b")),
        two_keys(1, text("a")),
    );
    let told: String = told.await;
    assert_eq!(told, "1a1b1a");
    assert_eq!(asked(), [("sums", vec![2])], "the pairs, each of them once");
}

async fn load_some(ids: Vec<u32>) -> Vec<u32> {
    note("some", &ids);
    sleep(Duration::from_secs(1)).await;
    ids
}

const MOST: usize = 3;
#[callback(batch = load_some, max = MOST)]
fn some(id: u32) -> u32;

#[tokio::test(start_paused = true)]
async fn more_keys_than_the_largest_size_are_several_batches_at_once() {
    #[callback]
    fn list(all: Vec<u32>) -> Vec<u32> {
        all
    }
    let start = tokio::time::Instant::now();
    let twice = (0..8).chain(0..8);
    let all: Vec<u32> = list(twice.map(some).collect::<Vec<_>>()).await;
    assert_eq!(all, (0..8).chain(0..8).collect::<Vec<_>>());
    assert_eq!(
        start.elapsed(),
        Duration::from_secs(1),
        "none waits for another"
    );
    let mut asked = asked();
    asked.sort();
    assert_eq!(
        asked,
        [
            ("some", vec![0, 1, 2]),
            ("some", vec![3, 4, 5]),
            ("some", vec![6, 7])
        ]
    );
}

/// One look of a call.
async fn turn() {
    yield_now().await;
}

/// A key in every turn, each in a task of its own.
#[tokio::test(start_paused = true)]
async fn a_busy_program_delays_a_batch_and_does_not_put_it_off() {
    let first = tokio::spawn(count(1));
    let mut tasks = Vec::new();
    for id in 100..2_000 {
        tasks.push(tokio::spawn(count(id)));
        turn().await;
    }
    let (_, first_size) = sizes()[0];
    assert!(
        (10..200).contains(&first_size),
        "it was sent with the first {first_size} of 1,901"
    );
    assert_eq!(first.await.unwrap().unwrap(), 2);
    for (id, task) in (100..).zip(tasks) {
        assert_eq!(task.await.unwrap().unwrap(), id * 2);
    }
}

/// A list is polled a few members at a time when they wake themselves, and what is beside it
/// each time.
#[tokio::test(start_paused = true)]
async fn a_call_beside_a_long_list_waits_for_all_of_it() {
    #[callback]
    fn sum(first: u32, all: Vec<u32>) -> u32 {
        first + all.into_iter().sum::<u32>()
    }
    let all: Vec<_> = (0..3_000).map(count).collect();
    let sum = sum(count(5_000), all).await.unwrap();
    assert_eq!(sum, 10_000 + (0..3_000).map(|id| id * 2).sum::<u32>());
    assert_eq!(sizes(), [("counts", 3_001)]);
}

/// Whoever has a key in every turn is not waited for without end.
#[tokio::test(start_paused = true)]
async fn keys_that_are_handed_in_and_left_alone_do_not_put_it_off() {
    let busy = async {
        let mut calls = FuturesUnordered::new();
        for id in 100.. {
            // Handed in, and left alone until it is answered.
            let mut call = Box::pin(count(id));
            assert!(poll_once(call.as_mut()).is_pending());
            calls.push(call);
            turn().await;
            if id == 2_000 {
                break;
            }
        }
        while calls.next().await.is_some() {}
    };
    let first = async {
        let first = count(1).await.unwrap();
        (first, sizes())
    };
    let (_, (first, before)) = tokio::join!(busy, async {
        let first = first.await;
        yield_now().await;
        first
    });
    assert_eq!(first, 2);
    let (_, size) = before[0];
    assert!(
        (10..200).contains(&size),
        "it was sent with the first {size} of 1,900"
    );
}

#[test]
fn a_plan_draws_the_call_with_its_batch() {
    let card = card(user(1), count(id_of(user(2))), team(3));
    let plan = card.plan().to_string();
    let lines: Vec<_> = plan.lines().map(place_cut).collect();
    let expected = [
        "card, 3 at once",
        "  user: user, in batches of load_users, Failure goes to the caller",
        "    id: value",
        "  count: count, in batches of load_counts, Failure goes to the caller",
        "    id: id_of",
        "      user: user, in batches of load_users, Failure goes to the caller",
        "        id: value",
        "  team: team, in batches of load_teams",
        "    id: value",
    ];
    assert_eq!(lines, expected);

    let mut call = pin!(user(1));
    assert!(poll_once(call.as_mut()).is_pending());
    let plan = call.plan().to_string();
    let lines: Vec<_> = plan.lines().map(place_cut).collect();
    assert_eq!(
        lines,
        [
            "user, in batches of load_users, Failure goes to the caller",
            "  load_users"
        ]
    );
}

/// Without the file and line.
fn place_cut(line: &str) -> String {
    match (line.find(" ("), line.find(')')) {
        (Some(from), Some(to)) => format!("{}{}", &line[..from], &line[to + 1..]),
        _ => line.to_string(),
    }
}

#[test]
fn calls_are_send_and_need_no_pin() {
    assert_impl_all!(Batched<u32, String>: Send, Sync, Unpin, std::fmt::Debug);
    assert_impl_all!(Batch<u32, Cell<u32>, Failure>: Send, Sync, Clone);
    assert_not_impl_any!(Batched<std::rc::Rc<()>, u32, Fails<Failure>>: Send);
}
