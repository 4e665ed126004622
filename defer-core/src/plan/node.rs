//! One node of a drawing.

use core::time::Duration;

use super::Site;

/// One node of a drawn chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Node {
    /// The call of an annotated function.
    Call(&'static Site),
    /// A combinator, or a leaf: `gather`, `add_callback`, `value`.
    Named(&'static str),
    /// A leaf that is waited for: `future`, `hand-made`, `thread`.
    Leaf {
        /// What it is.
        name: &'static str,
        /// The type of what it yields, as [`type_name`](core::any::type_name) has it.
        yields: &'static str,
    },
    /// A limit of time around what is inside.
    Limited {
        /// `timeout` or `deadline`.
        name: &'static str,
        /// How long what is inside may take. `None`: that depends on when it begins.
        limit: Option<Duration>,
    },
    /// What clones share, once for each clone that is met.
    Shared {
        /// The same for all clones.
        identity: usize,
    },
    /// A list of many deferreds.
    List {
        /// The name of the function that made it.
        name: &'static str,
        /// How many members there are still to be heard of, at least.
        size: usize,
        /// Whether there are no more than that.
        exact: bool,
        /// How many of them run at once, if there is a limit.
        limit: Option<usize>,
    },
}

impl Node {
    /// The name that it is drawn with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Node::Call(site) => site.name,
            Node::Named(name)
            | Node::Leaf { name, .. }
            | Node::Limited { name, .. }
            | Node::List { name, .. } => name,
            Node::Shared { .. } => "shared",
        }
    }

    /// The annotated function, if it is the call of one.
    #[must_use]
    pub const fn site(self) -> Option<&'static Site> {
        match self {
            Node::Call(site) => Some(site),
            _ => None,
        }
    }
}
