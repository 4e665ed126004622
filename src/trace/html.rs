//! A record as a page, which needs nothing else.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::time::Duration;
use std::collections::HashMap;

use super::record::Record;
use super::rows::{OUTCOMES, json, xml};
use super::summary::place;

const PAGE: &str = include_str!("page.html");
/// How many polls a page has, about: with more, those of a call that are near are drawn as one.
const POLLS: usize = 100_000;

fn list<T>(out: &mut String, items: impl IntoIterator<Item = T>, each: impl Fn(&mut String, T)) {
    out.push('[');
    for (nth, item) in items.into_iter().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

impl Record {
    /// A waterfall as one page for a browser, which loads nothing: a line for each call, each
    /// above those in it.
    ///
    /// Pale is a call from its begin to its end, strong where it was polled. A line below tells
    /// the critical path, a dashed one behind a call its slack. The wheel, keys and buttons
    /// zoom; a text beside the pointer tells of the call there. Light or dark is what the
    /// reader's system is.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::trace::Recorder;
    ///
    /// #[callback]
    /// fn double(n: u32) -> u32 { 2 * n }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let recorder = Recorder::start().expect("there is no other");
    /// double(1).await;
    /// let page = recorder.record().to_html();
    /// assert!(page.starts_with("<!doctype html>") && page.contains("\"double\""));
    /// # }
    /// ```
    #[must_use]
    pub fn to_html(&self) -> String {
        let (head, tail) = PAGE.split_once("/*RECORD*/").unwrap_or((PAGE, ""));
        let mut out = head.replace("<!--HEADLINE-->", &xml(&self.headline()));
        self.data(&mut out);
        out.push_str(tail);
        out
    }

    /// What the page draws, as JSON. Times are nanoseconds.
    fn data(&self, out: &mut String) {
        let rows = self.rows();
        let mut row_of = alloc::vec![0; rows.len()];
        let mut sites = Vec::new();
        let mut numbers: HashMap<_, usize> = HashMap::new();
        let mut site_of = alloc::vec![0; rows.len()];
        for (nth, row) in rows.iter().enumerate() {
            row_of[row.place] = nth;
            let site = self.calls()[row.place].site;
            let key = (site.file, site.line, site.name);
            site_of[nth] = *numbers.entry(key).or_insert_with(|| {
                sites.push(site);
                sites.len() - 1
            });
        }
        let _ = write!(
            out,
            "{{\"length\":{},\"outcomes\":",
            self.length().as_nanos()
        );
        list(out, OUTCOMES, |out, outcome| {
            let _ = write!(out, "\"{}\"", outcome.word());
        });
        out.push_str(",\"sites\":");
        list(out, &sites, |out, site| {
            let _ = write!(out, "[\"{}\",\"{}\"]", json(site.name), json(&place(site)));
        });
        let most = (POLLS / rows.len().max(1)).clamp(1, 1_000);
        out.push_str(",\"calls\":");
        list(out, rows.iter().zip(&site_of), |out, (row, site)| {
            let call = &self.calls()[row.place];
            let after = |at: Duration| at.saturating_sub(call.begin).as_nanos();
            let optional = |at: Option<u128>| at.map_or(-1, |at| at as i128);
            let outcome = OUTCOMES.iter().position(|outcome| *outcome == call.outcome);
            let _ = write!(
                out,
                "\n[{site},{},{},{},{},{},{},{},",
                row.depth,
                call.begin.as_nanos(),
                call.length(self).as_nanos(),
                optional(call.ran.map(after)),
                outcome.unwrap_or(0),
                optional(call.slack.map(|slack| slack.as_nanos())),
                call.polls.len(),
            );
            // Each from the end of the one before.
            let mut last = call.begin;
            let turns = call.turns(most).into_iter().flat_map(|(from, to)| {
                let turn = [from.saturating_sub(last), to.saturating_sub(from)];
                last = to;
                turn
            });
            list(out, turns.collect::<Vec<_>>(), |out, time| {
                let _ = write!(out, "{}", time.as_nanos());
            });
            out.push(']');
        });
        out.push_str(",\"path\":");
        list(out, self.critical_path(), |out, step| {
            let length = step.to.saturating_sub(step.from).as_nanos();
            let _ = write!(
                out,
                "[{},{},{length}]",
                row_of[step.call],
                step.from.as_nanos()
            );
        });
        out.push('}');
    }
}
