//! The trail of a failure: the named calls that it passed on its way outward.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::attempts::{Attempt, Reason, Tries};
use crate::passing::{Drawn, outermost};
use crate::plan::Node;

/// So many hops are kept: the first half of them and the last half.
const KEPT: usize = 32;
/// So many different siblings are named.
const NAMED: usize = 8;

/// The calls that a [`Failure`](crate::Failure) passed, innermost first.
///
/// Each annotated call and each closure of the fluent form writes one [`Hop`] when a
/// failure passes it; nothing is written on success, and no backtrace is taken. What is kept
/// is bounded: of a long trail the first 16 hops and the last 16, and the
/// [number](Trail::left_out) of those between them.
///
/// `Display` writes one line:
///
/// ```text
/// in fetch_user (src/a.rs:12) <- enrich arg 2 (src/b.rs:40) <- render (src/c.rs:7)
/// ```
///
/// The first hop begins with `in` where the failure was raised, with `from` where it came
/// out of that call as an error of another type, with `at` where nothing is known of what
/// was before. `arg 2` is the second of the parameters that take deferreds, `arg 2[17]` the
/// 18th member of the list that was passed there.
///
/// ```
/// use defer_core::{Failure, fail};
/// # futures::executor::block_on(async {
/// let chain = fail::<u8, _>(Failure::msg("no such page")).add_callback(|n| n + 1);
/// let failure = chain.await.unwrap_err();
/// assert_eq!(failure.trail().to_string(), "at add_callback");
/// assert_eq!(format!("{failure:#}"), "no such page at add_callback");
/// # });
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Trail {
    hops: Vec<Hop>,
    left_out: usize,
}

impl Trail {
    /// What is kept of the hops, innermost first.
    ///
    /// ```
    /// use defer_core::{Failure, Passage, fail};
    /// # futures::executor::block_on(async {
    /// let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// let failure = chain.await.unwrap_err();
    /// let hops: Vec<_> = failure.trail().hops().collect();
    /// assert_eq!((hops[0].name(), hops[0].passage()), ("add_callback", Passage::Skipped));
    /// # });
    /// ```
    pub fn hops(&self) -> impl DoubleEndedIterator<Item = &Hop> + ExactSizeIterator {
        self.hops.iter()
    }

    /// How many hops there were, those that are not kept among them.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert_eq!(Failure::msg("no").trail().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.hops.len() + self.left_out
    }

    /// Whether the failure has passed nothing that has a name.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert!(Failure::msg("no").trail().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hops.is_empty()
    }

    /// How many hops are not kept. They were between the first half of
    /// [`hops`](Trail::hops) and the last.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert_eq!(Failure::msg("no").trail().left_out(), 0);
    /// ```
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The last hop, which is the outermost.
    pub(crate) fn last(&self) -> Option<&Hop> {
        self.hops.last()
    }

    pub(crate) fn push(&mut self, passage: Passage, node: Node, through: Through) {
        if self.hops.len() == KEPT {
            self.hops.remove(KEPT / 2);
            self.left_out += 1;
        }
        self.hops.push(Hop {
            node,
            passage,
            through,
        });
    }

    /// The hops with what was left out before each.
    fn with_gap(&self) -> impl Iterator<Item = (usize, &Hop)> {
        let gap = |place| if place == KEPT / 2 { self.left_out } else { 0 };
        let hops = self.hops.iter().enumerate();
        hops.map(move |(place, hop)| (gap(place), hop))
    }

    /// A line for each hop, below the message of the failure.
    pub(crate) fn write_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (gap, hop) in self.with_gap() {
            if gap > 0 {
                write!(f, "\n  … {gap} more")?;
            }
            let verb = match hop.passage {
                Passage::Raised => "raised in",
                Passage::Cancelled => "cancelled in",
                Passage::Left => "out of",
                Passage::Caught => "caught by",
                Passage::Skipped => "skipped",
                Passage::Passed => "passed",
                Passage::GivenUp => "given up by",
            };
            write!(f, "\n  {verb} {hop:#}")?;
            if let Some(tries) = &hop.through.tries {
                tries.write_lines(f)?;
            }
            hop.through.write_dropped(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (gap, hop)) in self.with_gap().enumerate() {
            if gap > 0 {
                write!(f, " <- … {gap} more")?;
            }
            f.write_str(match (place, hop.passage) {
                (0, Passage::Raised | Passage::Cancelled) => "in ",
                (0, Passage::Left) => "from ",
                (0, _) => "at ",
                _ => " <- ",
            })?;
            write!(f, "{hop}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trail({self})")
    }
}

/// One call that a failure passed, or a closure of the fluent form.
///
/// `Display` writes it as in the line of a [`Trail`]: `enrich arg 2 (src/b.rs:40)`; `{:#}`
/// adds the name of the parameter.
///
/// ```
/// use defer_core::{Failure, fail};
/// # futures::executor::block_on(async {
/// let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
/// let failure = chain.await.unwrap_err();
/// assert_eq!(failure.trail().hops().next().unwrap().to_string(), "add_callback");
/// # });
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Hop {
    node: Node,
    passage: Passage,
    through: Through,
}

/// What happened to a failure at a [`Hop`].
///
/// ```
/// use defer_core::{Failure, Passage, fail};
/// # futures::executor::block_on(async {
/// let chain = fail::<u8, _>(Failure::msg("no")).add_errback(|_| Err::<u8, _>(Failure::msg("again")));
/// let failure = chain.await.unwrap_err();
/// let hop = failure.trail().hops().next().unwrap();
/// assert_eq!(hop.passage(), Passage::Raised);
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Passage {
    /// The body made it.
    Raised,
    /// A cancellation became the failure here.
    Cancelled,
    /// It came out of this call as an error of another type. Whether the body made it, or
    /// something inside, is not known.
    Left,
    /// This errback took it, as the first that could write it down.
    Caught,
    /// The body did not run, because an argument failed with it.
    Skipped,
    /// The body returned it, and had it from somewhere else.
    Passed,
    /// It was the failure of the last attempt of several: see [`Hop::attempts`].
    GivenUp,
}

impl Hop {
    /// The name of the annotated function, or of the combinator.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.name(), "add_callback");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.node.name()
    }

    /// The file in which the function stands. `None` for a combinator: its place would
    /// have to be kept in the chain.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.file(), None);
    /// ```
    #[must_use]
    pub fn file(&self) -> Option<&'static str> {
        Some(self.node.site()?.file)
    }

    /// The line in which the function stands, counted from 1.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.line(), None);
    /// ```
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        Some(self.node.site()?.line)
    }

    /// What happened here.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.passage(), Passage::Skipped);
    /// ```
    #[must_use]
    pub fn passage(&self) -> Passage {
        self.passage
    }

    /// Through which argument it came, counted from 1.
    ///
    /// Parameters that cannot be deferreds are not counted, nor is the first parameter of
    /// an errback.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.argument(), None); // a closure has no parameters to choose from
    /// ```
    #[must_use]
    pub fn argument(&self) -> Option<usize> {
        let only = || self.passage == Passage::Skipped && self.params().len() == 1;
        match self.through.argument {
            Some(place) => Some(usize::from(place) + 1),
            None => only().then_some(1),
        }
    }

    /// What the parameter for that argument is called.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.parameter(), None);
    /// ```
    #[must_use]
    pub fn parameter(&self) -> Option<&'static str> {
        self.params().get(self.argument()? - 1).copied()
    }

    /// Which member of that argument, counted from 0, if a list or a tuple was passed.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.index(), None);
    /// ```
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        Some(self.through.index? as usize)
    }

    /// The arguments and members that were still pending and were dropped: the names of
    /// their outermost calls, and how many there were of each. Not all of them, if there
    /// were many: see [`dropped_count`](Hop::dropped_count).
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.dropped().count(), 0);
    /// ```
    pub fn dropped(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        let dropped = self.through.dropped.iter();
        dropped.flat_map(|dropped| dropped.names.iter().copied())
    }

    /// How many were dropped.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.dropped_count(), 0);
    /// ```
    #[must_use]
    pub fn dropped_count(&self) -> usize {
        let more = self.through.dropped.as_ref().map_or(0, |some| some.more);
        self.dropped().map(|(_, count)| count).sum::<usize>() + more
    }

    /// How many attempts there were, if the hop is a call that was retried.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.attempt(), None); // a callback is called once
    /// ```
    #[must_use]
    pub fn attempt(&self) -> Option<usize> {
        self.through.tries.as_ref().map(Tries::count)
    }

    /// The attempts before this failure, the first one first, if the hop is a call that was
    /// retried. Of many, the first 16 and the last 15.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert!(hop.attempts().is_empty());
    /// ```
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<crate::Failure>] {
        self.through.tries.as_ref().map_or(&[], Tries::earlier)
    }

    /// Why there was no further attempt, if the hop is a call that was retried and given up.
    ///
    /// ```
    /// # use defer_core::{Failure, Passage, fail};
    /// # let chain = fail::<u8, _>(Failure::msg("no")).add_callback(|n| n + 1);
    /// # let failure = futures::executor::block_on(chain).unwrap_err();
    /// # let hop = failure.trail().hops().next().unwrap();
    /// assert_eq!(hop.reason(), None);
    /// ```
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.through.tries.as_ref().and_then(Tries::reason)
    }

    fn params(&self) -> &'static [&'static str] {
        self.node.site().map_or(&[], |site| site.params)
    }

    pub(crate) fn is_at(&self, node: Node) -> bool {
        self.node == node
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Some(argument) = self.argument() {
            // Of one there is nothing to tell.
            if self.params().len() != 1 || self.through.index.is_some() {
                write!(f, " arg {argument}")?;
            }
        }
        if let Some(index) = self.index() {
            write!(f, "[{index}]")?;
        }
        if let Some(attempt) = self.attempt() {
            write!(f, " after attempt {attempt}")?;
        }
        if let Some(name) = self.parameter().filter(|_| f.alternate()) {
            write!(f, " `{name}`")?;
        }
        match self.node.site() {
            Some(site) => write!(f, " ({}:{})", site.file, site.line),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hop({:?}: {self:#})", self.passage)
    }
}

/// What is known of the way into a call before the call itself writes its hop.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Through {
    argument: Option<u8>,
    index: Option<u32>,
    dropped: Option<Box<Dropped>>,
    pub(crate) tries: Option<Tries>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Dropped {
    names: Vec<(&'static str, usize)>,
    more: usize,
}

impl Through {
    pub(crate) fn argument(&mut self, place: usize, siblings: &[&dyn Drawn]) {
        self.argument = u8::try_from(place).ok();
        let others = siblings.iter().enumerate();
        for (_, sibling) in others.filter(|(at, _)| *at != place) {
            self.drop_one(*sibling);
        }
    }

    pub(crate) fn member(&mut self, place: usize, pending: &[&dyn Drawn], more: usize) {
        self.index = u32::try_from(place).ok();
        for sibling in pending {
            self.drop_one(*sibling);
        }
        if more > 0 {
            self.dropped.get_or_insert_default().more += more;
        }
    }

    pub(crate) fn tuple(&mut self) {
        self.index = self.argument.take().map(u32::from);
    }

    fn drop_one(&mut self, sibling: &dyn Drawn) {
        // A value was not pending, and what has no name is there already.
        let Some(name) = outermost(sibling).map(|node| node.name()) else {
            return;
        };
        if name == "value" {
            return;
        }
        let dropped = self.dropped.get_or_insert_default();
        let known = dropped.names.iter().position(|(known, _)| *known == name);
        match known {
            Some(at) => dropped.names[at].1 += 1,
            None if dropped.names.len() < NAMED => dropped.names.push((name, 1)),
            None => dropped.more += 1,
        }
    }

    fn write_dropped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(dropped) = &self.dropped else {
            return Ok(());
        };
        f.write_str("\n    and dropped ")?;
        for (place, (name, count)) in dropped.names.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{name}")?;
            if *count > 1 {
                write!(f, " ×{count}")?;
            }
        }
        match dropped.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
