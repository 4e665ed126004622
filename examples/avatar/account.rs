//! What is printed of a search.

use std::error::Error;
use std::fmt;
use std::io;

use defer::prelude::*;

use crate::places::NAMES;
use crate::search::{Found, Told};
use crate::user::User;

/// The account of one search.
pub(crate) struct Account<'a> {
    pub(crate) user: &'a User,
    pub(crate) found: &'a Found,
    /// What became of writing it to the places that did not have it.
    pub(crate) written: &'a [(usize, Result<(), Failure>)],
}

impl fmt::Display for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account {
            user,
            found,
            written,
        } = self;
        writeln!(f, "{user}")?;
        let winner = found.avatar.as_ref().map(|(place, _)| *place);
        for (place, (name, told)) in NAMES.into_iter().zip(&found.places).enumerate() {
            write!(f, "  {name:<9}")?;
            match told {
                Told::Has if winner == Some(place) => f.write_str("has it")?,
                Told::Has => f.write_str("has it, too late")?,
                Told::Failed(failure) => f.write_str(&why(failure))?,
                Told::NotNeeded => f.write_str("not needed")?,
            }
            let written = written.iter().find(|(other, _)| *other == place);
            match written.map(|(_, outcome)| outcome) {
                Some(Ok(())) => writeln!(f, "; now it has")?,
                Some(Err(failure)) => writeln!(f, "; not written: {}", why(failure))?,
                None => writeln!(f)?,
            }
        }
        let millis = found.took.as_millis();
        match &found.avatar {
            Some((place, avatar)) => {
                let (name, bytes) = (NAMES[*place], avatar.bytes().len());
                writeln!(f, "  => {bytes} bytes from the {name}, in {millis} ms")
            }
            None => writeln!(f, "  => no avatar, in {millis} ms"),
        }
    }
}

/// The innermost reason. The system's own words differ from system to system.
fn why(failure: &Failure) -> String {
    if let Some(error) = failure.check::<reqwest::Error>() {
        if error.is_timeout() {
            return "slower than its deadline".into();
        }
    }
    let mut reason: &dyn Error = failure.error();
    while let Some(source) = reason.source() {
        reason = source;
    }
    match reason.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => error.kind().to_string(),
        _ => reason.to_string(),
    }
}
