//! Recorded programs, as `tools/twisted_traces/FORMAT.md` describes them.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

/// What a deferred came to: a value or an error, both as they are written in a file.
pub(crate) type Outcome = Result<Value, Value>;

/// The programs that are committed.
pub(crate) const COMMITTED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/twisted_traces.jsonl.gz"
);

/// A program, what Twisted did with it, and how that is tagged.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) linear: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) features: Vec<String>,
    pub(crate) ops: Vec<Value>,
    pub(crate) trace: Vec<Value>,
    pub(crate) finals: Vec<Value>,
}

/// All programs of a file.
pub(crate) fn read(path: &str) -> Vec<Program> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = if path.ends_with(".gz") {
        let mut text = String::new();
        let read = GzDecoder::new(&bytes[..]).read_to_string(&mut text);
        read.unwrap_or_else(|error| panic!("{path}: {error}"));
        text
    } else {
        String::from_utf8(bytes).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let mut lines = text.lines().map(|line| {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{path}: {error}"))
    });
    let header = lines.next().expect("the file has a header");
    assert_eq!(header["format"], "twisted-traces");
    assert_eq!(header["version"], 1, "another version of the format");
    lines.map(Program::new).collect()
}

impl Program {
    fn new(mut written: Value) -> Self {
        let mut list = |key: &str| match written[key].take() {
            Value::Array(list) => list,
            other => panic!("{key} is no list: {other}"),
        };
        let (ops, trace, finals) = (list("ops"), list("trace"), list("final"));
        let (reasons, features) = (texts(list("reasons")), texts(list("features")));
        Program {
            id: text(&written["id"]).to_owned(),
            linear: written["profile"] == "linear",
            reasons,
            features,
            ops,
            trace,
            finals,
        }
    }
}

fn texts(list: Vec<Value>) -> Vec<String> {
    list.iter().map(|one| text(one).to_owned()).collect()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A number of a deferred, of a step, of seconds.
pub(crate) fn index(value: &Value) -> usize {
    let index = value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"));
    index.try_into().expect("a small number")
}

pub(crate) fn indices(value: &Value) -> Vec<usize> {
    items(value).iter().map(index).collect()
}

pub(crate) fn items(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

/// An outcome as it is written.
pub(crate) fn written(outcome: &Outcome) -> Value {
    match outcome {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "err": error }),
    }
}

/// The list of outcomes with which a list fires.
pub(crate) fn list_of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Value {
    outcomes.into_iter().map(written).collect()
}

pub(crate) fn winner(place: usize, value: &Value) -> Value {
    json!({ "winner": [place, value] })
}

pub(crate) fn first_error(place: usize, error: &Value) -> Value {
    json!(["FirstError", place, error])
}

pub(crate) fn group(errors: &[Value]) -> Value {
    json!(["FailureGroup", errors])
}

pub(crate) fn cancelled() -> Value {
    json!(["Cancelled"])
}

/// The deferreds that an operation can only be carried out on while nobody has used them up.
pub(crate) fn touched(op: &Value) -> impl Iterator<Item = usize> {
    let members = op.get("of").map(indices).unwrap_or_default();
    let own = match text(&op["op"]) {
        "add" | "timeout" | "cancel" | "pause" | "chain" => Some(index(&op["d"])),
        _ => None,
    };
    members.into_iter().chain(own)
}
