//! `Failure`: the error type for chains whose errors are of many kinds.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;
use core::mem::take;

use crate::attempts::Tries;
use crate::boxed_failure::BoxedFailure;
use crate::passing::{Drawn, Event, outermost};
use crate::plan::Node;
use crate::trail::{Hop, Passage, Through, Trail};

/// Any error, behind one type that is one word large and cheap to clone, with the
/// [`Trail`] of the calls that it passed.
///
/// Made by `?` or `into()` from every `Error + Send + Sync + 'static`, so that callbacks
/// whose errors differ can share a chain. Chains with one error type of their own need no
/// `Failure`: a typed error stays what it is, and has no trail.
///
/// | written as | what a reader gets |
/// | --- | --- |
/// | `{}` | the message of the error |
/// | `{:#}` | the message and the trail, in one line |
/// | `{:?}` | the message, what caused it, and the trail, one line each |
///
/// Twisted: `failure.Failure`, with [`check`](Failure::check) and
/// [`trap`](Failure::trap); its traceback is the trail.
///
/// ```
/// use defer_core::Failure;
///
/// fn port(text: &str) -> Result<u16, Failure> {
///     Ok(text.parse::<u16>()?)
/// }
/// assert_eq!(port("80").unwrap(), 80);
/// let failure = port("http").unwrap_err();
/// assert!(failure.check::<std::num::ParseIntError>().is_some());
/// assert_eq!(failure.to_string(), "invalid digit found in string");
/// ```
#[derive(Clone)]
pub struct Failure {
    // One word, so that the `Result`s of a chain stay small.
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    error: Arc<dyn Held>,
    trail: Trail,
    /// Of the next hop.
    through: Through,
}

impl Failure {
    /// From a message alone.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert_eq!(Failure::msg("no such page").to_string(), "no such page");
    /// ```
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Failure::from(Message(message.into()))
    }

    /// From an error that is boxed already, or becomes a box, as an `anyhow::Error` does.
    ///
    /// `?` alone cannot do it: a box of an error is not an `Error` itself. So it is
    /// `.map_err(Failure::from_boxed)?`. A failure that was boxed is itself again, trail and all; into
    /// a box it goes by `?`.
    ///
    /// ```
    /// use defer_core::Failure;
    ///
    /// # mod anyhow { pub type Error = Box<dyn std::error::Error + Send + Sync>; }
    /// fn read() -> Result<u8, anyhow::Error> {
    ///     Err("no such page".into())
    /// }
    /// fn page() -> Result<u8, Failure> {
    ///     read().map_err(Failure::from_boxed)
    /// }
    /// assert_eq!(page().unwrap_err().to_string(), "no such page");
    /// ```
    #[must_use]
    pub fn from_boxed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        match error.into().downcast::<BoxedFailure>() {
            Ok(failure) => failure.0,
            Err(error) => Failure::new(Boxed(error)),
        }
    }

    /// Another error in its place, with the same trail: to say more of what has happened
    /// without losing where.
    ///
    /// Clones keep the error that they have.
    ///
    /// ```
    /// use defer_core::{Cancelled, Failure, TimedOut};
    ///
    /// let late = Failure::from(Cancelled).with_error(TimedOut::default());
    /// assert!(late.is_timeout() && !late.is_cancelled());
    /// ```
    #[must_use]
    pub fn with_error<E: Error + Send + Sync + 'static>(mut self, error: E) -> Self {
        Arc::make_mut(&mut self.inner).error = Arc::new(Own(error));
        self
    }

    fn new(error: impl Held + 'static) -> Self {
        Failure {
            inner: Arc::new(Inner {
                error: Arc::new(error),
                trail: Trail::default(),
                through: Through::default(),
            }),
        }
    }

    /// The error, if it is an `E`.
    ///
    /// ```
    /// use defer_core::{Abandoned, Failure};
    /// let failure = Failure::from(Abandoned);
    /// assert_eq!(failure.check::<Abandoned>(), Some(&Abandoned));
    /// assert!(failure.check::<std::fmt::Error>().is_none());
    /// ```
    #[must_use]
    pub fn check<E: Error + 'static>(&self) -> Option<&E> {
        self.error().downcast_ref()
    }

    /// The error by value, if it is an `E` and no clone of the failure has it as well.
    ///
    /// # Errors
    ///
    /// This failure, if the error is another one or is shared.
    ///
    /// ```
    /// use defer_core::{Abandoned, Failure};
    ///
    /// assert_eq!(Failure::from(Abandoned).downcast::<Abandoned>().unwrap(), Abandoned);
    ///
    /// let failure = Failure::from(Abandoned);
    /// let clone = failure.clone();
    /// let failure = failure.downcast::<Abandoned>().unwrap_err();
    /// drop(clone);
    /// assert!(failure.downcast::<Abandoned>().is_ok());
    /// ```
    pub fn downcast<E: Error + 'static>(self) -> Result<E, Failure> {
        if self.check::<E>().is_none() {
            return Err(self);
        }
        let Inner {
            error,
            trail,
            through,
        } = Arc::try_unwrap(self.inner).map_err(|inner| Failure { inner })?;
        let error = match error.take() {
            Ok(error) => error,
            Err(error) => {
                let inner = Arc::new(Inner {
                    error,
                    trail,
                    through,
                });
                return Err(Failure { inner });
            }
        };
        match error.downcast() {
            Ok(error) => Ok(*error),
            Err(_) => unreachable!("the type was looked at before"),
        }
    }

    /// Whether the deferred was cancelled.
    ///
    /// ```
    /// use defer_core::{Cancelled, Failure};
    /// assert!(Failure::from(Cancelled).is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.check::<crate::Cancelled>().is_some()
    }

    /// Whether it is a [`TimedOut`](crate::TimedOut). An error of another kind that tells of
    /// a timeout, as an `io::Error` can, is none.
    ///
    /// ```
    /// use defer_core::{Failure, TimedOut};
    /// assert!(Failure::from(TimedOut::default()).is_timeout());
    /// assert!(!Failure::msg("timed out").is_timeout());
    /// ```
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.check::<crate::TimedOut>().is_some()
    }

    /// The error if it is an `E`, else the failure again: `failure.trap::<NotFound>()?`
    /// in an errback handles one kind of error and lets the others go on.
    ///
    /// # Errors
    ///
    /// A clone of this failure, if it is not an `E`.
    ///
    /// ```
    /// use defer_core::{Abandoned, Failure};
    ///
    /// fn only_abandoned(failure: Failure) -> Result<u8, Failure> {
    ///     failure.trap::<Abandoned>()?;
    ///     Ok(0)
    /// }
    /// assert_eq!(only_abandoned(Abandoned.into()).unwrap(), 0);
    /// assert!(only_abandoned(Failure::msg("other")).is_err());
    /// ```
    pub fn trap<E: Error + 'static>(&self) -> Result<&E, Failure> {
        self.check().ok_or_else(|| self.clone())
    }

    /// The error itself.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert!(Failure::msg("alone").error().source().is_none());
    /// ```
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.inner.error.error()
    }

    /// The error, what caused it, what caused that, and so on.
    ///
    /// ```
    /// use defer_core::Failure;
    ///
    /// let failure = Failure::from_boxed("no such page");
    /// let messages: Vec<_> = failure.chain().map(ToString::to_string).collect();
    /// assert_eq!(messages, ["no such page"]);
    /// ```
    pub fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: &(dyn Error + 'static) = self.error();
        core::iter::successors(Some(first), |&error| error.source())
    }

    /// The calls that the failure passed, innermost first.
    ///
    /// A clone has the same trail up to where it was cloned. Only a failure that travels
    /// along a chain has one: what a body makes and handles itself has not passed anything.
    ///
    /// ```
    /// use defer_core::{Failure, fail};
    /// # futures::executor::block_on(async {
    /// let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// let failure = chain.await.unwrap_err();
    /// assert_eq!(failure.trail().len(), 1);
    /// # });
    /// ```
    #[must_use]
    pub fn trail(&self) -> &Trail {
        &self.inner.trail
    }

    /// Write down that it was the last of several attempts.
    pub(crate) fn note_given_up(&mut self, by: Node, tries: Tries) {
        self.note_tries(Passage::GivenUp, by, tries);
    }

    /// Write down that it is a cancellation between two attempts.
    pub(crate) fn note_cancelled_between(&mut self, by: Node, tries: Tries) {
        self.note_tries(Passage::Cancelled, by, tries);
    }

    fn note_tries(&mut self, passage: Passage, by: Node, tries: Tries) {
        let Inner { trail, through, .. } = Arc::make_mut(&mut self.inner);
        let mut through = take(through);
        through.tries = Some(tries);
        trail.push(passage, by, through);
    }

    /// Write down what happens to it. Its clones keep the trail that they have.
    pub(crate) fn note(&mut self, event: Event<'_>) {
        let Inner { trail, through, .. } = Arc::make_mut(&mut self.inner);
        match event {
            Event::Returned(node) if trail.is_empty() => {
                trail.push(Passage::Raised, node, Through::default());
            }
            Event::Returned(node) => {
                // An errback that took it is on the trail already.
                let took = |hop: &&Hop| {
                    matches!(hop.passage(), Passage::Caught | Passage::Cancelled) && hop.is_at(node)
                };
                if trail.last().filter(took).is_none() {
                    trail.push(Passage::Passed, node, Through::default());
                }
            }
            Event::Skipped(node) => trail.push(Passage::Skipped, node, take(through)),
            Event::Caught(node) if trail.is_empty() => {
                trail.push(Passage::Caught, node, Through::default());
            }
            Event::Caught(_) => {}
            Event::Cancelled(node) => trail.push(Passage::Cancelled, node, Through::default()),
            Event::Lifted(chain) => begin(trail, chain),
            Event::Argument { place, all } => {
                if let Some(chain) = all.get(place) {
                    begin(trail, *chain);
                }
                through.argument(place, all);
            }
            Event::Member {
                place,
                pending,
                more,
            } => through.member(place, pending, more),
            Event::Tuple => through.tuple(),
        }
    }
}

/// The call that a failure without a trail came out of, as its first hop.
fn begin(trail: &mut Trail, chain: &dyn Drawn) {
    if !trail.is_empty() {
        return;
    }
    if let Some(node @ Node::Call(_)) = outermost(chain) {
        trail.push(Passage::Left, node, Through::default());
    }
}

/// An error as a failure holds it: to be looked at, and to be had back.
trait Held: Send + Sync {
    fn error(&self) -> &(dyn Error + Send + Sync + 'static);
    /// The error in a box of its own, if nobody else holds it.
    fn take(self: Arc<Self>) -> Result<Box<dyn Error + Send + Sync>, Arc<dyn Held>>;
}

/// An error that was boxed before it became a failure.
struct Boxed(Box<dyn Error + Send + Sync>);

impl Held for Boxed {
    fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
    fn take(self: Arc<Self>) -> Result<Box<dyn Error + Send + Sync>, Arc<dyn Held>> {
        Arc::try_unwrap(self)
            .map(|held| held.0)
            .map_err(|shared| shared as Arc<dyn Held>)
    }
}

/// An error of a known type.
struct Own<E>(E);

impl<E: Error + Send + Sync + 'static> Held for Own<E> {
    fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &self.0
    }
    fn take(self: Arc<Self>) -> Result<Box<dyn Error + Send + Sync>, Arc<dyn Held>> {
        Arc::try_unwrap(self)
            .map(|held| Box::new(held.0) as Box<dyn Error + Send + Sync>)
            .map_err(|shared| shared as Arc<dyn Held>)
    }
}

// As with every such type, `Failure` itself is no `Error`: this would overlap with
// `impl From<T> for T`.
impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::new(Own(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.error(), f)?;
        if f.alternate() && !self.trail().is_empty() {
            write!(f, " {}", self.trail())?;
        }
        Ok(())
    }
}

/// What `unwrap` and `main` print.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error())?;
        let mut said = self.error().to_string();
        for cause in self.chain().skip(1) {
            // Many errors repeat their cause in their own message.
            let text = cause.to_string();
            if !said.ends_with(&text) {
                write!(f, "\n  caused by: {text}")?;
            }
            said = text;
        }
        self.trail().write_lines(f)
    }
}

struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error for Message {}
