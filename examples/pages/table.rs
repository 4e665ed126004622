//! From facts and failures to a table.

use std::fmt;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use defer::prelude::*;

use crate::error::told;
use crate::fetch::Page;
use crate::page::Facts;

/// A row of the table.
pub(crate) struct Row {
    pub(crate) url: String,
    good: bool,
    outcome: String,
    title: String,
    words: String,
    links: String,
    millis: String,
}

impl Row {
    fn cells(self) -> [String; 6] {
        [
            self.url,
            self.outcome,
            self.title,
            self.words,
            self.links,
            self.millis,
        ]
    }
}

/// The row of a page.
#[callback]
pub(crate) fn reformat(facts: Facts, page: &Page) -> Row {
    Row {
        url: page.url.to_string(),
        good: true,
        outcome: "ok".into(),
        title: shown(&facts.title),
        words: facts.words.to_string(),
        links: facts.links.to_string(),
        millis: page.took().as_millis().to_string(),
    }
}

/// What of a title fits in a row.
fn shown(title: &str) -> String {
    // A terminal obeys control characters, and a page is not to give it orders.
    let mut rest = title.chars().filter(|c| !c.is_control());
    let mut shown: String = rest.by_ref().take(60).collect();
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

/// The row of a page that failed.
#[errback]
pub(crate) fn errcheck(failure: Failure, page: &Page) -> Row {
    Row {
        url: page.url.to_string(),
        good: false,
        outcome: told(&failure),
        title: String::new(),
        words: String::new(),
        links: String::new(),
        millis: page.took().as_millis().to_string(),
    }
}

/// What all rows come to.
pub(crate) struct Report {
    text: String,
    pub(crate) good: usize,
    pub(crate) bad: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { text, good, bad } = self;
        write!(
            f,
            "{text}\n{good} of {} pages read, {bad} failed,",
            good + bad
        )
    }
}

/// A table of all rows, as wide as they are or as the terminal is.
#[callback]
pub(crate) fn tabulate(rows: Vec<Row>, width: Option<u16>) -> Report {
    let good = rows.iter().filter(|row| row.good).count();
    let bad = rows.len() - good;
    let text = match width {
        Some(columns) if columns < ROOM => listed(rows),
        width => tabled(rows, width),
    };
    Report { text, good, bad }
}

const HEADER: [&str; 6] = ["URL", "outcome", "title", "words", "links", "ms"];

/// So many columns a table needs to be better than a list.
const ROOM: u16 = 80;

fn tabled(rows: Vec<Row>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(HEADER);
    table.add_rows(rows.into_iter().map(Row::cells));
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
    }
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table.to_string()
}

fn listed(rows: Vec<Row>) -> String {
    let mut lines = Vec::new();
    for row in rows {
        let [url, outcome, title, figures @ ..] = row.cells();
        let named = HEADER
            .iter()
            .skip(3)
            .zip(figures)
            .filter(|(_, figure)| !figure.is_empty());
        lines.push(url);
        lines.push(format!("  {outcome}"));
        lines.extend((!title.is_empty()).then(|| format!("  {title}")));
        let named: Vec<_> = named
            .map(|(name, figure)| format!("{name}: {figure}"))
            .collect();
        lines.push(format!("  {}", named.join(", ")));
    }
    lines.join("\n")
}

/// The width of the terminal, if the table goes to one.
pub(crate) fn width() -> Option<u16> {
    let size = console::Term::stdout().size_checked();
    size.map(|(_, columns)| columns)
}
