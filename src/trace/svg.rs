//! A record as a picture.

use alloc::string::String;
use core::fmt::Write as _;
use core::time::Duration;

use super::record::{Call, Outcome, Record};
use super::rows::{OUTCOMES, xml};
use super::summary::{place, short};

const WIDTH: f64 = 1_200.0;
const MARGIN: f64 = 12.0;
/// Where the bars begin and end: before are names, behind are lengths.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 1_108.0;
const ROW: f64 = 20.0;
/// Above the rows: the headline, what the colors say, times.
const TOP: f64 = 84.0;
/// The width of a letter, in a font whose letters are all as wide.
const LETTER: f64 = 7.3;
/// Deeper ones stand no further to the right.
const DEEPEST: usize = 12;
const INDENT: f64 = 10.0;
/// Polls of one call that are drawn apart.
const TURNS: usize = 40;

const STYLE: &str = "\
:root{color-scheme:light dark}\
.b{fill:#fff}.t{fill:#1f2328}.s{fill:#59636e}.r{fill:#f6f8fa}\
.g{stroke:#d8dee4;stroke-width:1}.c{fill:#bc4c00}\
.k{stroke:#59636e;stroke-width:1.5;stroke-dasharray:4 3}\
.p{opacity:.35}\
.o0{fill:#0969da}.o1{fill:#cf222e}.o2{fill:#82071e}.o3{fill:#9a6700}.o4{fill:#6e7781}.o5{fill:#8250df}\
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}\
@media (prefers-color-scheme:dark){\
.b{fill:#0d1117}.t{fill:#f0f6fc}.s{fill:#9198a1}.r{fill:#151b23}\
.g{stroke:#30363d}.c{fill:#ffa657}.k{stroke:#9198a1}\
.o0{fill:#58a6ff}.o1{fill:#f85149}.o2{fill:#ff9492}.o3{fill:#d29922}.o4{fill:#848d97}.o5{fill:#bc8cff}}";

/// Times to places.
struct Scale {
    from: Duration,
    length: f64,
}

impl Scale {
    fn x(&self, at: Duration) -> f64 {
        let part = at.saturating_sub(self.from).as_secs_f64() / self.length;
        LEFT + part.min(1.0) * (RIGHT - LEFT)
    }

    /// A bar, which can be seen however short the time is.
    fn bar(&self, out: &mut String, class: &str, from: Duration, to: Duration, place: (f64, f64)) {
        let least = 1.0;
        let left = self.x(from).min(RIGHT - least);
        let width = (self.x(to) - left).max(least);
        let (top, height) = place;
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{left:.2}\" y=\"{top}\" width=\"{width:.2}\" height=\"{height}\"/>"
        );
    }
}

/// As many letters of it as there is room for.
fn fitted(text: &str, room: f64) -> String {
    let most = (room / LETTER) as usize;
    if text.chars().count() <= most {
        return text.into();
    }
    let start = text.chars().take(most.saturating_sub(1));
    start.chain(['…']).collect()
}

fn text(out: &mut String, class: &str, x: f64, baseline: f64, text: &str) {
    let wide = text.chars().count() as f64 * LETTER;
    let _ = writeln!(
        out,
        "<text class=\"{class}\" x=\"{x:.2}\" y=\"{baseline}\" font-size=\"12\" textLength=\"{wide:.1}\">{}</text>",
        xml(text)
    );
}

/// 1, 2 or 5 of a unit, about so long or longer.
fn round(about: f64) -> f64 {
    let mut power = 1e-9;
    loop {
        for step in [1.0, 2.0, 5.0] {
            if step * power >= about {
                return step * power;
            }
        }
        power *= 10.0;
    }
}

impl Record {
    /// A waterfall as a picture: a line for each call, each above those in it.
    ///
    /// Pale is a call from its begin to its end, strong where it was polled. A line below tells
    /// the critical path, a dashed one behind a call its slack. Light or dark is what the
    /// reader's system is. With more than some hundred calls a [page](Record::to_html) is better,
    /// because one can zoom there.
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
    /// let svg = recorder.record().to_svg();
    /// assert!(svg.starts_with("<svg ") && svg.contains(">double</text>"));
    /// # }
    /// ```
    #[must_use]
    pub fn to_svg(&self) -> String {
        let rows = self.rows();
        let calls = self.calls().iter();
        let from = calls.clone().map(|call| call.begin).min();
        let to = calls.map(|call| call.end_in(self.length())).max();
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or(self.length()));
        let scale = Scale {
            from,
            length: to.saturating_sub(from).as_secs_f64().max(1e-9),
        };
        let mut critical = alloc::vec![alloc::vec::Vec::new(); rows.len()];
        for step in self.critical_path() {
            critical[step.call].push((step.from, step.to));
        }
        let height = TOP + rows.len() as f64 * ROW + MARGIN;
        let mut out = alloc::format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n<style>{STYLE}</style>\n\
             <rect class=\"b\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
        );
        let headline = fitted(&self.headline(), WIDTH - 2.0 * MARGIN);
        text(&mut out, "t", MARGIN, 22.0, &headline);
        self.legend(&mut out);
        for nth in (1..rows.len()).step_by(2) {
            let y = TOP + nth as f64 * ROW;
            let _ = writeln!(
                out,
                "<rect class=\"r\" y=\"{y}\" width=\"{WIDTH}\" height=\"{ROW}\"/>"
            );
        }
        ruler(&mut out, &scale, height);
        for (nth, row) in rows.iter().enumerate() {
            let call = &self.calls()[row.place];
            self.row(&mut out, &scale, call, row.depth, TOP + nth as f64 * ROW);
            for (from, to) in &critical[row.place] {
                let place = (TOP + nth as f64 * ROW + 15.0, 3.0);
                scale.bar(&mut out, "c", *from, *to, place);
            }
        }
        out.push_str("</svg>\n");
        out
    }

    /// What colors and lines say.
    fn legend(&self, out: &mut String) {
        let mut x = MARGIN;
        for (nth, outcome) in OUTCOMES.iter().enumerate() {
            if self.calls().iter().all(|call| call.outcome != *outcome) {
                continue;
            }
            let _ = writeln!(
                out,
                "<rect class=\"o{nth}\" x=\"{x:.2}\" y=\"35\" width=\"14\" height=\"9\"/>"
            );
            text(out, "s", x + 20.0, 44.0, outcome.word());
            x += 36.0 + outcome.word().len() as f64 * LETTER;
        }
        let _ = writeln!(
            out,
            "<rect class=\"c\" x=\"{x:.2}\" y=\"38\" width=\"14\" height=\"3\"/>"
        );
        text(out, "s", x + 20.0, 44.0, "critical path");
        x += 36.0 + 13.0 * LETTER;
        let _ = writeln!(out, "<path class=\"k\" d=\"M{x:.2} 39.5h14\"/>");
        text(out, "s", x + 20.0, 44.0, "slack");
    }

    fn row(&self, out: &mut String, scale: &Scale, call: &Call, depth: usize, y: f64) {
        let class = OUTCOMES.iter().position(|outcome| *outcome == call.outcome);
        let class = alloc::format!("o{}", class.unwrap_or(0));
        let end = call.end_in(self.length());
        let _ = writeln!(
            out,
            "<g><title>{} ({}), {} after {}</title>",
            xml(call.name()),
            xml(&place(call.site)),
            call.outcome.word(),
            short(call.length(self)),
        );
        let indent = MARGIN + depth.min(DEEPEST) as f64 * INDENT;
        let color = match call.outcome {
            Outcome::Succeeded => "t",
            _ => class.as_str(),
        };
        let name = fitted(call.name(), LEFT - 10.0 - indent);
        text(out, color, indent, y + 14.0, &name);
        text(out, "s", RIGHT + 10.0, y + 14.0, &short(call.length(self)));
        if let Some(slack) = call.slack.filter(|slack| !slack.is_zero()) {
            let (from, to) = (scale.x(end), scale.x(end + slack));
            let _ = writeln!(
                out,
                "<path class=\"k\" d=\"M{from:.2} {}H{to:.2}\"/>",
                y + 8.5
            );
        }
        let pale = alloc::format!("p {class}");
        scale.bar(out, &pale, call.begin, end, (y + 3.0, 11.0));
        for (from, to) in call.turns(TURNS) {
            scale.bar(out, &class, from, to, (y + 3.0, 11.0));
        }
        out.push_str("</g>\n");
    }
}

/// Times above the rows, counted from where the first call begins.
fn ruler(out: &mut String, scale: &Scale, height: f64) {
    let step = round(scale.length / 7.0);
    let mut nth = 0.0;
    while nth * step <= scale.length {
        let at = Duration::from_secs_f64(nth * step);
        let x = scale.x(scale.from + at);
        let _ = writeln!(
            out,
            "<path class=\"g\" d=\"M{x:.2} {}V{height}\"/>",
            TOP - 16.0
        );
        text(out, "s", x + 4.0, TOP - 7.0, &short(at));
        nth += 1.0;
    }
}
