//! A plan in the language of Graphviz.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::Plan;
use super::tree::Tree;

const FAILURE: &str = "#d1242f";

pub(super) fn dot(plan: &Plan) -> String {
    let tree = Tree::of(plan);
    let mut text = String::from(
        "digraph plan {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
    );
    for (place, branch) in tree.branches.iter().enumerate() {
        if branch.drawn_at(place).is_some() {
            continue;
        }
        let label = quoted(&branch.lines(&tree).join("\n"));
        let _ = write!(text, "  n{place} [label={label}");
        match branch.node.site() {
            Some(site) if site.catches.is_some() => {
                let _ = write!(text, ", color=\"{FAILURE}\", penwidth=2");
            }
            Some(_) => {}
            None => text.push_str(", style=rounded"),
        }
        text.push_str("];\n");
    }
    for (place, branch) in tree.branches.iter().enumerate() {
        let Some(parent) = branch.parent else {
            continue;
        };
        let from = branch.drawn_at(place).unwrap_or(place);
        let mut looks = Vec::new();
        if let Some(name) = branch.parameter {
            looks.push(format!("label={}", quoted(name)));
        }
        if branch.after_failure {
            looks.push("style=dashed".to_string());
        }
        if !branch.errors.is_empty() {
            looks.push(format!("color=\"{FAILURE}\""));
        }
        let _ = writeln!(text, "  n{from} -> n{parent} [{}];", looks.join(", "));
    }
    text.push_str("}\n");
    text
}

/// A string of Graphviz.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
