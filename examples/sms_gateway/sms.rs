//! What is sent: a number and a text.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

use serde::{Deserialize, Serialize};

/// A message, as it is kept in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sms {
    /// As `+491512345678`.
    pub(crate) number: String,
    pub(crate) text: String,
    /// The same whenever this message is sent: the carrier can tell by it that it has the
    /// message already.
    pub(crate) reference: String,
}

/// How long a text may be: about what ten parts of one message hold.
const LONGEST: usize = 1_600;

impl Sms {
    /// Of what somebody wrote; or what is wrong with it.
    pub(crate) fn new(number: &str, text: &str) -> Result<Self, Wrong> {
        Ok(Sms {
            number: number_of(number)?,
            text: text_of(text)?,
            reference: reference(),
        })
    }
}

/// Why a message cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Number,
    Empty,
    TooLong(usize),
    Control(char),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Number => f.write_str(
                "a number is a + with 7 to 15 digits, the country first, as +49 151 2345678",
            ),
            Wrong::Empty => f.write_str("the text is empty"),
            Wrong::TooLong(chars) => write!(
                f,
                "the text has {chars} characters, and at most {LONGEST} can be sent"
            ),
            Wrong::Control(c) => write!(
                f,
                "the text has the control character U+{:04X}",
                u32::from(*c)
            ),
        }
    }
}

/// Without the spaces and signs that people put into numbers.
fn number_of(written: &str) -> Result<String, Wrong> {
    let plain: String = written
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/'))
        .collect();
    let digits = plain.strip_prefix('+').ok_or(Wrong::Number)?;
    let fits = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if fits { Ok(plain) } else { Err(Wrong::Number) }
}

fn text_of(written: &str) -> Result<String, Wrong> {
    let text = written.trim();
    let chars = text.chars().count();
    if chars == 0 {
        return Err(Wrong::Empty);
    }
    if chars > LONGEST {
        return Err(Wrong::TooLong(chars));
    }
    match text.chars().find(|c| c.is_control() && *c != '\n') {
        Some(c) => Err(Wrong::Control(c)),
        None => Ok(text.to_string()),
    }
}

/// 128 bits that nobody had before.
fn reference() -> String {
    // Each state has keys of its own; they begin with what the system calls random.
    let bits = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", bits(), bits())
}
