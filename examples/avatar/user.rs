//! Who is looked for.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a user, which is part of a file's name and of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct User(Arc<str>);

impl User {
    /// The file, and the end of the address.
    pub(crate) fn file(&self) -> String {
        format!("{}.svg", self.0)
    }
}

impl FromStr for User {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            return Err("a user is up to 64 letters, digits, '-' and '_'".into());
        }
        Ok(User(name.into()))
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A picture. Clones share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Avatar(Arc<[u8]>);

impl Avatar {
    /// Of what came, if that is a picture.
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Self, &'static str> {
        if bytes.starts_with(b"<svg") {
            Ok(Avatar(bytes.into()))
        } else {
            Err("not a picture")
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
