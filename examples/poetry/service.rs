//! What can be done to a poem. Nothing here knows how a poem comes, or where it goes.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use defer::prelude::*;
use tokio::sync::Semaphore;

/// The transforms. What is not among them cannot be called, whatever a client writes.
pub(crate) const NAMES: [&str; 5] = ["cummingsify", "shout", "backwards", "alphabet", "sonnet"];

/// How many poems are worked on at once. A transform may need many times the memory of its poem.
const AT_ONCE: usize = 16;

/// Why a poem stays as it is.
#[derive(Debug, PartialEq)]
pub(crate) enum TransformError {
    Unknown(String),
    TooLong { limit: usize },
    NoSonnet { verses: usize },
}

impl fmt::Display for TransformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransformError::Unknown(name) => write!(f, "no such transform: {name:?}"),
            TransformError::TooLong { limit } => {
                write!(f, "it would have more than {limit} bytes")
            }
            TransformError::NoSonnet { verses } => {
                write!(f, "a sonnet has 14 verses, not {verses}")
            }
        }
    }
}

impl std::error::Error for TransformError {}

/// The service: one of it, whatever the protocols.
pub(crate) struct TransformService {
    limit: usize,
    turns: Semaphore,
    done: [AtomicUsize; NAMES.len()],
}

impl TransformService {
    /// Its poems have at most so many bytes, before and after.
    pub(crate) fn new(limit: usize) -> Self {
        TransformService {
            limit,
            turns: Semaphore::new(AT_ONCE),
            done: Default::default(),
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The transforms, and how many poems each has transformed.
    pub(crate) fn done(&self) -> impl Iterator<Item = (&'static str, usize)> {
        NAMES
            .into_iter()
            .zip(self.done.iter().map(|done| done.load(Relaxed)))
    }

    /// Transform a poem. A transform may take its time: what it gives is a deferred.
    #[callback]
    pub(crate) async fn transform(
        &self,
        name: &str,
        poem: String,
    ) -> Result<String, TransformError> {
        // As `{:?}` makes it at most six times as long, this is a line at most.
        let unknown = || TransformError::Unknown(name.chars().take(40).collect());
        let place = NAMES.iter().position(|known| *known == name);
        let place = place.ok_or_else(unknown)?;
        let turn = self.turns.acquire().await;
        let _turn = turn.expect("the semaphore is never closed");
        let limit = self.limit;
        let poem = match name {
            "cummingsify" => fitting(cummingsify(poem), limit).boxed(),
            "shout" => fitting(shout(poem), limit).boxed(),
            "backwards" => fitting(backwards(poem), limit).boxed(),
            "alphabet" => fitting(alphabet(poem), limit).boxed(),
            "sonnet" => fitting(sonnet(poem), limit).boxed(),
            _ => return Err(unknown()),
        };
        let poem = poem.await?;
        self.done[place].fetch_add(1, Relaxed);
        Ok(poem)
    }
}

/// Let pass what is not too long: letters of another case may take more bytes.
#[callback]
fn fitting(poem: String, limit: usize) -> Result<String, TransformError> {
    match poem.len() <= limit {
        true => Ok(poem),
        false => Err(TransformError::TooLong { limit }),
    }
}

/// All in lower case, as E. E. Cummings has it.
#[callback]
fn cummingsify(poem: String) -> String {
    poem.to_lowercase()
}

/// All in upper case.
#[callback]
fn shout(poem: String) -> String {
    poem.to_uppercase()
}

/// The last verse first.
#[callback]
fn backwards(poem: String) -> String {
    poem.lines().rev().flat_map(|verse| [verse, "\n"]).collect()
}

/// The verses in the order of the alphabet: on a thread, since sorting may take a while.
#[callback(blocking)]
fn alphabet(poem: String) -> String {
    let mut verses: Vec<&str> = poem.lines().filter(|verse| !verse.is_empty()).collect();
    verses.sort_unstable();
    verses.into_iter().flat_map(|verse| [verse, "\n"]).collect()
}

/// Set as a sonnet: the title, two quatrains, two tercets, the poet. Of most poems that fails.
#[callback]
fn sonnet(poem: String) -> Result<String, TransformError> {
    let lines: Vec<&str> = poem
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let [title, verses @ .., poet] = &lines[..] else {
        return Err(TransformError::NoSonnet { verses: 0 });
    };
    if verses.len() != 14 {
        let verses = verses.len();
        return Err(TransformError::NoSonnet { verses });
    }
    let (quatrains, tercets) = verses.split_at(8);
    let stanzas = quatrains.chunks(4).chain(tercets.chunks(3));
    let stanzas: Vec<String> = stanzas.map(|stanza| stanza.join("\n")).collect();
    Ok(format!("{title}\n\n{}\n\n{poet}\n", stanzas.join("\n\n")))
}
