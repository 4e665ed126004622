//! The error of a batch function whose answers do not fit what it was asked.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt::{self, Debug};

/// So many keys are told; of the others, how many there are.
const TOLD: usize = 5;

/// The failure of a call whose key got no answer.
///
/// A batch function that returns a map, and leaves keys out of it, fails the calls for those
/// keys. One that returns a `Vec` of another length than it was asked for fails all of
/// them: nobody can tell whose the answers are. It becomes any error type with
/// `From<WrongAnswers>`, as [`Failure`](crate::Failure) has. Clones share their text.
///
/// ```
/// use defer_core::batch::WrongAnswers;
/// # use defer_core::__private::{Collector, turn};
/// # use defer_core::{Failure, Fails};
/// # type Users = Collector<u32, u8, Fails<Failure>>;
/// # let load_users = |_: Vec<u32>| std::collections::HashMap::<u32, u8>::new();
/// # let users = Users::fallible("load_users", turn, load_users);
/// # let user = |id| users.get(id);
/// # futures::executor::block_on(async {
/// // A function with `batch = load_users`, which returns an empty map.
/// let failure = user(7).await.unwrap_err();
/// assert_eq!(failure.to_string(), "`load_users` gave no answer for 7");
/// assert_eq!(failure.check::<WrongAnswers>().unwrap().keys(), ["7"]);
/// # });
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WrongAnswers {
    shared: Arc<Shared>,
}

#[derive(PartialEq, Eq)]
struct Shared {
    of: &'static str,
    asked: usize,
    given: usize,
    keys: Vec<String>,
    /// Answers belong to keys by their place.
    in_order: bool,
}

impl WrongAnswers {
    /// As many answers as there are keys were wanted, in their order.
    pub(crate) fn in_order<K: Debug>(of: &'static str, asked: &[K], given: usize) -> Self {
        WrongAnswers::new(of, asked.len(), given, asked.iter(), true)
    }

    /// These keys of so many have no answer.
    pub(crate) fn without<'k, K: Debug + 'k>(
        of: &'static str,
        asked: usize,
        missing: impl ExactSizeIterator<Item = &'k K>,
    ) -> Self {
        WrongAnswers::new(of, asked, asked - missing.len(), missing, false)
    }

    fn new<'k, K: Debug + 'k>(
        of: &'static str,
        asked: usize,
        given: usize,
        keys: impl Iterator<Item = &'k K>,
        in_order: bool,
    ) -> Self {
        let keys = keys.map(|key| format!("{key:?}")).collect();
        WrongAnswers {
            shared: Arc::new(Shared {
                of,
                asked,
                given,
                keys,
                in_order,
            }),
        }
    }

    /// The name of the batch function.
    #[must_use]
    pub fn function(&self) -> &str {
        self.shared.of
    }

    /// For how many keys it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.shared.asked
    }

    /// How many answers it gave: more, perhaps, than it was asked for.
    #[must_use]
    pub fn given(&self) -> usize {
        self.shared.given
    }

    /// The keys that are without an answer, as `Debug` writes them, in the order in which
    /// they were asked for.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.shared.keys
    }
}

/// The first few keys, and how many more there are.
struct Told<'a>(&'a [String]);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One more takes no more room than saying so.
        let told = if self.0.len() == TOLD + 1 {
            TOLD + 1
        } else {
            TOLD
        };
        for (index, key) in self.0.iter().take(told).enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(key)?;
        }
        match self.0.len().saturating_sub(told) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for WrongAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared {
            of,
            asked,
            given,
            keys,
            in_order,
        } = &*self.shared;
        let keys = Told(keys);
        let (s, many) = if *asked == 1 {
            ("", "it is")
        } else {
            ("s", "which is")
        };
        match (in_order, asked) {
            (true, _) => {
                let answers = if *given == 1 { "answer" } else { "answers" };
                write!(
                    f,
                    "`{of}` was asked for {asked} key{s} and gave {given} {answers}, so nobody can \
                     tell whose {many}: {keys}"
                )
            }
            (false, 1) => write!(f, "`{of}` gave no answer for {keys}"),
            (false, _) => {
                let missing = asked - given;
                write!(
                    f,
                    "`{of}` gave no answer for {missing} of {asked} keys: {keys}"
                )
            }
        }
    }
}

impl Debug for WrongAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrongAnswers")
            .field("function", &self.shared.of)
            .field("asked", &self.shared.asked)
            .field("given", &self.shared.given)
            .field("keys", &self.shared.keys)
            .finish()
    }
}

impl Error for WrongAnswers {}

/// An error that can say that a key got no answer: one with `From<WrongAnswers>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot say that a batch function gave no answer for a key",
    label = "this error has no `From<WrongAnswers>`",
    note = "implement `From<defer::batch::WrongAnswers>` for `{Self}`, or fail with `defer::Failure`"
)]
pub trait FromWrongAnswers {
    /// Make one of it.
    fn from_wrong_answers(wrong: WrongAnswers) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<WrongAnswers>> FromWrongAnswers for E {
    fn from_wrong_answers(wrong: WrongAnswers) -> Self {
        wrong.into()
    }
}
