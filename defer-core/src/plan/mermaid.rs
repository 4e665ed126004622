//! A plan as a flow chart for Mermaid.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::Plan;
use super::tree::{Branch, Tree};

pub(super) fn mermaid(plan: &Plan) -> String {
    let tree = Tree::of(plan);
    let mut text = String::from("flowchart LR\n");
    for (place, branch) in tree.branches.iter().enumerate() {
        if branch.drawn_at(place).is_none() {
            let _ = writeln!(text, "  n{place}{}", shape(branch, &tree));
        }
    }
    let mut edges = 0;
    let mut failing = String::new();
    for (place, branch) in tree.branches.iter().enumerate() {
        let Some(parent) = branch.parent else {
            continue;
        };
        let from = branch.drawn_at(place).unwrap_or(place);
        let arrow = if branch.after_failure { "-.->" } else { "-->" };
        let name = branch.parameter.map(|name| format!("|{}|", escaped(name)));
        let _ = writeln!(
            text,
            "  n{from} {arrow}{} n{parent}",
            name.unwrap_or_default()
        );
        if !branch.errors.is_empty() {
            let comma = if failing.is_empty() { "" } else { "," };
            let _ = write!(failing, "{comma}{edges}");
        }
        edges += 1;
    }
    if !failing.is_empty() {
        let _ = writeln!(text, "  linkStyle {failing} stroke:#d1242f");
    }
    text.push_str("  classDef errback stroke:#d1242f,stroke-width:2px\n");
    text
}

fn shape(branch: &Branch, tree: &Tree) -> String {
    let lines: Vec<_> = branch
        .lines(tree)
        .iter()
        .map(|line| escaped(line))
        .collect();
    let label = lines.join("<br/>");
    let site = branch.node.site();
    let (open, close) = match site {
        Some(_) => ("[", "]"),
        None => ("([", "])"),
    };
    let class = if site.is_some_and(|site| site.catches.is_some()) {
        ":::errback"
    } else {
        ""
    };
    format!("{open}\"{label}\"{close}{class}")
}

/// Mermaid writes characters as entities behind a `#`.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => escaped.push_str("#quot;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            '#' => escaped.push_str("#35;"),
            '|' => escaped.push_str("#124;"),
            '`' => escaped.push_str("#96;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
