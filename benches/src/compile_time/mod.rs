//! How long the compiler takes for 200 annotated functions and 100 nested calls, beside
//! the same program by hand.

mod model;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use model::Program;

const RUNS: usize = 5;

const WAYS: [&str; 2] = ["annotated", "by_hand"];

/// One command of cargo.
pub struct Row {
    pub command: &'static str,
    /// Median seconds of the annotated program, and of the one by hand: on the clock.
    pub clock: [f64; 2],
    /// The same: of processor time.
    pub cpu: [f64; 2],
}

/// The two programs.
pub struct Report {
    pub rows: Vec<Row>,
    pub nodes: usize,
    pub lines: [usize; 2],
    /// Both print the same, or they would not do the same work.
    pub printed: String,
}

/// Write both programs, build what they depend on, and measure.
pub fn measure() -> Report {
    let program = Program::new();
    let dir = std::env::temp_dir().join("defer-compile-time");
    let texts = [write::annotated(&program), write::by_hand(&program)];
    for (way, text) in WAYS.iter().zip(&texts) {
        write_crate(&dir, way, text);
        for command in COMMANDS {
            cargo(&dir, way, command);
        }
    }
    let printed = WAYS.map(|way| {
        let out = Command::new(dir.join("target/release").join(way))
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&out.stdout).trim().to_string()
    });
    assert_eq!(printed[0], printed[1], "the two programs do different work");

    let rows = COMMANDS
        .into_iter()
        .map(|command| {
            let mut clock = [Vec::new(), Vec::new()];
            let mut cpu = [Vec::new(), Vec::new()];
            // By turns, so that a slow minute of the machine falls on both.
            for _ in 0..RUNS {
                for (place, way) in WAYS.iter().enumerate() {
                    let main = dir.join(way).join("src/main.rs");
                    fs::write(&main, &texts[place]).expect("touched");
                    let (start, before) = (Instant::now(), children_seconds());
                    cargo(&dir, way, command);
                    clock[place].push(start.elapsed().as_secs_f64());
                    cpu[place].push(children_seconds() - before);
                }
            }
            Row {
                command,
                clock: clock.map(median),
                cpu: cpu.map(median),
            }
        })
        .collect();
    Report {
        rows,
        nodes: program.nodes(),
        lines: [texts[0].lines().count(), texts[1].lines().count()],
        printed: printed[0].clone(),
    }
}

const COMMANDS: [&str; 3] = ["check", "build", "build --release"];

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn write_crate(dir: &Path, way: &str, text: &str) {
    let benches = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = benches.parent().expect("a folder around benches").display();
    let at = dir.join(way);
    fs::create_dir_all(at.join("src")).expect("a folder for the program");
    fs::write(at.join("src/main.rs"), text).expect("the program is written");
    // Both depend on both, so that they are linked with the same libraries.
    let manifest = format!(
        "[package]\nname = \"{way}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n\
         defer = {{ package = \"defer-flow\", path = \"{root}\", default-features = false, features = [\"std\"] }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"macros\", \"rt\"] }}\n",
    );
    fs::write(at.join("Cargo.toml"), manifest).expect("the manifest is written");
    // The versions that are there already.
    fs::copy(benches.join("Cargo.lock"), at.join("Cargo.lock")).expect("the lock file is copied");
}

fn cargo(dir: &Path, way: &str, command: &str) -> Output {
    let out = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(command.split(' '))
        .args(["--quiet", "--offline"])
        .current_dir(dir.join(way))
        .env("CARGO_TARGET_DIR", dir.join("target"))
        // Everything is compiled again, not only what the compiler finds changed.
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .expect("cargo runs");
    assert!(
        out.status.success(),
        "cargo {command} of {way}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    out
}

/// Processor time of the processes that this one has waited for.
fn children_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may contain spaces: user and system ticks of the children are
    // the 14th and 15th field, a hundred ticks a second.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields: Vec<f64> = after
        .split(' ')
        .filter_map(|field| field.parse().ok())
        .collect();
    let ticks: f64 = fields.iter().skip(12).take(2).sum();
    ticks / 100.0
}
