//! A record for the terminal.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::collections::HashMap;

use defer_core::Site;

use super::record::{Call, Outcome, Record};

/// How many lines a summary has for calls, and for functions.
const LINES: usize = 10;

/// What the calls of one function did; see [`Record::functions`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Function {
    /// The function.
    pub site: &'static Site,
    /// How many calls of it there are.
    pub calls: usize,
    /// How many of them failed or panicked.
    pub failed: usize,
    /// How long its calls took, from begin to end, all together.
    pub length: Duration,
    /// How long its calls kept a thread busy, without the calls in them.
    pub busy: Duration,
    /// How much of the [critical path](Record::critical_path) is theirs.
    pub critical: Duration,
}

impl Record {
    /// Where the time went: the functions, those with the most of the critical path first.
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
    /// double(double(1)).await;
    /// let functions = recorder.record().functions();
    /// assert_eq!((functions[0].site.name, functions[0].calls), ("double", 2));
    /// # }
    /// ```
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let mut functions: Vec<Function> = Vec::new();
        let mut places: HashMap<(&str, &str, u32), usize> = HashMap::new();
        let mut of = Vec::with_capacity(self.calls().len());
        for call in self.calls() {
            let site = call.site;
            let place = *places
                .entry((site.file, site.name, site.line))
                .or_insert_with(|| {
                    functions.push(Function {
                        site,
                        calls: 0,
                        failed: 0,
                        length: Duration::ZERO,
                        busy: Duration::ZERO,
                        critical: Duration::ZERO,
                    });
                    functions.len() - 1
                });
            of.push(place);
            let inside = call
                .children
                .iter()
                .map(|child| self.calls()[*child].busy());
            let function = &mut functions[place];
            function.calls += 1;
            let failed = matches!(call.outcome, Outcome::Failed | Outcome::Panicked);
            function.failed += usize::from(failed);
            function.length += call.length(self);
            function.busy += call.busy().saturating_sub(inside.sum());
        }
        for step in self.critical_path() {
            functions[of[step.call]].critical += step.to - step.from;
        }
        functions.sort_by_key(|function| core::cmp::Reverse((function.critical, function.busy)));
        functions
    }
}

/// A time with three digits.
pub(super) fn short(time: Duration) -> String {
    let nanos = time.as_nanos();
    let (unit, per) = match nanos {
        0 => return "0".into(),
        1..1_000 => return alloc::format!("{nanos} ns"),
        1_000..1_000_000 => ("µs", 1e3),
        1_000_000..1_000_000_000 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    let value = time.as_secs_f64() * 1e9 / per;
    let digits = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    alloc::format!("{value:.digits$} {unit}")
}

/// `3 calls`.
fn count(number: usize, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    alloc::format!("{number} {of}{plural}")
}

/// Where a function stands.
pub(super) fn place(site: &Site) -> String {
    alloc::format!("{}:{}", site.file, site.line)
}

impl Record {
    /// In one line.
    pub(super) fn headline(&self) -> String {
        self.headline_of(self.functions().len())
    }

    fn headline_of(&self, functions: usize) -> String {
        let mut line = alloc::format!(
            "{} of {} in {}",
            count(self.calls().len(), "call"),
            count(functions, "function"),
            short(self.length()),
        );
        for outcome in [
            Outcome::Failed,
            Outcome::Panicked,
            Outcome::Cancelled,
            Outcome::Dropped,
            Outcome::Pending,
        ] {
            let number = self.calls().iter().filter(|call| call.outcome == outcome);
            match number.count() {
                0 => {}
                number => line.push_str(&alloc::format!(", {number} {}", outcome.word())),
            }
        }
        if self.lost() > 0 {
            let lost = count(usize::try_from(self.lost()).unwrap_or(usize::MAX), "poll");
            line.push_str(&alloc::format!(", {lost} lost"));
        }
        line
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions = self.functions();
        writeln!(f, "{}", self.headline_of(functions.len()))?;
        if functions.is_empty() {
            return Ok(());
        }

        writeln!(f, "\nwhere the time went")?;
        writeln!(
            f,
            "  {:>8}  {:>8}  {:>8}  {:>6}  function",
            "critical", "busy", "length", "calls"
        )?;
        for function in functions.iter().take(LINES) {
            writeln!(
                f,
                "  {:>8}  {:>8}  {:>8}  {:>6}  {} ({})",
                short(function.critical),
                short(function.busy),
                short(function.length),
                function.calls,
                function.site.name,
                place(function.site),
            )?;
        }
        more(f, functions.len(), "function")?;

        writeln!(f, "\nslowest calls")?;
        writeln!(
            f,
            "  {:>8}  {:>8}  {:>8}  {:<9}  call",
            "length", "begin", "slack", "outcome"
        )?;
        let mut slowest: Vec<&Call> = self.calls().iter().collect();
        slowest.sort_by_key(|call| core::cmp::Reverse(call.length(self)));
        for call in slowest.iter().take(LINES) {
            let slack = call.slack.map_or_else(|| "-".into(), short);
            writeln!(
                f,
                "  {:>8}  {:>8}  {:>8}  {:<9}  {} ({})",
                short(call.length(self)),
                short(call.begin),
                slack,
                call.outcome.word(),
                call.name(),
                place(call.site),
            )?;
        }
        more(f, slowest.len(), "call")
    }
}

fn more(f: &mut fmt::Formatter<'_>, all: usize, of: &str) -> fmt::Result {
    match all.saturating_sub(LINES) {
        0 => Ok(()),
        rest => writeln!(f, "  … and {} more", count(rest, of)),
    }
}
