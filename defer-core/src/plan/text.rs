//! A plan for the terminal.

use core::fmt;

use super::Plan;
use super::tree::Tree;

impl fmt::Display for Plan {
    /// A line for each node, below the one that waits for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tree = Tree::of(self);
        for branch in &tree.branches {
            write!(f, "{:indent$}", "", indent = branch.depth * 2)?;
            if let Some(name) = branch.parameter {
                write!(f, "{name}: ")?;
            }
            f.write_str(&branch.title())?;
            if let Some(stands) = branch.stands() {
                write!(f, " ({stands})")?;
            }
            for remark in branch.remarks(&tree) {
                write!(f, ", {remark}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
