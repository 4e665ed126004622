//! What is printed.

use std::fmt::Write;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};

use crate::back_end::{Counted, KINDS};
use crate::card::{Card, Way};

/// So many cards are printed.
const FIRST: usize = 3;

/// A page that was made.
pub(crate) struct Run {
    pub(crate) way: Way,
    pub(crate) calls: usize,
    pub(crate) took: Duration,
    pub(crate) counted: [Counted; KINDS.len()],
    pub(crate) cards: Vec<Card>,
}

impl Run {
    fn sum(&self, of: impl Fn(&Counted) -> usize) -> usize {
        self.counted.iter().map(of).sum()
    }

    fn row(&self, name: &str) -> [String; 7] {
        let most = self.counted.iter().map(|counted| counted.most).max();
        [
            name.to_string(),
            self.calls.to_string(),
            self.sum(|counted| counted.requests).to_string(),
            self.sum(|counted| counted.keys).to_string(),
            most.unwrap_or_default().to_string(),
            self.sum(|counted| counted.bytes).to_string(),
            self.took.as_millis().to_string(),
        ]
    }
}

/// Both ways, side by side.
pub(crate) fn tell(alone: &Run, batched: &Run) -> String {
    let mut text = String::new();
    first_cards(&batched.cards, &mut text);

    let mut table = table(&["", "calls", "requests", "keys", "largest", "bytes", "ms"]);
    for run in [alone, batched] {
        table.add_row(run.row(match run.way {
            Way::Alone => "without batches",
            Way::Batched => "with batches",
        }));
    }
    let _ = writeln!(text, "\n{table}");

    let mut table = self::table(&["requests for", "without", "with", "keys with"]);
    for (alone, batched) in alone.counted.iter().zip(&batched.counted) {
        if alone.requests + batched.requests > 0 {
            let cells = [alone.requests, batched.requests, batched.keys].map(|n| n.to_string());
            table.add_row([batched.kind.to_string()].into_iter().chain(cells));
        }
    }
    let _ = writeln!(text, "\n{table}");

    if alone.sum(|counted| counted.requests) < alone.calls {
        text += "(a card that has failed drops what it has not asked for yet)\n";
    }

    let good = batched.cards.iter().filter(|card| card.is_good()).count();
    let same = if alone.cards == batched.cards {
        "the same both ways"
    } else {
        "NOT the same both ways"
    };
    let (cards, failed) = (batched.cards.len(), batched.cards.len() - good);
    let _ = writeln!(
        text,
        "\n{good} of {cards} cards shown, {failed} failed, {same}: {} calls in {} batches",
        batched.calls,
        batched.sum(|counted| counted.requests),
    );
    text
}

/// A few cards, and those that failed.
fn first_cards(cards: &[Card], text: &mut String) {
    let failed = cards.iter().filter(|card| !card.is_good());
    let first = cards.iter().filter(|card| card.is_good());
    for card in first.take(FIRST).chain(failed.take(FIRST)) {
        let _ = match &card.shown {
            Ok(shown) => {
                let team = shown.team.as_ref().map(|team| format!(", team {team}"));
                writeln!(
                    text,
                    "card {}: {}, {} messages, picture of {} bytes{}",
                    card.id,
                    shown.name,
                    shown.count,
                    shown.avatar.len(),
                    team.unwrap_or_default()
                )
            }
            Err(why) => writeln!(text, "card {}: failed, {why}", card.id),
        };
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
