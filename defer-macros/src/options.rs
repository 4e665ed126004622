//! What stands in the parentheses of an attribute: `#[callback(boxed, error = E)]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Ident, Path, Token, Type};

use crate::errors::Errors;
use crate::shares::Shares;

/// The options there are, for messages.
const KNOWN: &str = "`boxed`, `boxed_local`, `associated`, `blocking`, `spawn`, `memoize`, \
                     `single_flight`, `batch = function`, `max = number`, `retry = policy`, \
                     `error = Type` and `crate = path`";

/// The options of an attribute.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// `crate = path`: where the facade is.
    krate: Option<Path>,
    /// `error = E`: the return type is a `Result` with this error, whatever its name.
    pub(crate) error: Option<Type>,
    /// `retry = policy`: the body runs again when it has failed.
    pub(crate) retry: Option<Expr>,
    /// `boxed` or `boxed_local`.
    pub(crate) boxed: Option<BoxedAs>,
    /// `associated`: a function of an `impl` block without a receiver.
    pub(crate) associated: bool,
    /// `memoize` or `single_flight`.
    pub(crate) shares: Option<Shares>,
    /// `batch = function`: what answers the calls, many at once.
    pub(crate) batch: Option<Path>,
    /// `max = number`: how many at most.
    pub(crate) max: Option<Max>,
    /// `blocking` or `spawn`: where the body runs, if not in the task of the call.
    pub(crate) elsewhere: Option<(Elsewhere, Ident)>,
    /// The other attributes of the item have run already.
    pub(crate) last: bool,
}

/// The value of `max`, with its name.
#[derive(Clone)]
pub(crate) struct Max {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// Where the chain of the call goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BoxedAs {
    /// To the heap, `Send`.
    Send,
    /// To the heap, not `Send`.
    Local,
}

/// Where the body runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// On a thread that may block.
    Thread,
    /// In a task of its own.
    Task,
}

impl Options {
    /// The path of the facade.
    pub(crate) fn krate(&self) -> TokenStream {
        self.krate
            .as_ref()
            .map_or_else(|| quote!(::defer), |path| quote!(#path))
    }

    /// Parse as much as can be parsed.
    pub(crate) fn parse(attribute: &str, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Options::default();
        let mut seen: Vec<String> = Vec::new();
        let parser = |input: ParseStream<'_>| -> syn::Result<()> {
            while !input.is_empty() {
                let option: Opt = input.parse()?;
                let name = option.name.to_string();
                if seen.contains(&name) {
                    errors.at(
                        &option.name,
                        format!("`{name}` is given twice: once is enough"),
                    );
                }
                options.set(attribute, option, errors);
                seen.push(name);
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        options
    }

    fn set(&mut self, attribute: &str, option: Opt, errors: &mut Errors) {
        let Opt { name, value } = option;
        let known = name.to_string();
        match (known.as_str(), value) {
            ("crate", value) => match value {
                Some(Value::Type(Type::Path(path))) if path.qself.is_none() => {
                    self.krate = Some(path.path);
                }
                _ => errors.at(
                    &name,
                    "`crate` takes the path of the `defer` crate: `crate = path`",
                ),
            },
            ("error", Some(Value::Type(error))) => self.error = Some(error),
            ("error", _) => errors.at(
                &name,
                "`error` takes the error type of the returned `Result`: `error = MyError`",
            ),
            ("memoize" | "single_flight", None | Some(Value::List(_)))
                if self
                    .shares
                    .as_ref()
                    .is_some_and(|shares| shares.name != name) =>
            {
                errors.at(
                    &name,
                    "either `memoize` or `single_flight`: calls share a run with both",
                );
            }
            ("memoize", Some(Value::List(list))) => {
                self.shares = Some(Shares::parse(name, Some(list), errors));
            }
            ("memoize" | "single_flight", None) => {
                self.shares = Some(Shares::parse(name, None, errors));
            }
            ("memoize", Some(_)) => errors.at(
                &name,
                "`memoize` takes its bounds in parentheses: `memoize(size = 100)`",
            ),
            ("batch", Some(Value::Type(Type::Path(path)))) if path.qself.is_none() => {
                self.batch = Some(path.path);
            }
            ("batch", _) => errors.at(
                &name,
                "`batch` takes the function that answers many calls at once: `batch = load_users`",
            ),
            ("max", value) => match max_of(value) {
                Some(value) => self.max = Some(Max { name, value }),
                None => errors.at(
                    &name,
                    "`max` takes the largest number of keys of a batch, from 1 on: `max = 100`, or \
                     a constant",
                ),
            },
            ("retry", Some(Value::Expr(policy))) => self.retry = Some(policy),
            ("retry", _) => errors.at(&name, "`retry` takes a policy: `retry = Retry::default()`"),
            (
                "boxed" | "boxed_local" | "associated" | "blocking" | "spawn" | "single_flight"
                | "__last",
                Some(_),
            ) => {
                errors.at(&name, format!("`{known}` takes no value"));
            }
            ("boxed" | "boxed_local", None) if self.boxed.is_some() => {
                if !errors_name_twice(self.boxed, &known) {
                    errors.at(
                        &name,
                        "either `boxed` or `boxed_local`: a call is boxed once",
                    );
                }
            }
            ("boxed", None) => self.boxed = Some(BoxedAs::Send),
            ("boxed_local", None) => self.boxed = Some(BoxedAs::Local),
            ("blocking", None) => self.set_elsewhere(Elsewhere::Thread, name, errors),
            ("spawn", None) => self.set_elsewhere(Elsewhere::Task, name, errors),
            ("associated", None) => self.associated = true,
            ("__last", None) => self.last = true,
            _ => errors.at(
                &name,
                format!("unknown option `{known}`: `#[{attribute}]` takes {KNOWN}"),
            ),
        }
    }

    fn set_elsewhere(&mut self, place: Elsewhere, name: Ident, errors: &mut Errors) {
        match &self.elsewhere {
            Some((other, _)) if *other != place => errors.at(
                &name,
                "either `blocking` or `spawn`: a body runs in one place",
            ),
            _ => self.elsewhere = Some((place, name)),
        }
    }

    /// The options again, as tokens, for an attribute that is put back behind others.
    pub(crate) fn put_back(tokens: &TokenStream) -> TokenStream {
        let last = format_ident!("__last", span = Span::call_site());
        if tokens.is_empty() {
            return quote!(#last);
        }
        let mut ends_in_comma = false;
        for token in tokens.clone() {
            ends_in_comma =
                matches!(&token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',');
        }
        if ends_in_comma {
            quote!(#tokens #last)
        } else {
            quote!(#tokens, #last)
        }
    }
}

/// A number from 1 on, or the path of a constant.
fn max_of(value: Option<Value>) -> Option<TokenStream> {
    match value? {
        Value::Type(Type::Path(path)) => Some(quote!(#path)),
        Value::Int(number) => {
            let least: u128 = number.base10_parse().ok()?;
            (least > 0 && matches!(number.suffix(), "" | "usize")).then(|| quote!(#number))
        }
        _ => None,
    }
}

/// `boxed, boxed` has been reported as given twice.
fn errors_name_twice(first: Option<BoxedAs>, second: &str) -> bool {
    matches!(
        (first, second),
        (Some(BoxedAs::Send), "boxed") | (Some(BoxedAs::Local), "boxed_local")
    )
}

struct Opt {
    name: Ident,
    value: Option<Value>,
}

#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Value {
    Type(Type),
    /// What stands in parentheses after the name.
    List(TokenStream),
    Int(syn::LitInt),
    Expr(Expr),
    Other,
}

impl Parse for Opt {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), format!("expected an option: {KNOWN}"))
        })?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if name == "retry" {
                Some(Value::Expr(input.parse()?))
            } else if input.peek(syn::Lit) {
                Some(match input.parse::<syn::Lit>()? {
                    syn::Lit::Int(number) => Value::Int(number),
                    _ => Value::Other,
                })
            } else {
                Some(Value::Type(input.parse()?))
            }
        } else if input.peek(syn::token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            Some(Value::List(list.parse()?))
        } else {
            None
        };
        Ok(Opt { name, value })
    }
}
