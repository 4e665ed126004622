//! What a plan says besides the names of the calls: parameters, what runs at once, and where
//! failures go.

use std::collections::HashMap;
use std::time::Duration;

use defer::prelude::*;
use defer::{Abandoned, Cancelled, Chain, Failure, TimedOut};

#[derive(Clone, Debug)]
struct FetchError;
#[derive(Clone, Debug)]
struct ParseError;

macro_rules! becomes {
    ($($from:ty => $to:ident),+) => {
        $(impl From<$from> for $to {
            fn from(_: $from) -> Self {
                $to
            }
        })+
    };
}
becomes!(FetchError => ParseError, TimedOut => FetchError, Cancelled => FetchError,
    Abandoned => ParseError);

#[callback]
async fn get_page(url: String) -> Result<String, FetchError> {
    Ok(url)
}

#[errback]
fn errcheck(failure: FetchError, fallback: String) -> String {
    let _ = failure;
    fallback
}

#[errback]
async fn elsewhere(failure: FetchError, mirror: String, host: &str) -> Result<String, FetchError> {
    let _ = (failure, host);
    Ok(mirror)
}

#[callback]
fn parse(page: String) -> Result<usize, ParseError> {
    page.parse().map_err(|_| ParseError)
}

#[callback]
fn cleanup(page: String, strip: bool) -> String {
    if strip { page.trim().to_string() } else { page }
}

fn text(text: &str) -> String {
    text.to_string()
}

/// The plan as it is shown, without where the functions stand.
fn shown<O, F: Chain<Output = O>>(deferred: &Deferred<O, F>) -> Vec<String> {
    let plan = deferred.plan().to_string();
    let without = |line: &str| match (line.find(" ("), line.find(')')) {
        (Some(from), Some(to)) if line[from..to].contains(".rs:") => {
            format!("{}{}", &line[..from], &line[to + 1..])
        }
        _ => line.to_string(),
    };
    plan.lines().map(without).collect()
}

#[test]
fn a_failure_goes_to_the_nearest_errback_around_it() {
    let page = elsewhere(get_page(text("a")), get_page(text("b")), "host");
    let whole = parse(cleanup(errcheck(page, text("")), true));
    assert_eq!(
        shown(&whole),
        [
            "parse, ParseError goes to the caller",
            "  page: cleanup",
            "    page: errcheck, catches FetchError, always recovers",
            "      elsewhere, catches FetchError, FetchError goes to errcheck",
            "        get_page, FetchError goes to elsewhere",
            "          url: value",
            "        mirror: get_page, FetchError goes to errcheck, only after a failure",
            "          url: value",
            "      fallback: value, only after a failure",
            "    strip: value",
        ]
    );
}

#[test]
fn outcomes_as_parameters_take_the_failures_of_their_arguments() {
    #[callback]
    fn count(
        all: Vec<Result<usize, ParseError>>,
        one: Result<usize, ParseError>,
        by_name: HashMap<String, usize>,
    ) -> usize {
        all.len() + by_name.len() + usize::from(one.is_ok())
    }
    let whole = count(
        vec![parse(text("a")), parse(text("b"))],
        parse(text("c")),
        HashMap::from([(text("k"), parse(text("d")))]),
    );
    assert_eq!(
        shown(&whole),
        [
            "count, 3 at once, takes failures of all, one",
            "  all: list, 2 at once",
            "    parse, ParseError goes to count",
            "      page: value",
            "    parse, ParseError goes to count",
            "      page: value",
            "  one: parse, ParseError goes to count",
            "    page: value",
            "  by_name: list",
            "    parse, ParseError goes to the caller",
            "      page: value",
        ]
    );
    #[errback]
    fn either(first: Result<String, FetchError>, second: String) -> Result<String, ParseError> {
        first.map(|page| page + &second).map_err(Into::into)
    }
    assert_eq!(
        shown(&either(get_page(text("a")), get_page(text("b"))))[..2],
        [
            "either, 2 at once, takes failures of first, ParseError goes to the caller",
            "  first: get_page, FetchError goes to either",
        ]
    );
}

#[test]
fn closures_take_failures_where_the_fluent_form_says_so() {
    let chain = get_page(text("a")).add_errback(|_| String::new());
    assert_eq!(
        shown(&chain)[1],
        "  get_page, FetchError goes to add_errback"
    );
    let chain = get_page(text("a")).add_callback(|page| page.len());
    assert_eq!(
        shown(&chain)[1],
        "  get_page, FetchError goes to the caller"
    );
}

#[test]
fn the_errors_of_aliases_and_of_generic_functions() {
    type Fallible<T> = Result<T, ParseError>;
    #[callback]
    fn aliased(n: u8) -> Fallible<u8> {
        Ok(n)
    }
    #[callback(error = ParseError)]
    fn said(n: u8) -> Fallible<u8> {
        Ok(n)
    }
    #[callback]
    fn generic<E: 'static>(n: Result<u8, E>) -> Result<u8, Vec<E>> {
        n.map_err(|error| vec![error])
    }
    #[callback]
    fn wrapped(n: u8) -> std::io::Result<u8> {
        Ok(n)
    }
    let first = |lines: Vec<String>| lines[0].clone();
    assert_eq!(
        first(shown(&said(1))),
        "said, ParseError goes to the caller"
    );
    assert_eq!(
        first(shown(&generic(Ok::<u8, FetchError>(1)))),
        "generic, takes failures of n, Vec<E> goes to the caller"
    );
    assert_eq!(
        first(shown(&wrapped(1))),
        "wrapped, the error of std::io::Result<u8> goes to the caller"
    );
    // Nothing in the signature says that this is a `Result`.
    assert_eq!(first(shown(&aliased(1))), "aliased");
}

#[test]
fn what_waits_says_what_it_yields() {
    let (_resolver, by_hand) = Deferred::<Result<usize, ParseError>, _>::new();
    #[callback]
    fn add(a: usize, b: usize) -> usize {
        a + b
    }
    assert_eq!(
        shown(&add(by_hand, defer(async { 1 }))),
        [
            "add, 2 at once",
            "  a: hand-made of Result<usize, ParseError>, ParseError goes to the caller",
            "  b: future of usize",
        ]
    );
}

#[test]
fn limits_of_time_and_of_number() {
    let limited = get_page(text("a")).timeout(Duration::from_millis(1500));
    assert_eq!(
        shown(&limited)[..2],
        [
            "timeout after 1.5s, TimedOut goes to the caller",
            "  get_page, FetchError goes to the caller",
        ]
    );
    let list = defer::list::with()
        .limit(2)
        .gather((0..5).map(|n| get_page(n.to_string())));
    assert_eq!(shown(&list)[0], "gather of 5, 2 at once");
}

#[test]
fn clones_are_drawn_once_and_lead_to_the_same_place() {
    let page = defer(async { Ok::<_, Failure>(text("a")) }).shared();
    #[callback]
    fn both(a: String, b: String) -> String {
        a + &b
    }
    #[errback]
    fn recover(failure: Failure) -> String {
        failure.to_string()
    }
    let whole = both(page.clone(), recover(page));
    assert_eq!(
        shown(&whole),
        [
            "both, 2 at once",
            "  a: shared #1",
            "    future of Result<String, Failure>, Failure goes to recover and the caller",
            "  b: recover, catches Failure, always recovers",
            "    shared #1",
        ]
    );
    let graph = whole.plan().to_dot();
    assert_eq!(graph.matches("label=\"shared #1\"").count(), 1, "{graph}");
    let from_it = graph.lines().filter(|line| line.contains("n1 -> "));
    assert_eq!(from_it.count(), 2, "{graph}");
}

#[test]
fn pictures_in_other_languages_have_each_node_and_each_arrow() {
    let page = elsewhere(get_page(text("a")), get_page(text("b")), "host");
    let plan = errcheck(page, text("")).plan();
    let (nodes, mermaid, dot) = (plan.nodes().count(), plan.to_mermaid(), plan.to_dot());
    assert_eq!(mermaid.matches("->").count(), nodes - 1, "{mermaid}");
    assert_eq!(dot.matches(" -> ").count(), nodes - 1, "{dot}");
    assert!(mermaid.contains("n0[\"errcheck<br/>"), "{mermaid}");
    assert!(mermaid.contains("-.->|mirror|"), "{mermaid}");
    assert!(
        dot.contains("label=\"mirror\", style=dashed, color="),
        "{dot}"
    );
}

#[test]
fn names_cannot_break_a_picture() {
    let (_resolver, by_hand) = Deferred::<Result<Vec<&'static str>, Failure>, _>::new();
    let plan = by_hand.plan();
    assert!(
        plan.to_mermaid()
            .contains("Result#lt;Vec#lt;#amp;str#gt;, Failure#gt;"),
        "{}",
        plan.to_mermaid()
    );
}
