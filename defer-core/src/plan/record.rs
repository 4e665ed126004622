//! A drawing that was written down.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use super::{Draw, Node};

/// A chain, drawn before it runs: made by [`Deferred::plan`](crate::Deferred::plan).
///
/// Nothing is polled, and nothing is written down while a chain is built: each call knows its
/// function, and each list its length. A chain that runs already is drawn as it is then: what
/// has come to its end is a `value`.
///
/// # What it shows
///
/// - Each annotated call with the file and the line of its function, below the call that
///   waits for it, with the name of the parameter that it is for.
/// - What runs at once: `2 at once` are two arguments that both have to be waited for.
/// - Where failures go: an errback says what it catches, and whether it always recovers. What
///   may fail says with which error, and to whom that goes: to the nearest errback around it,
///   to a function that takes outcomes, or to the caller.
/// - Lists with their size and their limit, limits of time, and what clones share: once.
///
/// Types are those of the signatures, as they are written there, or short names of them.
///
/// # How to look at it
///
/// | to get | ask |
/// | --- | --- |
/// | a tree for the terminal, a line for each node | `Display` |
/// | a picture in Markdown | [`to_mermaid`](Plan::to_mermaid) |
/// | a picture by Graphviz | [`to_dot`](Plan::to_dot) |
/// | a picture | `to_svg`, with the feature `svg` |
/// | the nodes themselves | [`nodes`](Plan::nodes) |
///
/// ```
/// use defer_core::{Failure, fail, list::gather};
///
/// let pages = gather([1, 2, 3].map(|n| fail::<u8, _>(Failure::msg("no")).add_callback(move |p| p * n)));
/// let plan = pages.plan().to_string();
/// assert!(plan.starts_with("list, 3 at once\n  add_callback\n"), "{plan}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub(super) drawn: Vec<Drawn>,
    depth: usize,
}

/// One node, as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) depth: usize,
    pub(super) node: Node,
    /// What is inside is the body that runs, and no arguments.
    pub(super) running: bool,
}

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
            fn running(&mut self) {
                self.plan.running();
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
    ///
    /// ```
    /// use defer_core::{Node, list::gather, succeed};
    ///
    /// let plan = gather([succeed(1), succeed(2)]).plan();
    /// let names: Vec<_> = plan.nodes().map(|(depth, node)| (depth, node.name())).collect();
    /// assert_eq!(names, [(0, "list"), (1, "value"), (1, "value")]);
    /// ```
    pub fn nodes(&self) -> impl Iterator<Item = (usize, Node)> + '_ {
        self.drawn.iter().map(|drawn| (drawn.depth, drawn.node))
    }

    /// A flow chart for [Mermaid](https://mermaid.js.org), which GitHub, GitLab and rustdoc
    /// with a plug-in show in place of a code block `mermaid`.
    ///
    /// Data flow from left to right. A dotted arrow is taken only after a failure, a red one may
    /// carry a failure.
    ///
    /// ```
    /// use defer_core::{list::gather, succeed};
    ///
    /// let drawn = gather([succeed(1), succeed(2)]).plan().to_mermaid();
    /// assert!(drawn.starts_with("flowchart LR\n"));
    /// assert!(drawn.contains("n1 --> n0"));
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        super::mermaid::mermaid(self)
    }

    /// A graph in the language of [Graphviz](https://graphviz.org): `dot -Tsvg`.
    ///
    /// The arrows are as in [`to_mermaid`](Plan::to_mermaid).
    ///
    /// ```
    /// use defer_core::{list::gather, succeed};
    ///
    /// let drawn = gather([succeed(1), succeed(2)]).plan().to_dot();
    /// assert!(drawn.starts_with("digraph plan {\n"));
    /// assert!(drawn.contains("n1 -> n0"));
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        super::dot::dot(self)
    }

    /// A picture that needs no program to be laid out, in the colours, dark or light, that
    /// the reader's system asks for. No part of it covers another, whatever the names are.
    ///
    /// The arrows are as in [`to_mermaid`](Plan::to_mermaid).
    ///
    /// ```
    /// use defer_core::{list::gather, succeed};
    ///
    /// let drawn = gather([succeed(1), succeed(2)]).plan().to_svg();
    /// assert!(drawn.starts_with("<svg "));
    /// ```
    #[cfg(feature = "svg")]
    #[must_use]
    pub fn to_svg(&self) -> String {
        super::svg::svg(self)
    }
}

impl Draw for Plan {
    fn open(&mut self, node: Node) {
        self.drawn.push(Drawn {
            depth: self.depth,
            node,
            running: false,
        });
        self.depth += 1;
    }
    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
    fn running(&mut self) {
        if let Some(last) = self.drawn.last_mut() {
            last.running = true;
        }
    }
}
