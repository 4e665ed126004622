//! A `Result` by another name: known by its last segment, or by `error = ..`.

use std::io;

use defer::prelude::*;
use ui_tests::now;

/// As `anyhow` has it: one parameter, and the error has a default.
mod any {
    pub struct Error(pub String);
    pub type Result<T, E = Error> = core::result::Result<T, E>;
    impl From<std::io::Error> for Error {
        fn from(error: std::io::Error) -> Self {
            Error(error.to_string())
        }
    }
}

#[derive(Debug, PartialEq)]
struct Missing;
impl From<std::num::ParseIntError> for Missing {
    fn from(_: std::num::ParseIntError) -> Self {
        Missing
    }
}

type Fetched<T> = Result<T, Missing>;
type Page = Result<String, Missing>;

#[callback]
fn read(path: String) -> io::Result<String> {
    if path.is_empty() {
        Err(io::ErrorKind::NotFound.into())
    } else {
        Ok(path)
    }
}

#[callback]
async fn read_later(path: String) -> std::io::Result<String> {
    Ok(path)
}

#[callback]
fn size(page: String) -> any::Result<usize> {
    if page.len() > 3 {
        Err(any::Error("long".to_string()))
    } else {
        Ok(page.len())
    }
}

#[callback]
fn full(page: String) -> ::core::result::Result<usize, Missing> {
    Ok(page.len())
}

#[callback]
async fn both(page: String) -> any::Result<usize, Missing> {
    Ok(page.len())
}

#[callback(error = Missing)]
fn page(number: usize) -> Page {
    if number == 0 {
        Err(Missing)
    } else {
        Ok("page".repeat(number))
    }
}

#[callback(error = Missing)]
async fn fetched(number: usize) -> Fetched<String> {
    Ok("page".repeat(number))
}

#[callback]
fn parsed(text: String) -> Result<usize, std::num::ParseIntError> {
    text.parse()
}

#[errback]
fn observed(text: io::Result<String>, size: any::Result<usize>) -> String {
    format!("{} {}", text.is_ok(), size.is_ok())
}

struct Site;
impl Site {
    #[callback]
    fn read(&self, path: String) -> io::Result<String> {
        Ok(path)
    }
    #[callback(error = Missing)]
    fn page(&self, number: usize) -> Page {
        Ok("page".repeat(number))
    }
}

fn main() {
    assert_eq!(now(read("a".to_string())).unwrap(), "a");
    assert_eq!(now(read_later(read("a".to_string()))).unwrap(), "a");
    assert_eq!(now(size(read("abc".to_string()))).ok(), Some(3));
    assert_eq!(now(size(read_later(String::new()))).ok(), Some(0));
    let long = now(size("a long page".to_string()));
    assert_eq!(long.unwrap_err().0, "long");
    assert_eq!(now(full("a".to_string())), Ok(1));
    assert_eq!(now(both(page(1))), Ok(4));
    assert_eq!(
        now(page(parsed("2".to_string()))),
        Ok("pagepage".to_string())
    );
    assert_eq!(now(fetched(parsed("x".to_string()))), Err(Missing));
    assert_eq!(
        now(observed(read(String::new()), size(String::new()))),
        "false true"
    );
    assert_eq!(now(Site.read("a".to_string())).unwrap(), "a");
    assert_eq!(now(Site.page(succeed(1))), Ok("page".to_string()));
}
