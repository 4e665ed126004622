//! `Failure`: any error behind one type.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use defer::prelude::*;
use defer::{Cancelled, TimedOut};
use futures::executor::block_on;

#[derive(Debug, PartialEq)]
struct NotFound(u16);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.0)
    }
}

impl Error for NotFound {}

/// An error with a cause, whose message may end in that of the cause.
#[derive(Debug)]
struct Because(&'static str, Box<dyn Error + Send + Sync>);

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Because {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.1)
    }
}

#[test]
fn made_by_the_question_mark() {
    fn fetch(status: u16) -> Result<u16, Failure> {
        if status == 200 {
            Ok(status)
        } else {
            Err(NotFound(status))?
        }
    }
    assert_eq!(fetch(200).unwrap(), 200);
    assert_eq!(fetch(404).unwrap_err().check(), Some(&NotFound(404)));
}

#[test]
fn made_by_the_arguments_of_a_call() {
    #[callback]
    fn both(status: u16, size: usize) -> Result<usize, Failure> {
        Ok(usize::from(status) + size)
    }
    let size = "x".parse::<usize>();
    let failed = block_on(both(succeed(1), size.clone())).unwrap_err();
    assert_eq!(failed.check(), size.as_ref().err());
    let failed = block_on(both(fail(NotFound(404)), size)).unwrap_err();
    assert_eq!(
        failed.check(),
        Some(&NotFound(404)),
        "errors of two types met in one call"
    );
}

#[test]
fn check_finds_its_own_type_only() {
    let failure = Failure::from(NotFound(1));
    assert_eq!(failure.check::<NotFound>(), Some(&NotFound(1)));
    assert!(failure.check::<fmt::Error>().is_none());
    // A message has no type that anybody could ask for.
    assert!(Failure::msg("m").check::<NotFound>().is_none());
}

#[test]
fn trap_gives_the_error_or_the_failure_again() {
    let failure = Failure::from(NotFound(1));
    assert_eq!(failure.trap::<NotFound>().unwrap(), &NotFound(1));
    let again = failure.trap::<fmt::Error>().unwrap_err();
    assert_eq!(again.check(), Some(&NotFound(1)));
}

#[test]
fn a_clone_is_the_same_error() {
    let failure = Failure::from(NotFound(1));
    let clone = failure.clone();
    let (one, other) = (failure.check::<NotFound>(), clone.check::<NotFound>());
    assert!(
        std::ptr::eq(one.unwrap(), other.unwrap()),
        "nothing was copied"
    );
}

#[test]
fn the_error_is_dropped_once_with_its_last_clone() {
    #[derive(Debug)]
    struct Counted(#[allow(dead_code, reason = "counts its owners")] Arc<()>);
    impl fmt::Display for Counted {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("counted")
        }
    }
    impl Error for Counted {}
    let owners = Arc::new(());
    let failure = Failure::from(Counted(owners.clone()));
    let clone = failure.clone();
    assert_eq!(Arc::strong_count(&owners), 2);
    drop(failure);
    assert_eq!(Arc::strong_count(&owners), 2);
    drop(clone);
    assert_eq!(Arc::strong_count(&owners), 1);
}

#[test]
fn display_is_the_message() {
    assert_eq!(Failure::from(NotFound(1)).to_string(), "status 1");
    assert_eq!(Failure::msg(String::from("m")).to_string(), "m");
    let padded = format!("{:>4}", Failure::from_boxed("m"));
    assert_eq!(padded, "   m", "what the format asks for reaches the error");
}

#[test]
fn a_message_alone_is_padded_too() {
    assert_eq!(format!("{:>4}", Failure::msg("m")), "   m");
}

#[test]
fn debug_tells_the_causes() {
    let failure = Failure::from(Because("no page", Box::new(NotFound(404))));
    assert_eq!(format!("{failure:?}"), "no page\n  caused by: status 404");
    assert_eq!(format!("{:?}", Failure::from(NotFound(1))), "status 1");
    let deep = Because("a", Box::new(Because("b", Box::new(NotFound(1)))));
    assert_eq!(
        format!("{:?}", Failure::from(deep)),
        "a\n  caused by: b\n  caused by: status 1"
    );
}

#[test]
fn debug_does_not_repeat_what_was_said() {
    let failure = Failure::from(Because("no page: status 404", Box::new(NotFound(404))));
    assert_eq!(format!("{failure:?}"), "no page: status 404");
}

#[test]
fn the_error_itself_and_boxed_ones() {
    let failure = Failure::from(Because("a", Box::new(NotFound(1))));
    assert_eq!(failure.error().source().unwrap().to_string(), "status 1");
    let boxed: Box<dyn Error + Send + Sync> = Box::new(NotFound(2));
    assert_eq!(Failure::from_boxed(boxed).check(), Some(&NotFound(2)));
}

#[test]
fn typed_errors_stay_what_they_are() {
    #[callback]
    fn pass(page: u8) -> u8 {
        page
    }
    let failed: Result<u8, NotFound> = block_on(pass(pass(fail(NotFound(1)))));
    assert_eq!(failed, Err(NotFound(1)));
}

#[test]
fn had_back_by_value() {
    assert_eq!(
        Failure::from(NotFound(1)).downcast::<NotFound>().unwrap(),
        NotFound(1)
    );
    let boxed: Box<dyn Error + Send + Sync> = Box::new(NotFound(2));
    assert_eq!(
        Failure::from_boxed(boxed).downcast::<NotFound>().unwrap(),
        NotFound(2)
    );
    let failure = Failure::from(NotFound(3)).downcast::<fmt::Error>();
    assert_eq!(failure.unwrap_err().check(), Some(&NotFound(3)));
}

#[test]
fn what_is_shared_is_not_had_back() {
    #[callback]
    fn pass(page: u8) -> u8 {
        page
    }
    let boxed: Box<dyn Error + Send + Sync> = Box::new(NotFound(1));
    for failure in [Failure::from(NotFound(1)), Failure::from_boxed(boxed)] {
        let clone = failure.clone();
        let failure = failure.downcast::<NotFound>().unwrap_err();
        assert_eq!(failure.check(), Some(&NotFound(1)));
        // The trails differ now; the error is still shared.
        let far = block_on(pass(Err::<u8, _>(clone))).unwrap_err();
        let far = far.downcast::<NotFound>().unwrap_err();
        assert_eq!((far.trail().len(), failure.trail().len()), (1, 0));
        drop(failure);
        assert_eq!(far.downcast::<NotFound>().unwrap(), NotFound(1));
    }
}

#[test]
fn the_chain_of_causes() {
    let deep = Because("a", Box::new(Because("b", Box::new(NotFound(1)))));
    let failure = Failure::from(deep);
    let messages: Vec<_> = failure.chain().map(ToString::to_string).collect();
    assert_eq!(messages, ["a", "b", "status 1"]);
    let last = failure.chain().last().unwrap();
    assert_eq!(last.downcast_ref(), Some(&NotFound(1)));
    assert_eq!(Failure::msg("m").chain().count(), 1);
}

#[test]
fn timeouts() {
    let allowed = Duration::from_millis(30);
    let failure = Failure::from(TimedOut::after(allowed));
    assert!(failure.is_timeout() && !failure.is_cancelled());
    assert_eq!(failure.check(), Some(&TimedOut::after(allowed)));
    assert_eq!(failure.to_string(), "timed out after 30ms");
    assert_eq!(TimedOut::after(allowed).allowed(), Some(allowed));
    assert_eq!(TimedOut::default().to_string(), "timed out");
    assert_eq!(TimedOut::default().allowed(), None);
    let cancelled = Failure::from(Cancelled);
    assert!(cancelled.is_cancelled() && !cancelled.is_timeout());
    let other = std::io::Error::from(std::io::ErrorKind::TimedOut);
    assert!(!Failure::from(other).is_timeout(), "not one of ours");
}

#[test]
fn errors_of_anyhow_get_in() {
    use anyhow::Context;

    fn read() -> anyhow::Result<u8> {
        Err(NotFound(404)).context("no page")
    }
    #[callback]
    fn page() -> Result<u8, Failure> {
        read().map_err(Failure::from_boxed)
    }
    let failure = block_on(page()).unwrap_err();
    let messages: Vec<_> = failure.chain().map(ToString::to_string).collect();
    assert_eq!(messages, ["no page", "status 404"]);
    assert_eq!(failure.trail().len(), 1);
}

#[test]
fn boxes_of_what_becomes_one() {
    for failure in [
        Failure::from_boxed("m"),
        Failure::from_boxed(String::from("m")),
        Failure::from_boxed(Box::<dyn Error + Send + Sync>::from("m")),
    ] {
        assert_eq!(failure.to_string(), "m");
    }
}

#[test]
fn debug_tells_the_causes_before_the_trail() {
    #[callback]
    fn page() -> Result<u8, Failure> {
        Err(Because("no page", Box::new(NotFound(404))))?
    }
    let failure = block_on(page()).unwrap_err();
    let told = format!("{failure:?}");
    let (causes, trail) = told.split_at(told.find("\n  raised in page (").unwrap());
    assert_eq!(causes, "no page\n  caused by: status 404");
    assert_eq!(trail.lines().count(), 2);
}

#[test]
fn goes_into_a_box_by_itself_and_comes_back_with_its_trail() {
    #[callback]
    fn page(name: String) -> Result<String, Failure> {
        Err(Failure::from(fmt::Error).with_error(Missing(name)))
    }
    #[derive(Debug)]
    struct Missing(String);
    impl fmt::Display for Missing {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "no page {}", self.0)
        }
    }
    impl Error for Missing {}
    fn boxed() -> Result<String, Box<dyn Error + Send + Sync>> {
        Ok(block_on(page("home".to_string()))?)
    }
    fn on_this_thread() -> Result<String, Box<dyn Error>> {
        Ok(block_on(page("home".to_string()))?)
    }
    assert_eq!(on_this_thread().unwrap_err().to_string(), "no page home");
    let error = boxed().unwrap_err();
    let debug = format!("{error:?}");
    assert!(
        debug.starts_with("no page home\n  raised in page ("),
        "{debug}"
    );
    let failure = Failure::from_boxed(error);
    assert_eq!(failure.check::<Missing>().unwrap().0, "home");
    assert_eq!(failure.trail().hops().len(), 1);
}
