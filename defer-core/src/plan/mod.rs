//! Where calls stand in the source, and drawing a chain before it runs.
//!
//! Chains tell what they are made of ([`Draw`]), node by node. A [`Plan`] writes that down;
//! what can be read from it, who waits for whom and where failures go, is worked out when
//! somebody looks at it (`tree`), and each manner of looking has a file of its own.

#[cfg(feature = "alloc")]
mod dot;
mod draw;
#[cfg(feature = "alloc")]
mod mermaid;
#[cfg(feature = "alloc")]
mod names;
mod node;
#[cfg(feature = "alloc")]
mod record;
mod site;
#[cfg(feature = "svg")]
mod svg;
#[cfg(feature = "alloc")]
mod text;
#[cfg(feature = "alloc")]
mod tree;

pub use self::draw::{Draw, leaf, leaf_of, node};
pub use self::node::Node;
#[cfg(feature = "alloc")]
pub use self::record::Plan;
pub use self::site::Site;
