//! What the callbacks of a program do.

use serde_json::{Value, json};

use crate::program::{Outcome, index, items, text};

/// What a callback gives back.
pub(crate) enum Gives {
    /// An outcome of its own.
    Outcome(Outcome),
    /// What it was given.
    Input,
    /// A deferred.
    Deferred(usize),
}

/// Do as a behaviour says.
pub(crate) fn behave(does: &Value, given: &Outcome) -> Gives {
    let does = items(does);
    match text(&does[0]) {
        "value" => Gives::Outcome(Ok(does[1].clone())),
        "add" => {
            let number = match given {
                Ok(value) => number(value),
                Err(error) => error_number(error),
            };
            let added = does[1].as_i64().expect("a number is added");
            Gives::Outcome(Ok(json!(number + added)))
        }
        "raise" | "failure" => Gives::Outcome(Err(does[1].clone())),
        "pass" | "reraise" => Gives::Input,
        "return" => Gives::Deferred(index(&does[1])),
        "trap" => match given {
            Err(error) if items(&does[1]).contains(&error[0]) => behave(&does[2], given),
            _ => Gives::Input,
        },
        other => panic!("no behaviour of a linear program: {other}"),
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Array(list) => list.iter().map(number).sum(),
        Value::Object(marked) => {
            let (mark, inner) = marked.iter().next().expect("a mark");
            match mark.as_str() {
                "ok" => number(inner),
                "err" => error_number(inner),
                "winner" => number(&inner[1]),
                _ => 0,
            }
        }
        other => other.as_i64().unwrap_or(0),
    }
}

fn error_number(error: &Value) -> i64 {
    match text(&error[0]) {
        "A" | "B" | "C" => number(&error[1]),
        "FirstError" => error_number(&error[2]),
        "FailureGroup" => items(&error[1]).iter().map(error_number).sum(),
        _ => 0,
    }
}
