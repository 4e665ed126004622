//! Netstrings: `5:poems,` is the string `poems`. Whoever reads one knows whether it is whole.
#![allow(dead_code, reason = "no program reads and writes all of it")]

use std::fmt;

/// A string as a netstring.
pub(crate) fn encode(string: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{}:", string.len()).into_bytes();
    bytes.extend_from_slice(string);
    bytes.push(b',');
    bytes
}

/// What is wrong with what came.
#[derive(Debug, PartialEq)]
pub(crate) enum Malformed {
    /// Something else where a length has to be.
    Length(u8),
    /// A length that begins with 0 and goes on.
    LeadingZero,
    /// A length above the limit. Nothing of the string has been kept.
    TooLong { limit: usize },
    /// Something else where the comma has to be.
    Comma(u8),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Length(byte) => write!(
                f,
                "no netstring: '{}' in place of a length",
                byte.escape_ascii()
            ),
            Malformed::LeadingZero => write!(f, "no netstring: a length that begins with 0"),
            Malformed::TooLong { limit } => {
                write!(f, "a netstring of more than {limit} bytes")
            }
            Malformed::Comma(byte) => write!(
                f,
                "no netstring: '{}' in place of the comma",
                byte.escape_ascii()
            ),
        }
    }
}

impl std::error::Error for Malformed {}

/// Where in a netstring the next byte stands.
#[derive(Debug)]
enum Place {
    /// Behind so many digits of the length.
    Length(usize),
    /// In the string.
    String,
    /// Behind the comma.
    End,
}

/// Takes one netstring apart, however it was cut on the way.
///
/// It keeps what has come of the string, and no more: a length that is declared takes no memory.
#[derive(Debug)]
pub(crate) struct Decoder {
    limit: usize,
    place: Place,
    length: usize,
    string: Vec<u8>,
}

impl Decoder {
    /// For a string of at most so many bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Decoder {
            limit,
            place: Place::Length(0),
            length: 0,
            string: Vec::new(),
        }
    }

    /// Take more bytes: the string, when its comma is among them.
    ///
    /// What comes behind the comma is left. After the string, or an error, there is nothing more
    /// to be had.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match self.place {
                Place::Length(digits) => {
                    bytes = rest;
                    self.digit(digits, byte)?;
                }
                Place::String if self.string.len() < self.length => {
                    let missing = self.length - self.string.len();
                    let (string, rest) = bytes.split_at(missing.min(bytes.len()));
                    self.string.extend_from_slice(string);
                    bytes = rest;
                }
                Place::String if byte == b',' => {
                    self.place = Place::End;
                    return Ok(Some(std::mem::take(&mut self.string)));
                }
                Place::String => return Err(Malformed::Comma(byte)),
                Place::End => return Ok(None),
            }
        }
        Ok(None)
    }

    fn digit(&mut self, digits: usize, byte: u8) -> Result<(), Malformed> {
        match byte {
            b':' if digits > 0 => {
                self.place = Place::String;
                return Ok(());
            }
            b'0'..=b'9' if digits == 1 && self.length == 0 => return Err(Malformed::LeadingZero),
            b'0'..=b'9' => {}
            _ => return Err(Malformed::Length(byte)),
        }
        let length = self.length.saturating_mul(10);
        self.length = length.saturating_add(usize::from(byte - b'0'));
        self.place = Place::Length(digits + 1);
        // At once, and not at the colon: that may never come.
        if self.length > self.limit {
            return Err(Malformed::TooLong { limit: self.limit });
        }
        Ok(())
    }

    /// How much of the string is there, and how long it is, if that is known.
    pub(crate) fn progress(&self) -> (usize, Option<usize>) {
        let length = matches!(self.place, Place::String).then_some(self.length);
        (self.string.len(), length)
    }
}
