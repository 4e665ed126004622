//! How a chain tells what it is made of.

use super::Node;

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
    /// What follows inside of the open node is the body that runs, and no arguments.
    #[doc(hidden)]
    fn running(&mut self) {}
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

/// A node that waits, and yields a `T`.
pub fn leaf_of<T>(to: &mut dyn Draw, name: &'static str) {
    to.open(Node::Leaf {
        name,
        yields: core::any::type_name::<T>(),
    });
    to.close();
}
