//! The program as text: with annotated functions, and by hand.

use std::fmt::Write;

use super::model::{Expr, Fails, Function, Program, Ty};

const HEAD: &str = r#"
#[derive(Debug)]
pub struct FetchError(pub usize);

#[derive(Debug)]
pub enum AppError {
    Fetch(FetchError),
    Empty(&'static str),
}

impl From<FetchError> for AppError {
    fn from(error: FetchError) -> Self {
        AppError::Fetch(error)
    }
}

pub trait Weight {
    fn weight(&self) -> usize;
}
impl Weight for String {
    fn weight(&self) -> usize {
        self.len()
    }
}
impl Weight for usize {
    fn weight(&self) -> usize {
        *self
    }
}
impl Weight for bool {
    fn weight(&self) -> usize {
        usize::from(*self)
    }
}
impl<T: Weight, E> Weight for Result<T, E> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(1_000, Weight::weight)
    }
}
"#;

/// With the attributes.
pub fn annotated(program: &Program) -> String {
    let mut text = String::from("use defer::prelude::*;\n");
    text.push_str(HEAD);
    for function in &program.functions {
        let attribute = if function.rescues.is_some() {
            "errback"
        } else {
            "callback"
        };
        write!(text, "\n#[{attribute}]\n{}", item(function)).expect("written");
    }
    for (index, call) in program.calls.iter().enumerate() {
        let returned = returned(type_of(program, call), program.fails(call));
        let call = nested(program, call);
        write!(
            text,
            "\nasync fn call_{index}(n: usize) -> {returned} {{\n    {call}.await\n}}\n"
        )
        .expect("written");
    }
    text.push_str(&main(program));
    text
}

/// With plain functions, `?` and `try_join!`.
pub fn by_hand(program: &Program) -> String {
    let mut text = String::from(HEAD);
    for function in &program.functions {
        write!(text, "\n{}", item(function)).expect("written");
    }
    for (index, call) in program.calls.iter().enumerate() {
        let fails = program.fails(call);
        let returned = returned(type_of(program, call), fails);
        let body = outcome(&hand(program, call), fails);
        write!(
            text,
            "\nasync fn call_{index}(n: usize) -> {returned} {{\n    {body}\n}}\n"
        )
        .expect("written");
    }
    text.push_str(&main(program));
    text
}

fn returned(ty: Ty, fails: Fails) -> String {
    match fails {
        Fails::Never => ty.name().to_string(),
        fails => format!("Result<{}, {}>", ty.name(), fails.error()),
    }
}

fn type_of(program: &Program, expr: &Expr) -> Ty {
    match expr {
        Expr::Literal(ty, _) => *ty,
        Expr::Call { function, .. }
        | Expr::Rescued {
            errback: function, ..
        } => program.functions[*function].returns,
    }
}

/// The function, with the same body in both programs.
fn item(function: &Function) -> String {
    let names = ["page", "second", "third", "fourth"];
    let mut params = Vec::new();
    let mut body = String::new();
    if let Some(error) = function.rescues {
        params.push(format!("failure: {}", error.error()));
    }
    for (name, ty) in names.iter().zip(&function.params) {
        params.push(format!("{name}: {}", ty.name()));
    }
    if function.is_async {
        body.push_str("    tokio::task::yield_now().await;\n");
    }
    body.push_str("    let mut weight = 0usize;\n");
    for (name, ty) in names.iter().zip(&function.params) {
        let one = match ty {
            Ty::Label => format!("{name}.len()"),
            _ => format!("{name}.weight()"),
        };
        writeln!(body, "    weight = weight.wrapping_mul(31) + {one};").expect("written");
    }
    if function.rescues.is_some() {
        body.push_str("    weight += format!(\"{failure:?}\").len();\n");
    }
    match function.fails {
        Fails::Never => {}
        Fails::Fetch => {
            body.push_str(
                "    if weight % 7 == 3 {\n        return Err(FetchError(weight));\n    }\n",
            );
        }
        Fails::App => {
            writeln!(
                body,
                "    if weight % 11 == 5 {{\n        return Err(AppError::Empty({:?}));\n    }}",
                function.name
            )
            .expect("written");
        }
    }
    let value = match function.returns {
        Ty::Text => "format!(\"{page}{weight}\")",
        Ty::Count => "weight % 1_000",
        Ty::Flag | Ty::Label => "weight % 2 == 0",
    };
    match function.fails {
        Fails::Never => writeln!(body, "    {value}").expect("written"),
        _ => writeln!(body, "    Ok({value})").expect("written"),
    }
    format!(
        "{}fn {}({}) -> {} {{\n{body}}}\n",
        if function.is_async { "async " } else { "" },
        function.name,
        params.join(", "),
        returned(function.returns, function.fails),
    )
}

fn literal(ty: Ty, value: usize) -> String {
    match ty {
        Ty::Text => format!("format!(\"{{n}}/{value}\")"),
        Ty::Count => format!("n + {value}"),
        Ty::Flag => format!("n > {value}"),
        Ty::Label => format!("\"label {value}\""),
    }
}

/// The nested call.
fn nested(program: &Program, expr: &Expr) -> String {
    match expr {
        Expr::Literal(ty, value) => literal(*ty, *value),
        Expr::Call { function, args } => {
            let args: Vec<_> = args.iter().map(|arg| nested(program, arg)).collect();
            format!("{}({})", program.functions[*function].name, args.join(", "))
        }
        Expr::Rescued {
            errback,
            inner,
            fallback,
        } => format!(
            "{}({}, {})",
            program.functions[*errback].name,
            nested(program, inner),
            nested(program, fallback)
        ),
    }
}

/// A piece of code in an `async fn`.
struct Code {
    /// Gives the value; an error leaves by `?`.
    value: String,
    /// The same without its last `?`, if it ends in one of this error.
    result: Option<(String, Fails)>,
    /// The future to be awaited, if that is all there is to it.
    future: Option<String>,
    awaits: bool,
    fails: Fails,
}

/// A block that has an outcome: the `Result`, or the value if it cannot fail.
fn outcome(code: &Code, fails: Fails) -> String {
    match &code.result {
        Some((result, own)) if *own == fails => result.clone(),
        _ if fails == Fails::Never => code.value.clone(),
        _ => format!("Ok({})", code.value),
    }
}

/// The same as a future.
fn future(code: &Code, fails: Fails) -> String {
    match &code.future {
        Some(future) if code.fails == fails => future.clone(),
        _ if fails == Fails::Never => format!("async {{ {} }}", code.value),
        _ => format!("async {{ Ok::<_, {}>({}) }}", fails.error(), code.value),
    }
}

/// What a person would write for the nested call.
fn hand(program: &Program, expr: &Expr) -> Code {
    match expr {
        Expr::Literal(ty, value) => Code {
            value: literal(*ty, *value),
            result: None,
            future: None,
            awaits: false,
            fails: Fails::Never,
        },
        Expr::Rescued {
            errback,
            inner,
            fallback,
        } => {
            let errback = &program.functions[*errback];
            let inner = hand(program, inner);
            let fallback = hand(program, fallback);
            let awaited = if errback.is_async { ".await" } else { "" };
            let into = match errback.rescues {
                Some(rescues) if rescues == inner.fails => "failure",
                _ => "failure.into()",
            };
            let value = format!(
                "match {}.await {{ Ok(value) => value, Err(failure) => {}({into}, {}){awaited} }}",
                future(&inner, inner.fails),
                errback.name,
                fallback.value,
            );
            Code {
                value,
                result: None,
                future: None,
                awaits: true,
                fails: fallback.fails,
            }
        }
        Expr::Call { function, args } => {
            let function = &program.functions[*function];
            let args: Vec<_> = args.iter().map(|arg| hand(program, arg)).collect();
            let joined = args.iter().filter(|arg| arg.awaits).count() > 1;
            let merged = args
                .iter()
                .map(|arg| arg.fails)
                .find(|fails| *fails != Fails::Never)
                .unwrap_or(Fails::Never);
            let fails = if function.fails == Fails::Never {
                merged
            } else {
                function.fails
            };
            let awaits = function.is_async || args.iter().any(|arg| arg.awaits);

            let mut before = String::new();
            let mut values: Vec<String> = args.iter().map(|arg| arg.value.clone()).collect();
            if joined {
                let waiting: Vec<usize> = (0..args.len())
                    .filter(|place| args[*place].awaits)
                    .collect();
                let can_fail = waiting
                    .iter()
                    .any(|place| args[*place].fails != Fails::Never);
                let error = if can_fail { fails } else { Fails::Never };
                let futures: Vec<_> = waiting
                    .iter()
                    .map(|place| future(&args[*place], error))
                    .collect();
                let names: Vec<_> = waiting.iter().map(|place| format!("a{place}")).collect();
                for (place, name) in waiting.iter().zip(&names) {
                    values[*place].clone_from(name);
                }
                let (join, mark) = if can_fail {
                    ("try_join", "?")
                } else {
                    ("join", "")
                };
                before = format!(
                    "let ({}) = tokio::{join}!({}){mark};",
                    names.join(", "),
                    futures.join(", ")
                );
            }
            let call = format!("{}({})", function.name, values.join(", "));
            let awaited = if function.is_async {
                format!("{call}.await")
            } else {
                call.clone()
            };
            let block = |last: String| match before.as_str() {
                "" => last,
                before => format!("{{ {before} {last} }}"),
            };
            // Where no argument needs the block around it, the call is the future.
            let alone = args
                .iter()
                .all(|arg| !arg.awaits && arg.fails == Fails::Never);
            Code {
                value: match function.fails {
                    Fails::Never => block(awaited.clone()),
                    _ => block(format!("{awaited}?")),
                },
                result: (function.fails != Fails::Never)
                    .then(|| (block(awaited.clone()), function.fails)),
                future: (function.is_async && alone).then_some(call),
                awaits,
                fails,
            }
        }
    }
}

fn main(program: &Program) -> String {
    let mut text = String::new();
    let groups = program.calls.len() / 10;
    for group in 0..groups {
        writeln!(
            text,
            "\nasync fn group_{group}(n: usize) -> usize {{\n    let mut sum = 0;"
        )
        .expect("written");
        for call in group * 10..group * 10 + 10 {
            writeln!(text, "    sum += call_{call}(n).await.weight();").expect("written");
        }
        text.push_str("    sum\n}\n");
    }
    text.push_str("\n#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {\n");
    text.push_str("    let n = std::env::args().count();\n    let mut sum = 0;\n");
    for group in 0..groups {
        writeln!(text, "    sum += group_{group}(n).await;").expect("written");
    }
    text.push_str("    println!(\"{sum}\");\n}\n");
    text
}
