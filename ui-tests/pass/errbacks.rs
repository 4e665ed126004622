//! Both forms of an errback, and what they go around.

use defer::prelude::*;
use ui_tests::now;

#[derive(Clone, Debug, PartialEq)]
struct Missing(u16);

#[derive(Debug, PartialEq)]
enum App {
    Http(Missing),
    Text(String),
}
impl From<Missing> for App {
    fn from(error: Missing) -> Self {
        App::Http(error)
    }
}
impl From<String> for App {
    fn from(error: String) -> Self {
        App::Text(error)
    }
}

#[callback]
async fn get(url: String) -> Result<String, Missing> {
    if url.is_empty() {
        Err(Missing(404))
    } else {
        Ok(url)
    }
}

#[callback]
fn size(page: String) -> Result<usize, App> {
    Ok(page.len())
}

#[errback]
fn terminal(failure: Missing, fallback: String) -> String {
    format!("{fallback} {}", failure.0)
}

#[errback]
fn again(failure: Missing) -> Result<String, App> {
    if failure.0 == 404 {
        Err(App::Text("gone".to_string()))
    } else {
        Ok(String::new())
    }
}

#[errback]
fn converts(failure: App, fallback: usize) -> usize {
    if matches!(failure, App::Http(_)) {
        0
    } else {
        fallback
    }
}

#[errback]
async fn later(failure: Missing, fallback: String) -> Result<String, App> {
    get(fallback).await.map_err(|_| App::Http(failure))
}

#[errback]
fn observes(first: Result<String, Missing>, second: Result<usize, App>, extra: usize) -> String {
    format!("{first:?} {second:?} {extra}")
}

#[errback]
async fn observes_later(first: Result<String, Missing>) -> Result<String, App> {
    Ok(first?)
}

#[errback]
fn untyped(failure: Failure, fallback: String) -> Result<String, Failure> {
    if failure.check::<std::fmt::Error>().is_some() {
        Ok(fallback)
    } else {
        Err(failure)
    }
}

fn main() {
    let a = || "a".to_string();
    assert_eq!(now(terminal(get(String::new()), a())), "a 404");
    assert_eq!(now(terminal(get(a()), get(String::new()))), Ok(a()));
    assert_eq!(
        now(terminal(Err::<String, _>(Missing(1)), get(String::new()))),
        Err(Missing(404))
    );
    assert_eq!(
        now(size(again(get(String::new())))),
        Err(App::Text("gone".to_string()))
    );
    assert_eq!(now(converts(size(get(String::new())), 3)), 0);
    assert_eq!(now(converts(fail::<usize, _>("x".to_string()), 3)), 3);
    assert_eq!(
        now(later(get(String::new()), String::new())),
        Err(App::Http(Missing(404)))
    );
    assert_eq!(now(later(get(String::new()), a())), Ok(a()));
    assert_eq!(
        now(observes(get(String::new()), size(a()), succeed(3))),
        "Err(Missing(404)) Ok(1) 3"
    );
    assert_eq!(now(observes(succeed(a()), succeed(1), 3)), "a");
    assert_eq!(
        now(observes_later(get(String::new()))),
        Err(App::Http(Missing(404)))
    );
    let failed = fail::<String, _>(Failure::from(std::fmt::Error));
    assert_eq!(now(untyped(failed, a())).ok(), Some(a()));
}
