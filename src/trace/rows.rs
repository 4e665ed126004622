//! What the pictures of a record have in common.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::time::Duration;

use super::record::{Call, Outcome, Record};

/// In the order in which pictures number them.
pub(super) const OUTCOMES: [Outcome; 6] = [
    Outcome::Succeeded,
    Outcome::Failed,
    Outcome::Panicked,
    Outcome::Cancelled,
    Outcome::Dropped,
    Outcome::Pending,
];

/// One line of a waterfall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Among [`Record::calls`].
    pub(super) place: usize,
    pub(super) depth: usize,
}

impl Record {
    /// The calls as a tree, each above those in it.
    pub(super) fn rows(&self) -> Vec<Row> {
        let calls = self.calls();
        let outermost = (0..calls.len()).rev();
        let mut open: Vec<Row> = outermost
            .filter(|place| calls[*place].parent.is_none())
            .map(|place| Row { place, depth: 0 })
            .collect();
        let mut rows = Vec::with_capacity(calls.len());
        while let Some(row) = open.pop() {
            rows.push(row);
            let inside = calls[row.place].children.iter().rev();
            open.extend(inside.map(|place| Row {
                place: *place,
                depth: row.depth + 1,
            }));
        }
        rows
    }
}

impl Call {
    /// From and to of its polls, at most so many: those with the least time in between as one.
    pub(super) fn turns(&self, most: usize) -> Vec<(Duration, Duration)> {
        let gap = |nth: &usize| self.polls[*nth].from.saturating_sub(self.polls[nth - 1].to);
        let mut cuts: Vec<usize> = (1..self.polls.len()).collect();
        if cuts.len() >= most {
            cuts.sort_by_key(|nth| core::cmp::Reverse(gap(nth)));
            cuts.truncate(most.saturating_sub(1));
            cuts.sort_unstable();
        }
        let mut turns: Vec<(Duration, Duration)> = Vec::with_capacity(cuts.len() + 1);
        let mut from = 0;
        for to in cuts.into_iter().chain([self.polls.len()]) {
            turns.push((self.polls[from].from, self.polls[to - 1].to));
            from = to;
        }
        turns
    }
}

/// Between the quotes of a string of JSON, which may stand in a script of a page.
pub(super) fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '\\' => escaped.extend(['\\', letter]),
            // With `<` a page could end the script; the two separators end a line in old ones.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// As text of XML and HTML, and in attributes with double quotes.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\0'..='\u{1f}' => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{json, xml};

    #[test]
    fn texts_stay_texts() {
        assert_eq!(
            json("a\"\\</script>\n\u{2028}é"),
            "a\\\"\\\\\\u003c/script\\u003e\\u000a\\u2028é"
        );
        assert_eq!(xml("<a b=\"&\">\n"), "&lt;a b=&quot;&amp;&quot;&gt; ");
    }
}
