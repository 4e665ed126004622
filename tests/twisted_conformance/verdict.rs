//! What is to be said of a program, and of all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::compare::{Told, show};
use crate::deviations::{allowed, is_told};
use crate::model;
use crate::program::{Program, index};
use crate::replay::{replay, replay_leaving_none};

/// How defer did.
pub(crate) enum Verdict {
    /// As Twisted, in every event.
    Equal,
    /// So it is if a callback leaves `None` after each `chain_into`; without it as listed.
    EqualWithNone,
    /// As these deviations say, in every event; so many deferreds are not as recorded.
    Listed(BTreeSet<&'static str>, usize),
    /// Otherwise.
    Wrong(String),
    /// It is not a linear program.
    NotExpressible,
}

/// Carry a program out and compare.
pub(crate) fn judge(program: &Program) -> Verdict {
    if !program.linear {
        return Verdict::NotExpressible;
    }
    match weigh(program, &replay(program)) {
        Verdict::Listed(shown, deferreds) if shown.contains("T02") => {
            let (expected, got) = (
                model::defer_leaving_none(program),
                replay_leaving_none(program),
            );
            if got == Told::recorded(program) {
                Verdict::EqualWithNone
            } else if got == expected {
                Verdict::Listed(shown, deferreds)
            } else {
                let what = "with None in the first of a chain defer differs";
                wrong(program, what, &expected.difference(&got))
            }
        }
        verdict => verdict,
    }
}

/// Compare what came out with what should.
pub(crate) fn weigh(program: &Program, got: &Told) -> Verdict {
    let recorded = Told::recorded(program);
    let twisted = model::twisted(program);
    if recorded != twisted {
        let text = recorded.difference(&twisted);
        return wrong(program, "the model does not do what Twisted did", &text);
    }
    if recorded == *got {
        return Verdict::Equal;
    }
    let (expected, shown) = model::defer(program);
    if shown.is_disjoint(&allowed(program)) {
        let text = recorded.difference(got);
        let what = format!("defer differs as {shown:?} say, and no tag says that it may");
        return wrong(program, &what, &text);
    }
    if expected != *got {
        let text = expected.difference(got);
        let what = format!("defer differs, and not as {shown:?} say");
        return wrong(program, &what, &text);
    }
    if let Some(text) = too_early(program, &recorded, got, &shown) {
        let difference = recorded.difference(got);
        return wrong(program, &text, &difference);
    }
    Verdict::Listed(shown, recorded.others(got).len())
}

/// Twisted's own deviations are told with the deferreds that they reach, and when: others have
/// to be as recorded, and so has everything before.
fn too_early(
    program: &Program,
    recorded: &Told,
    got: &Told,
    shown: &BTreeSet<&'static str>,
) -> Option<String> {
    // It cannot tell what a callback returns that has run with defer only.
    let tells = recorded.returned().is_superset(&got.returned());
    if !tells || !shown.iter().all(|id| is_told(id)) {
        return None;
    }
    let stopped = got.stopped().unwrap_or(usize::MAX);
    let until = |(_, at): &(usize, usize)| *at < stopped || stopped == usize::MAX;
    let mut others = recorded.others(got).into_iter().filter(until);
    let early = others.find(|(d, at)| {
        let end = &program.finals[*d];
        // What stays in the first of a chain is told by this alone.
        let handed_on = *at == usize::MAX && end.get("handed_on").is_some();
        let deviates = end.get("deviates").map(index);
        !handed_on && deviates.is_none_or(|from| *at < from)
    });
    early.map(|(d, _)| format!("deferred {d} differs, and {shown:?} do not reach it then"))
}

fn wrong(program: &Program, what: &str, difference: &str) -> Verdict {
    Verdict::Wrong(format!("{what}\n{}{difference}", show(program)))
}

/// The verdicts on all programs of a file.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) linear: usize,
    pub(crate) equal: usize,
    pub(crate) with_none: usize,
    pub(crate) listed: usize,
    /// How many programs each deviation shows in.
    pub(crate) by_deviation: BTreeMap<&'static str, usize>,
    deferreds: usize,
    /// Those that are not as recorded.
    listed_deferreds: usize,
    not_expressible: usize,
    by_reason: BTreeMap<String, usize>,
    wrong: usize,
    /// Of those that are wrong the one with the fewest operations.
    smallest: Option<(usize, String)>,
}

impl Summary {
    /// Of all programs, on as many threads as there are.
    pub(crate) fn of(programs: &[Program]) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let part = programs.len().div_ceil(threads).max(1);
        let mut summary = Summary::default();
        std::thread::scope(|scope| {
            let parts: Vec<_> = programs
                .chunks(part)
                .map(|part| scope.spawn(|| part.iter().map(judge).collect::<Vec<_>>()))
                .collect();
            let verdicts = parts
                .into_iter()
                .flat_map(|part| part.join().expect("it ran"));
            for (program, verdict) in programs.iter().zip(verdicts) {
                summary.add(program, verdict);
            }
        });
        summary
    }

    fn add(&mut self, program: &Program, verdict: Verdict) {
        if program.linear {
            self.linear += 1;
            self.deferreds += program.finals.len();
        }
        match verdict {
            Verdict::Equal => self.equal += 1,
            Verdict::EqualWithNone => {
                self.with_none += 1;
                *self.by_deviation.entry("T02").or_default() += 1;
            }
            Verdict::Listed(deviations, deferreds) => {
                self.listed += 1;
                self.listed_deferreds += deferreds;
                for id in deviations {
                    *self.by_deviation.entry(id).or_default() += 1;
                }
            }
            Verdict::NotExpressible => {
                self.not_expressible += 1;
                for reason in &program.reasons {
                    *self.by_reason.entry(reason.clone()).or_default() += 1;
                }
            }
            Verdict::Wrong(text) => {
                self.wrong += 1;
                let ops = program.ops.len();
                if self.smallest.as_ref().is_none_or(|(least, _)| ops < *least) {
                    self.smallest = Some((ops, text));
                }
            }
        }
    }

    /// The smallest program that came out wrong.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.smallest.as_ref().map(|(_, text)| text.as_str())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.linear + self.not_expressible;
        writeln!(f, "{all} programs, {} of them linear", self.linear)?;
        writeln!(f, "  {:5} equal", self.equal)?;
        let with_none = self.with_none;
        writeln!(
            f,
            "  {with_none:5} equal, with None left in the first of a chain"
        )?;
        writeln!(f, "  {:5} as DEVIATIONS.md says", self.listed)?;
        for (id, count) in &self.by_deviation {
            writeln!(f, "        {count:5} {id}")?;
        }
        writeln!(f, "  {:5} wrong", self.wrong)?;
        let as_recorded = self.deferreds - self.listed_deferreds;
        writeln!(
            f,
            "  {as_recorded} of {} deferreds as recorded",
            self.deferreds
        )?;
        writeln!(f, "  {:5} cannot be written", self.not_expressible)?;
        for (reason, count) in &self.by_reason {
            writeln!(f, "        {count:5} {reason}")?;
        }
        Ok(())
    }
}
