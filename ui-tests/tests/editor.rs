//! An editor keeps working inside annotated functions while their body or attribute is wrong.
//!
//! Drives rust-analyzer over LSP as an editor does: opens a file, waits until the server
//! has loaded the project, asks for completions after a dot. Where rust-analyzer is not
//! installed the test says so; `RUST_ANALYZER` names one that is not on the `PATH`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Functions in all the states that typing goes through. Completion is asked for at each
/// `/*N*/`, and has to offer what stands behind it.
const SOURCE: &str = r#"
use defer::prelude::*;

pub struct Page { pub body_text: String }
impl Page { pub fn count_links(&self) -> usize { 0 } }
pub struct FetchError { pub status_code: u16 }
pub struct Site { pub base_address: String }

// All is well.
#[callback]
fn right(page: Page) -> usize { page./*count_links*/count_links() }

// The body is not finished.
#[callback]
fn unfinished(page: Page) -> usize { page./*count_links*/ }

// The body does not parse at all.
#[callback]
fn broken(page: Page) -> usize { let x = (page./*count_links*/; if }

// The option does not exist.
#[callback(bogus)]
fn bad_option(page: Page) -> usize { page./*count_links*/ }

// The attribute does not parse.
#[callback(= 3 +)]
fn bad_attribute(page: Page) -> usize { page./*count_links*/ }

// The attribute asks for what cannot be.
#[errback]
fn nothing_to_catch() -> usize { let page = Page { body_text: String::new() }; page./*count_links*/ }

#[errback]
fn by_reference(failure: &FetchError) -> Page { failure./*status_code*/ }

#[errback]
async fn caught(failure: FetchError, other: Page) -> Page { failure./*status_code*/ }

#[inline_callbacks]
fn inline(page: Page) -> Result<usize, FetchError> { let n = right(1).await; page./*count_links*/ }

impl Site {
    #[callback]
    fn method(&self, page: Page) -> usize { self./*base_address*/ }

    #[callback(bogus)]
    async fn later(&self, page: Page) -> usize { self./*base_address*/ }
}

fn call() { let d = right(Page { body_text: String::new() }); d./*boxed*/ }
"#;

#[test]
fn completes_in_wrong_bodies_and_under_wrong_attributes() {
    let Some(server) = rust_analyzer() else {
        // Not `print!`: the line has to be seen when the test passes.
        let _ = writeln!(
            std::io::stderr().lock(),
            "SKIPPED: rust-analyzer is not installed, editors were not tested"
        );
        return;
    };
    let project = Project::create();
    let mut editor = Editor::start(&server, &project.root);
    let (text, places) = places(SOURCE);
    fs::write(project.root.join("src/lib.rs"), &text).unwrap();
    editor.open(&project.root.join("src/lib.rs"), &text);
    editor.wait_until_loaded();
    let mut missing = Vec::new();
    for place in &places {
        let labels = editor.complete(&project.root.join("src/lib.rs"), place);
        if !labels.iter().any(|label| label.contains(&place.expected)) {
            missing.push((place.line + 1, place.expected.clone(), labels));
        }
    }
    editor.stop();
    assert!(
        places.len() >= 11,
        "the source holds the places: {}",
        places.len()
    );
    assert!(
        missing.is_empty(),
        "no completion at (line, expected, offered): {missing:#?}"
    );
}

/// Where completion is asked for, and what it has to offer.
struct Place {
    line: usize,
    character: usize,
    expected: String,
}

/// The source without its marks, and where they were.
fn places(source: &str) -> (String, Vec<Place>) {
    let mut text = String::new();
    let mut places = Vec::new();
    for (line, content) in source.lines().enumerate() {
        match content.split_once("/*") {
            Some((before, rest)) => {
                let (expected, after) = rest.split_once("*/").expect("a mark is closed");
                places.push(Place {
                    line,
                    character: before.len(),
                    expected: expected.to_string(),
                });
                text.push_str(before);
                text.push_str(after);
            }
            None => text.push_str(content),
        }
        text.push('\n');
    }
    (text, places)
}

fn rust_analyzer() -> Option<PathBuf> {
    let named = std::env::var_os("RUST_ANALYZER").map(PathBuf::from);
    let candidates = named.into_iter().chain([PathBuf::from("rust-analyzer")]);
    // A toolchain manager's stub is on the `PATH` and fails where the component is missing.
    candidates.into_iter().find(|path| {
        Command::new(path)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// A crate that uses the library, as a user's.
struct Project {
    root: PathBuf,
}

impl Project {
    fn create() -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir_all(root.join("src")).unwrap();
        fs::write(
            root.join("Cargo.toml"),
            format!(
                "[package]\nname = \"editor\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                 [dependencies]\ndefer = {{ package = \"defer-flow\", path = {library:?} }}\n\
                 [workspace]\n"
            ),
        )
        .unwrap();
        fs::write(root.join("src/lib.rs"), "").unwrap();
        // The versions that are there already.
        fs::copy(library.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        Project { root }
    }
}

/// The editor's side of the protocol.
struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next_id: u64,
}

impl Editor {
    fn start(server: &Path, root: &Path) -> Self {
        let mut child = Command::new(server)
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut editor = Editor {
            child,
            input,
            output,
            next_id: 0,
        };
        editor.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": uri(root),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "window": { "workDoneProgress": false },
                },
                "initializationOptions": {
                    "checkOnSave": false,
                    "procMacro": { "enable": true },
                    "cargo": { "buildScripts": { "enable": true } },
                },
            }),
        );
        editor.notify("initialized", json!({}));
        editor
    }

    fn open(&mut self, path: &Path, text: &str) {
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": {
                "uri": uri(path), "languageId": "rust", "version": 1, "text": text
            } }),
        );
    }

    /// Until the server says that nothing is under way, macros included.
    fn wait_until_loaded(&mut self) {
        let started = Instant::now();
        loop {
            let message = self.read();
            if message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
            {
                return;
            }
            assert!(
                started.elapsed() < Duration::from_secs(600),
                "rust-analyzer never loaded"
            );
        }
    }

    fn complete(&mut self, path: &Path, place: &Place) -> Vec<String> {
        let answer = self.request(
            "textDocument/completion",
            json!({
                "textDocument": { "uri": uri(path) },
                "position": { "line": place.line, "character": place.character },
            }),
        );
        let result = &answer["result"];
        let items = result["items"].as_array().or(result.as_array());
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item["label"].as_str().map(String::from))
            .collect()
    }

    fn stop(mut self) {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.child.wait().unwrap();
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
        }
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    /// The next message; requests of the server are answered with nothing.
    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut header = String::new();
            let read = self.output.read_line(&mut header).unwrap();
            assert!(read > 0, "rust-analyzer went away");
            match header.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut content = vec![0; length];
        self.output.read_exact(&mut content).unwrap();
        let message: Value = serde_json::from_slice(&content).unwrap();
        if !message["id"].is_null() && message["method"].is_string() {
            let id = message["id"].clone();
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
        }
        message
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
