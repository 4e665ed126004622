//! Where calls stand in the source, and drawing a chain before it runs.

#[cfg(feature = "alloc")]
use alloc::{collections::BTreeSet, vec::Vec};
#[cfg(feature = "alloc")]
use core::fmt;

use crate::adopt::Adopts;

/// An annotated function: its name, where it stands, what its parameters are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// The name of the function.
    pub name: &'static str,
    /// The file, as `file!()` gives it.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
    /// The names of the deferrable parameters, in order.
    pub params: &'static [&'static str],
    /// The function that answers its calls, many at once, if there is one.
    pub batch: Option<&'static str>,
    /// How its errors take in a cancellation.
    adopts: Adopts,
}

impl Site {
    /// Made by the attributes.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        file: &'static str,
        line: u32,
        params: &'static [&'static str],
        adopts: Adopts,
    ) -> Self {
        Site {
            name,
            file,
            line,
            params,
            batch: None,
            adopts,
        }
    }

    /// Made by `#[callback(batch = ..)]`.
    #[doc(hidden)]
    #[must_use]
    pub const fn in_batches_of(self, function: &'static str) -> Self {
        Site {
            batch: Some(function),
            ..self
        }
    }

    /// A cancellation as an `E`, if that is an error of this function with `From<Cancelled>`.
    pub(crate) fn adopt<E: 'static>(&'static self) -> Option<E> {
        self.adopts.adopt(Node::Call(self))
    }
}

/// One node of a drawn chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Node {
    /// The call of an annotated function.
    Call(&'static Site),
    /// A combinator, or a leaf: `gather`, `add_callback`, `future`, `value`.
    Named(&'static str),
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

#[cfg(feature = "alloc")]
impl Node {
    /// The name that it is drawn with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Node::Call(site) => site.name,
            Node::Named(name) | Node::List { name, .. } => name,
        }
    }
}

/// What a chain draws itself to: a tree, told in depth-first order.
pub trait Draw {
    /// A node begins; what is told until its [`close`](Draw::close) is inside it.
    fn open(&mut self, node: Node);
    /// The innermost open node ends.
    fn close(&mut self);
    /// Whether what is inside of the open node is wanted. A chain that is asked to draw
    /// itself may be large, and the name of its outermost call enough.
    fn enters(&self) -> bool {
        true
    }
    /// Whether what clones share is wanted here: it is met once for each clone that is in the
    /// chain, under the same identity.
    #[doc(hidden)]
    fn enters_shared(&mut self, _identity: usize) -> bool {
        true
    }
    /// Whether a box is drawn by whoever asked for the drawing: later, with more stack.
    #[doc(hidden)]
    #[cfg(feature = "alloc")]
    fn set_aside(&mut self, _: crate::node::Aside<'_>) -> bool {
        false
    }
}

/// A node, and what `inside` draws in it, where that is wanted.
pub fn node(to: &mut dyn Draw, node: Node, inside: impl FnOnce(&mut dyn Draw)) {
    to.open(node);
    if to.enters() {
        inside(to);
    }
    to.close();
}

/// A node without anything inside.
pub fn leaf(to: &mut dyn Draw, name: &'static str) {
    to.open(Node::Named(name));
    to.close();
}

/// A chain, drawn before it runs: made by [`Deferred::plan`](crate::Deferred::plan).
///
/// `Display` writes one call a line, indented below the call that waits for it.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    nodes: Vec<(usize, Node)>,
    depth: usize,
}

#[cfg(feature = "alloc")]
impl Plan {
    /// Of this chain. What clones share is drawn where the first of them stands.
    pub(crate) fn of<F: crate::Chain>(chain: &F) -> Self {
        struct Once<'p> {
            plan: &'p mut Plan,
            drawn: BTreeSet<usize>,
        }
        impl Draw for Once<'_> {
            fn open(&mut self, node: Node) {
                self.plan.open(node);
            }
            fn close(&mut self) {
                self.plan.close();
            }
            fn enters_shared(&mut self, identity: usize) -> bool {
                self.drawn.insert(identity)
            }
        }
        let mut plan = Plan::default();
        chain.describe(&mut Once {
            plan: &mut plan,
            drawn: BTreeSet::new(),
        });
        plan
    }

    /// The nodes with their depth, outermost first.
    pub fn nodes(&self) -> impl Iterator<Item = (usize, Node)> + '_ {
        self.nodes.iter().copied()
    }
}

#[cfg(feature = "alloc")]
impl Draw for Plan {
    fn open(&mut self, node: Node) {
        self.nodes.push((self.depth, node));
        self.depth += 1;
    }
    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

#[cfg(feature = "alloc")]
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, node) in &self.nodes {
            let indent = depth * 2;
            match node {
                Node::Call(site) => {
                    write!(
                        f,
                        "{:indent$}{} ({}:{})",
                        "", site.name, site.file, site.line
                    )?;
                    match site.batch {
                        Some(function) => writeln!(f, " in batches of {function}")?,
                        None => writeln!(f)?,
                    }
                }
                Node::Named(name) => writeln!(f, "{:indent$}{name}", "")?,
                Node::List {
                    name,
                    size,
                    exact,
                    limit,
                } => {
                    let more = if *exact { "" } else { " or more" };
                    write!(f, "{:indent$}{name} of {size}{more}", "")?;
                    if let Some(limit) = limit {
                        write!(f, ", {limit} at once")?;
                    }
                    writeln!(f)?;
                }
            }
        }
        Ok(())
    }
}
