//! A plan as a picture, laid out here.
//!
//! Data flow to the right: what a call waits for stands to the left of it, one column for each
//! step of depth, and each subtree has rows of its own. So no card can cover another, and
//! an arrow runs in the gap between two columns only.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::Plan;
use super::tree::{Branch, Tree};

/// The width of a letter, in a font whose letters are all as wide.
const LETTER: usize = 8;
const SMALL_LETTER: usize = 7;
const LINE: usize = 18;
/// Inside of a card, around its text.
const PAD: usize = 10;
/// Between two rows.
const GAP: usize = 12;
/// Between two columns: the arrows are there.
const CHANNEL: usize = 56;
const MARGIN: usize = 16;
/// Between two arrows that end at one card.
const BESIDE: usize = 10;
/// Of a card with round corners, and with sharp ones.
const ROUND: usize = 14;
const SHARP: usize = 3;

const STYLE: &str = "\
:root{color-scheme:light dark}\
.b{fill:#fff}.t{fill:#1f2328}.s{fill:#59636e}.f{fill:#b3261e}\
.c{fill:#f6f8fa;stroke:#8c959f;stroke-width:1}\
.e{fill:#fff5f3;stroke:#d1242f;stroke-width:1.5}\
.a{fill:none;stroke:#59636e;stroke-width:1.5}\
.x{fill:none;stroke:#d1242f;stroke-width:1.5}\
.l{stroke-dasharray:5 4}\
.h{fill:#59636e}.g{fill:#d1242f}\
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}\
@media (prefers-color-scheme:dark){\
.b{fill:#0d1117}.t{fill:#f0f6fc}.s{fill:#9198a1}.f{fill:#ff7b72}\
.c{fill:#161b22;stroke:#656c76}\
.e{fill:#2a1517;stroke:#f85149}\
.a{stroke:#9198a1}.x{stroke:#f85149}.h{fill:#9198a1}.g{fill:#f85149}}";

/// What is written on a card.
struct Card {
    /// Class, text.
    lines: Vec<(&'static str, String)>,
    class: &'static str,
    corner: usize,
    width: usize,
    height: usize,
    /// Of what is inside, it included.
    subtree: usize,
    left: usize,
    top: usize,
}

impl Card {
    fn of(branch: &Branch, tree: &Tree) -> Self {
        let mut lines = Vec::new();
        if let Some(name) = branch.parameter {
            lines.push(("s", alloc::format!("{name}:")));
        }
        lines.push(("t", branch.title()));
        if let Some(stands) = branch.stands() {
            lines.push(("s", stands));
        }
        let remarks = branch.remarks(tree).into_iter();
        lines.extend(remarks.map(|remark| {
            let class = if remark.contains(" goes to ") {
                "f"
            } else {
                "s"
            };
            (class, remark)
        }));
        let site = branch.node.site();
        let width = lines.iter().map(|(class, text)| width_of(class, text));
        let width = width.max().unwrap_or(0) + 2 * PAD;
        Card {
            width,
            height: lines.len() * LINE + PAD,
            class: match site {
                Some(site) if site.catches.is_some() => "e",
                _ => "c",
            },
            corner: if site.is_some() { SHARP } else { ROUND },
            lines,
            subtree: 0,
            left: 0,
            top: 0,
        }
    }

    const fn middle(&self) -> usize {
        self.top + self.height / 2
    }
}

fn width_of(class: &str, text: &str) -> usize {
    let letter = if class == "t" { LETTER } else { SMALL_LETTER };
    // What is wide in every font counts twice.
    let letters = text.chars().map(|c| 1 + usize::from(c >= '\u{1100}'));
    letters.sum::<usize>() * letter
}

pub(super) fn svg(plan: &Plan) -> String {
    let tree = Tree::of(plan);
    let branches = &tree.branches;
    let mut cards: Vec<_> = branches.iter().map(|b| Card::of(b, &tree)).collect();
    // Innermost first: what is inside is there before what is around it.
    for place in (0..cards.len()).rev() {
        let inside: usize = branches[place]
            .children
            .iter()
            .map(|&child| cards[child].subtree)
            .sum();
        let gaps = branches[place].children.len().saturating_sub(1) * GAP;
        cards[place].subtree = cards[place].height.max(inside + gaps);
    }
    let depths = branches.iter().map(|b| b.depth + 1).max().unwrap_or(0);
    let mut columns = alloc::vec![0; depths];
    for (card, branch) in cards.iter().zip(branches) {
        columns[branch.depth] = card.width.max(columns[branch.depth]);
    }
    // The deepest column is the first.
    let mut left = MARGIN;
    let mut lefts = alloc::vec![0; depths];
    for depth in (0..depths).rev() {
        lefts[depth] = left;
        left += columns[depth] + CHANNEL;
    }
    let width = (left + MARGIN).saturating_sub(CHANNEL).max(2 * MARGIN);
    // Outermost first: each knows the rows of what is inside.
    let mut below = MARGIN;
    let mut rows = alloc::vec![0; cards.len()];
    for place in 0..cards.len() {
        if branches[place].parent.is_none() {
            rows[place] = below;
            below += cards[place].subtree + GAP;
        }
        let (card, branch) = (&mut cards[place], &branches[place]);
        card.left = lefts[branch.depth];
        // Cards of a column end at the same line, where their arrows begin.
        card.left += columns[branch.depth] - card.width;
        card.top = rows[place] + (card.subtree - card.height) / 2;
        let subtree = card.subtree;
        let children = &branch.children;
        let inside: usize = children.iter().map(|&c| cards[c].subtree).sum();
        let gaps = children.len().saturating_sub(1) * GAP;
        let mut row = rows[place] + (subtree - inside - gaps) / 2;
        for &child in children {
            rows[child] = row;
            row += cards[child].subtree + GAP;
        }
    }
    let height = (below + MARGIN).saturating_sub(GAP);
    let mut text = String::new();
    let _ = write!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>The plan of {}</title>\
         <style>{STYLE}</style><rect class=\"b\" width=\"{width}\" height=\"{height}\"/>",
        branches
            .first()
            .map_or_else(String::new, |first| escaped(&first.title())),
    );
    for (place, branch) in branches.iter().enumerate() {
        let Some(parent) = branch.parent else {
            continue;
        };
        arrow(&mut text, branch, &cards[place], &cards[parent]);
    }
    for card in &cards {
        draw(&mut text, card);
    }
    text.push_str("</svg>\n");
    text
}

fn arrow(text: &mut String, branch: &Branch, from: &Card, to: &Card) {
    let (stroke, head) = if branch.errors.is_empty() {
        ("a", "h")
    } else {
        ("x", "g")
    };
    let dashed = if branch.after_failure { " l" } else { "" };
    let (x0, y0) = (from.left + from.width, from.middle());
    // Those that are taken only after a failure end beside the others.
    let aside = if branch.after_failure { BESIDE } else { 0 };
    let (x1, y1) = (to.left, to.middle() + aside);
    // The bend is in the channel, which begins where the cards of the column end.
    let (turn, tip) = (x0 + CHANNEL / 2, x0 + CHANNEL);
    let _ = write!(
        text,
        "<path class=\"{stroke}{dashed}\" d=\"M{x0} {y0}C{turn} {y0} {turn} {y1} {tip} {y1}H{}\"/>\
         <path class=\"{head}\" d=\"M{x1} {y1}l-8 -4v8z\"/>",
        x1.saturating_sub(7),
    );
}

fn draw(text: &mut String, card: &Card) {
    let Card {
        left,
        top,
        width,
        height,
        class,
        corner,
        ..
    } = card;
    let _ = write!(
        text,
        "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"{corner}\"/>"
    );
    for (line, (class, written)) in card.lines.iter().enumerate() {
        let (x, y) = (left + PAD, top + PAD / 2 + (line + 1) * LINE - 5);
        let (size, weight) = match *class {
            "t" => (13, " font-weight=\"600\""),
            _ => (11, ""),
        };
        // As wide as the card was made for, whatever font there is.
        let _ = write!(
            text,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} \
             textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            width_of(class, written),
            escaped(written),
        );
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // No part of a document, however it is written.
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}
