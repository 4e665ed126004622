//! The tables, as markdown on standard output; what goes on, on standard error.

use std::sync::OnceLock;
use std::time::Duration;

use crate::case::{self, Case};
use crate::leaf::Leaf;
use crate::{
    allocations, boxes, by_hand, chain, compile_time as compiler, dispatch as queue, durable,
    expression, instructions as counts, jobs, list, share,
};
use crate::{promptness as prompt, sizes as bytes, time as clock};

/// The ways with which the bar compares the expression.
const MACROS: [&str; 2] = [
    "by hand: async fns, tokio::try_join!",
    "by hand: async fns, futures::try_join!",
];
const EIGHT: &str = "by hand: one async fn, eight `?`";

type Counted = (Case, u64, u64);
/// The way; virtual time; real time, median and worst.
type Late = (&'static str, Duration, (Duration, Duration));

/// Every case with its instructions, counted once a run.
fn counted() -> Option<&'static [Counted]> {
    static COUNTED: OnceLock<Vec<Counted>> = OnceLock::new();
    if !counts::available() {
        println!("valgrind is not installed: no instructions are counted.\n");
        return None;
    }
    Some(COUNTED.get_or_init(|| {
        let cases = case::all();
        let counted = counts::of_all(&cases, &|case| eprintln!("callgrind: {case}"));
        cases
            .into_iter()
            .zip(counted)
            .map(|(case, (ready, pending))| (case, ready, pending))
            .collect()
    }))
}

fn of<'a>(counted: &'a [Counted], what: &str, way: &str) -> &'a Counted {
    counted
        .iter()
        .find(|(case, ..)| case.what == what && case.way == way)
        .expect("a case")
}

fn compiled() -> &'static compiler::Report {
    static COMPILED: OnceLock<compiler::Report> = OnceLock::new();
    COMPILED.get_or_init(|| {
        eprintln!("compile time: two programs, five times each");
        compiler::measure()
    })
}

fn late(way: &str) -> &'static Late {
    lateness()
        .iter()
        .find(|(name, ..)| *name == way)
        .expect("a way")
}

fn lateness() -> &'static [Late] {
    static LATE: OnceLock<Vec<Late>> = OnceLock::new();
    LATE.get_or_init(|| {
        eprintln!("promptness of lists");
        prompt::ways()
            .iter()
            .map(|way| (way.name, way.late_virtually(), way.late()))
            .collect()
    })
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**not met**" }
}

fn ratio_row(what: &str, ours: u64, rival: u64, bar: f64) {
    let ratio = ours as f64 / rival as f64;
    println!(
        "| {what} | {ours} | {rival} | {ratio:.3} | ≤ {bar} | {} |",
        verdict(ratio <= bar)
    );
}

/// Each bar, with what was measured for it.
pub fn bars() {
    println!("## Bars\n");
    println!("| what | ours | rival | ratio | bar | |\n| --- | --- | --- | --- | --- | --- |");
    if let Some(counted) = counted() {
        let ours = of(counted, expression::WHAT, "ours");
        let rivals = MACROS.map(|way| of(counted, expression::WHAT, way));
        let ready = rivals.iter().map(|(_, ready, _)| *ready).min().unwrap_or(0);
        let pending = rivals
            .iter()
            .map(|(.., pending)| *pending)
            .min()
            .unwrap_or(0);
        let what = expression::WHAT;
        ratio_row(
            &format!("`{what}`, ready: instructions"),
            ours.1,
            ready,
            0.5,
        );
        ratio_row(
            &format!("`{what}`, pending once: instructions"),
            ours.2,
            pending,
            0.5,
        );
        for what in [chain::PLAIN, chain::ASYNC] {
            let (ours, rival) = (of(counted, what, "ours"), of(counted, what, EIGHT));
            ratio_row(
                &format!("{what}, ready: instructions"),
                ours.1,
                rival.1,
                1.0,
            );
            ratio_row(
                &format!("{what}, pending once: instructions"),
                ours.2,
                rival.2,
                1.0,
            );
        }
    }
    if let Some(counted) = counted() {
        let (ours, rival) = (
            of(counted, by_hand::WHAT, "ours"),
            of(counted, by_hand::WHAT, by_hand::RIVAL),
        );
        let what = by_hand::WHAT;
        ratio_row(
            &format!("{what}; fired before: instructions"),
            ours.1,
            rival.1,
            1.0,
        );
        ratio_row(
            &format!("{what}; fired after a poll: instructions"),
            ours.2,
            rival.2,
            1.0,
        );
    }
    shared_bars();
    let run = expression::cases()
        .into_iter()
        .find(|case| case.way == "ours")
        .expect("ours")
        .run;
    let made = allocations::of(|| run(7, true));
    println!(
        "| `{}`: allocations | {made} | | | 0 | {} |",
        expression::WHAT,
        verdict(made == 0)
    );
    let sizes = bytes::expression();
    let size = |way: &str| *sizes.iter().find(|row| row.0 == way).expect("a way");
    let (ours, rivals) = (size("ours"), MACROS.map(size));
    let small = rivals.iter().map(|row| row.1).min().unwrap_or(0);
    let large = rivals.iter().map(|row| row.2).min().unwrap_or(0);
    ratio_row("its bytes, small leaves", ours.1 as u64, small as u64, 0.4);
    ratio_row(
        "its bytes, leaves of `async fn`s",
        ours.2 as u64,
        large as u64,
        0.4,
    );
    let deepest = bytes::DEPTHS.len() - 1;
    let plain = bytes::plain();
    let (ours, map_ok) = (plain[0].1[deepest], plain[2].1[deepest]);
    println!(
        "| 16-deep call: bytes, beside `map_ok` | {ours} | {map_ok} | | ≤ {} | {} |",
        map_ok + 16,
        verdict(ours <= map_ok + 16)
    );
    boxed_bars();
    list_bars();
    job_bars();
    dispatch_bars();
    let (ours, rival) = (late("ours").2.1, late("futures::future::try_join_all").2.1);
    println!(
        "| first error among {} members: late, worst of five | {ours:.1?} | {rival:.1?} | | ≤ 1 ms | {} |",
        prompt::MEMBERS,
        verdict(ours.as_micros() <= 1_000)
    );
    for row in &compiled().rows {
        let ratio = row.cpu[0] / row.cpu[1];
        let bar = if row.command == "build" {
            ("none", "")
        } else {
            ("≤ 1.5", verdict(ratio <= 1.5))
        };
        println!(
            "| `cargo {}`: processor time | {:.1} s | {:.1} s | {ratio:.2} | {} | {} |",
            row.command, row.cpu[0], row.cpu[1], bar.0, bar.1
        );
    }
    println!();
}

fn shared_bars() {
    let Some(counted) = counted() else { return };
    for what in [share::CLONES, share::WAKES] {
        let (ours, rival) = (of(counted, what, "ours"), of(counted, what, share::RIVAL));
        for (when, ours, rival) in [
            ("ready", ours.1, rival.1),
            ("pending once", ours.2, rival.2),
        ] {
            let what = format!("{what}; work {when}: instructions");
            ratio_row(&what, ours, rival, 1.0);
        }
    }
}

fn boxed_bars() {
    let [ours, futures, _] = boxes::ways();
    for (pending, when, bar) in [
        (false, "ready", Some(40.0)),
        // The bar is for a node, not for a number of polls.
        (true, "pending once, two polls", None),
    ] {
        let (ours, rival) = (ours.node(pending), futures.node(pending));
        let bar = bar.map_or(("none", ""), |bar| ("≤ 40 ns", verdict(ours <= bar)));
        println!(
            "| boxed node, {when} | {ours:.0} ns | {rival:.0} ns | {:.2} | {} | {} |",
            ours / rival,
            bar.0,
            bar.1
        );
    }
    let (made, rival) = (ours.allocations(), futures.allocations());
    println!(
        "| boxed node: allocations | {made} | {rival} | | ≤ 1 | {} |",
        verdict(made <= 1)
    );
    let (ours, rival) = (boxes::ours(), boxes::nested());
    let tree = format!("tree of {} boxed nodes, leaves one by one", boxes::LEAVES);
    println!(
        "| {tree}: polls a leaf | {:.1} | {:.1} | | ≤ 2.1 | {} |",
        ours.polls,
        rival.polls,
        verdict(ours.polls <= 2.1)
    );
    println!(
        "| {tree}: time | {:.1?} | {:.1?} | | ≤ 5 ms | {} |",
        ours.took,
        rival.took,
        verdict(ours.took.as_micros() <= 5_000)
    );
}

fn list_bars() {
    for what in [list::THOUSAND, list::HUNDRED_THOUSAND] {
        if let Some(counted) = counted() {
            let (ours, rival) = (of(counted, what, "ours"), of(counted, what, list::RIVAL));
            ratio_row(
                &format!("{what}, ready: instructions"),
                ours.1,
                rival.1,
                1.0,
            );
            ratio_row(
                &format!("{what}, pending once: instructions"),
                ours.2,
                rival.2,
                1.0,
            );
        }
        let cases = list::cases();
        let case = |way| {
            let is_it = |case: &&Case| case.what == what && case.way == way;
            cases.iter().find(is_it).expect("a case")
        };
        for (pending, when) in [(false, "ready"), (true, "pending once")] {
            let [ours, rival] = clock::least([case("ours"), case(list::RIVAL)], pending);
            let ratio = ours.as_secs_f64() / rival.as_secs_f64();
            println!(
                "| {what}, {when}: time | {ours:.1?} | {rival:.1?} | {ratio:.3} | ≤ 1 | {} |",
                verdict(ratio <= 1.0)
            );
        }
    }
}

fn medians(pending: bool) -> &'static [Duration; 4] {
    static MEDIANS: [OnceLock<[Duration; 4]>; 2] = [const { OnceLock::new() }; 2];
    MEDIANS[usize::from(pending)].get_or_init(|| {
        eprintln!("jobs: {} of them, four ways", jobs::JOBS);
        jobs::medians(pending)
    })
}

fn job_bars() {
    for (pending, when) in [(false, "ready"), (true, "pending once")] {
        let [ours, rival, ..] = *medians(pending);
        let ratio = ours.as_secs_f64() / rival.as_secs_f64();
        println!(
            "| {} jobs, {} at a time, {when}: time | {ours:.1?} | {rival:.1?} | {ratio:.2} | ≤ 1.05 | {} |",
            jobs::JOBS,
            jobs::LIMIT,
            verdict(ratio <= 1.05)
        );
    }
}

fn dispatch_bars() {
    let bounded = format!("{} pending at most", queue::BOUND);
    for (bound, when) in [(false, "all put first"), (true, bounded.as_str())] {
        let [ours, rival] = *dispatched(bound);
        let ratio = ours.as_secs_f64() / rival.as_secs_f64();
        println!(
            "| {} jobs dispatched, {} wide, {when}: time | {ours:.1?} | {rival:.1?} | {ratio:.2} | ≤ 1.2 | {} |",
            queue::JOBS,
            queue::WIDTH,
            verdict(ratio <= 1.2)
        );
    }
}

/// A million jobs.
pub fn jobs() {
    println!("## {} jobs, {} at a time\n", jobs::JOBS, jobs::LIMIT);
    println!("| way | ready | ours is | pending once | ours is |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let (ready, pending) = (medians(false), medians(true));
    for (place, way) in jobs::ways().iter().enumerate() {
        let ratio = |all: &[Duration; 4]| all[0].as_secs_f64() / all[place].as_secs_f64();
        println!(
            "| {} | {:.1?} | {:.2} × | {:.1?} | {:.2} × |",
            way.name,
            ready[place],
            ratio(ready),
            pending[place],
            ratio(pending)
        );
    }
    println!();
}

/// The ways of dispatching, measured once a run; unbounded, then bounded.
fn dispatched(bounded: bool) -> &'static [Duration; 2] {
    static DISPATCHED: [OnceLock<[Duration; 2]>; 2] = [const { OnceLock::new() }; 2];
    DISPATCHED[usize::from(bounded)].get_or_init(|| {
        eprintln!("dispatch: {} jobs, two ways", queue::JOBS);
        queue::medians(bounded)
    })
}

/// A million jobs through a dispatch queue.
pub fn dispatch() {
    println!(
        "## {} jobs dispatched, {} wide\n",
        queue::JOBS,
        queue::WIDTH
    );
    println!(
        "| way | all put first | ours is | {} pending at most | ours is |",
        queue::BOUND
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    let (free, bounded) = (dispatched(false), dispatched(true));
    for (place, way) in queue::ways().iter().enumerate() {
        let ratio = |all: &[Duration; 2]| all[0].as_secs_f64() / all[place].as_secs_f64();
        println!(
            "| {} | {:.1?} | {:.2} × | {:.1?} | {:.2} × |",
            way.name,
            free[place],
            ratio(free),
            bounded[place],
            ratio(bounded)
        );
    }
    println!();
}

/// Durable puts.
pub fn durable() {
    eprintln!("durable: puts, nine ways");
    println!("## Durable puts, on {}\n", durable::file_system());
    println!("| puts | way | a second | of those by hand | puts a sync |");
    println!("| --- | --- | ---: | ---: | ---: |");
    let (ways, medians) = (durable::ways(), durable::medians());
    for (place, (way, put)) in ways.iter().zip(&medians).enumerate() {
        let by_hand = medians[place / 3 * 3 + 2];
        println!(
            "| {} | {} | {:.0} | {:.2} × | {:.1} |",
            way.what,
            way.name,
            put.a_second,
            put.a_second / by_hand.a_second,
            put.for_each_sync
        );
    }
    println!();
}

/// What a box costs.
pub fn boxes() {
    println!("## Boxed nodes\n");
    println!(
        "| way | ready | pending once, two polls | allocations |\n| --- | ---: | ---: | ---: |"
    );
    for way in boxes::ways() {
        println!(
            "| {} | {:.0} ns | {:.0} ns | {} |",
            way.name,
            way.node(false),
            way.node(true),
            way.allocations()
        );
    }
    println!(
        "\n| tree of {} leaves | polls a leaf | time |\n| --- | ---: | ---: |",
        boxes::LEAVES
    );
    for (way, tree) in [
        ("ours", boxes::ours()),
        ("futures: `try_join`", boxes::nested()),
    ] {
        println!("| {way} | {:.1} | {:.1?} |", tree.polls, tree.took);
    }
    println!();
}

/// Every case: instructions and allocations.
pub fn instructions() {
    let Some(counted) = counted() else { return };
    println!("## Instructions and allocations\n");
    let mut last = "";
    let mut ours = (1, 1);
    for (case, ready, pending) in counted {
        if case.what != last {
            last = case.what;
            ours = (*ready, *pending);
            println!(
                "\n### {last}\n\n| way | ready | ours is | pending once | ours is | allocations |\n\
                 | --- | ---: | ---: | ---: | ---: | ---: |"
            );
        }
        // The first run starts the runtime.
        let _ = (case.run)(7, false);
        let made = allocations::of(|| (case.run)(7, false));
        println!(
            "| {} | {ready} | {:.2} × | {pending} | {:.2} × | {made} |",
            case.way,
            ours.0 as f64 / *ready as f64,
            ours.1 as f64 / *pending as f64,
        );
    }
    println!();
}

/// Bytes, by depth.
pub fn sizes() {
    println!("## Sizes\n");
    for (title, rows) in [
        ("Plain bodies around one leaf", bytes::plain()),
        ("Async bodies around one leaf", bytes::with_async()),
    ] {
        let depths = &bytes::DEPTHS[..rows[0].1.len()];
        let heads: Vec<_> = depths
            .iter()
            .map(|depth| format!("depth {depth}"))
            .collect();
        println!("### {title}: bytes\n\n| way | {} |", heads.join(" | "));
        println!("| --- |{}", " ---: |".repeat(depths.len()));
        for (way, sizes) in rows {
            let sizes: Vec<_> = sizes.iter().map(ToString::to_string).collect();
            println!("| {way} | {} |", sizes.join(" | "));
        }
        println!();
    }
    println!("### `{}`: bytes\n", expression::WHAT);
    println!("| way | small leaves | leaves of `async fn`s |\n| --- | ---: | ---: |");
    for (way, small, large) in bytes::expression() {
        println!("| {way} | {small} | {large} |");
    }
    println!();
    println!(
        "### List of {} pending members of {} bytes: bytes a member beyond those\n",
        bytes::MEMBERS,
        size_of::<Leaf>()
    );
    println!("| way | bytes |\n| --- | ---: |");
    for (way, beyond) in bytes::lists() {
        println!("| {way} | {beyond:.1} |");
    }
    println!();
}

/// How late the first error is.
pub fn promptness() {
    println!("## First error among {} pending members\n", prompt::MEMBERS);
    println!(
        "| way | late, virtual time | late, real time: median | worst of five |\n| --- | ---: | ---: | ---: |"
    );
    for (way, virtually, (median, worst)) in lateness() {
        println!("| {way} | {virtually:.1?} | {median:.1?} | {worst:.1?} |");
    }
    println!();
}

/// What the compiler takes.
pub fn compile_time() {
    let report = compiled();
    println!("## Compile time: 200 functions, 100 nested calls\n");
    println!(
        "{} calls of functions in them; {} lines annotated, {} by hand; both programs print {}.\n",
        report.nodes, report.lines[0], report.lines[1], report.printed
    );
    println!("| command | annotated | by hand | ratio | processor time | by hand | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in &report.rows {
        let ([a, b], [c, d]) = (row.clock, row.cpu);
        println!(
            "| `cargo {}` | {a:.2} s | {b:.2} s | {:.2} | {c:.2} s | {d:.2} s | {:.2} |",
            row.command,
            a / b,
            c / d
        );
    }
    println!();
}

/// Nanoseconds, by divan.
pub fn time() {
    eprintln!("time: divan");
    println!("## Time\n");
    let out =
        std::process::Command::new(std::env::current_exe().expect("the path of this program"))
            .arg("divan")
            .output()
            .expect("it runs itself");
    println!("```text\n{}```", String::from_utf8_lossy(&out.stdout));
}
