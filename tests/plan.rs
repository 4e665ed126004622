//! The plan: the calls of a chain, drawn before anything runs.

mod support;

use std::pin::pin;

use defer::prelude::*;
use defer::{Chain, Node, Plan};
use support::{leaf, never, poll_once};

#[derive(Debug)]
struct Oops;

#[callback]
async fn get_page(url: String) -> Result<String, Oops> {
    Ok(url)
}

#[errback]
fn errcheck(failure: Oops, fallback: String) -> String {
    let _ = failure;
    fallback
}

#[callback]
fn cleanup(page: String, strip: bool) -> String {
    if strip { page.trim().to_string() } else { page }
}

#[callback]
fn reformat(page: String, width: usize, prefix: &str) -> String {
    format!("{prefix}{page:width$}")
}

fn text(text: &str) -> String {
    text.to_string()
}

/// The plan with one line a node, indented, without where the functions stand.
fn drawn<O, F: Chain<Output = O>>(deferred: &Deferred<O, F>) -> Vec<String> {
    let line = |(depth, node): (usize, Node)| {
        let name = match node.site() {
            Some(site) => site.name.to_uppercase(),
            None => node.name().to_string(),
        };
        format!("{}{name}", ". ".repeat(depth))
    };
    deferred.plan().nodes().map(line).collect()
}

#[test]
fn nested_calls_are_a_tree() {
    let whole = reformat(
        cleanup(errcheck(get_page(text("u")), text("")), true),
        succeed(9),
        "> ",
    );
    assert_eq!(
        drawn(&whole),
        [
            "REFORMAT",
            ". CLEANUP",
            ". . ERRCHECK",
            ". . . GET_PAGE",
            ". . . . value",
            ". . . value",
            ". . value",
            ". value",
        ]
    );
}

#[test]
fn nothing_runs_while_it_is_drawn() {
    let (page, seen) = leaf(0, text("a"));
    let whole = cleanup(page, true);
    assert_eq!(drawn(&whole), ["CLEANUP", ". future", ". value"]);
    assert_eq!(whole.plan(), whole.plan(), "drawing changes nothing");
    assert_eq!(seen.polls(), 0);
}

#[test]
fn display_says_where_each_function_stands() {
    let line = line!() + 1;
    #[callback]
    fn located(a: u8) -> u8 {
        a
    }
    let shown = located(succeed(1)).plan().to_string();
    let (first, rest) = shown.split_once('\n').unwrap();
    assert!(
        first.starts_with("located (") && first.contains("plan.rs:"),
        "{first}"
    );
    let said: u32 = first
        .trim_end_matches(')')
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (line..=line + 1).contains(&said),
        "line {said}, written at {line}"
    );
    assert_eq!(rest, "  a: value\n");
}

#[test]
fn a_site_knows_its_deferrable_parameters() {
    let plan: Plan = reformat(text("a"), 1, "").plan();
    let Some((0, Node::Call(site))) = plan.nodes().next() else {
        panic!("{plan}")
    };
    assert_eq!(
        (site.name, site.params),
        ("reformat", &["page", "width"][..])
    );
    assert!(site.file.ends_with("plan.rs"));
}

#[test]
fn containers_and_leaves() {
    #[callback]
    fn all(list: Vec<u8>, pair: (u8, u8), maybe: Option<u8>, absent: Option<u8>) -> usize {
        let _ = (pair, maybe, absent);
        list.len()
    }
    let (_resolver, waiting) = Deferred::<Result<u8, Failure>, _>::new();
    let whole = all(
        vec![succeed(1).boxed(), defer(async { 1 }).boxed()],
        (succeed(1), waiting),
        Some(defer(async { 1 })),
        None::<u8>,
    );
    assert_eq!(
        drawn(&whole),
        [
            "ALL",
            ". list",
            ". . value",
            ". . future",
            ". tuple",
            ". . value",
            ". . hand-made",
            ". future",
            ". value",
        ]
    );
}

#[test]
fn the_fluent_form_is_drawn_from_the_outside_in() {
    let chain = get_page(text("u"))
        .add_callback(|page| page.len())
        .add_errback(|_| 0)
        .add_callback(|n| n + 1);
    assert_eq!(
        drawn(&chain),
        [
            "add_callback",
            ". add_errback",
            ". . add_callback",
            ". . . GET_PAGE",
            ". . . . value"
        ]
    );
    let chain = get_page(text("u")).add_callbacks(|_| 1, |_| 2);
    assert_eq!(drawn(&chain)[0], "add_callbacks");
    let chain = get_page(text("u")).add_both(|_| 1);
    assert_eq!(drawn(&chain)[0], "add_both");
}

#[test]
fn a_box_shows_what_is_in_it() {
    let boxed = cleanup(get_page(text("u")).boxed_local(), true).boxed_local();
    assert_eq!(
        drawn(&boxed),
        ["CLEANUP", ". GET_PAGE", ". . value", ". value"]
    );
    #[callback(boxed)]
    fn one(a: u8) -> u8 {
        a
    }
    assert_eq!(drawn(&one(succeed(1))), ["ONE", ". value"]);
}

#[test]
fn methods_and_raw_names() {
    struct Site;
    impl Site {
        #[callback]
        fn r#match(&self, r#in: u8) -> u8 {
            r#in
        }
    }
    let plan = Site.r#match(succeed(1)).plan();
    let Some((0, Node::Call(site))) = plan.nodes().next() else {
        panic!("{plan}")
    };
    assert_eq!((site.name, site.params), ("match", &["in"][..]));
}

#[test]
fn what_is_done_is_drawn_as_it_is_now() {
    let (pending, _) = never::<bool>();
    let mut whole = pin!(cleanup(leaf(0, text("a")).0, pending));
    assert_eq!(drawn(&whole), ["CLEANUP", ". future", ". future"]);
    assert!(poll_once(whole.as_mut()).is_pending());
    assert_eq!(
        drawn(&whole),
        ["CLEANUP", ". value", ". future"],
        "the page is there"
    );
}

#[test]
fn a_body_that_runs_is_drawn_with_what_it_waits_for() {
    #[callback]
    async fn later(a: u8) -> u8 {
        never::<()>().0.await;
        a
    }
    let mut waiting = pin!(later(succeed(1)));
    assert!(poll_once(waiting.as_mut()).is_pending());
    assert_eq!(drawn(&waiting), ["LATER", ". future"]);
}

#[test]
fn an_errback_that_runs_is_drawn_as_a_call() {
    let (pending, _) = never::<String>();
    let mut waiting = pin!(errcheck(fail::<String, _>(Oops), pending));
    assert_eq!(drawn(&waiting), ["ERRCHECK", ". value", ". future"]);
    assert!(poll_once(waiting.as_mut()).is_pending());
    assert_eq!(
        drawn(&waiting),
        ["ERRCHECK", ". future"],
        "the failure is in its hands"
    );
}
