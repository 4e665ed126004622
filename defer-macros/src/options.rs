//! What stands in the parentheses of an attribute: `#[callback(boxed, error = E)]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Ident, Path, Token, Type};

use crate::errors::Errors;

/// The options there are, for messages.
const KNOWN: &str =
    "`boxed`, `boxed_local`, `associated`, `retry = policy`, `error = Type` and `crate = path`";

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
    /// The other attributes of the item have run already.
    pub(crate) last: bool,
}

/// Where the chain of the call goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BoxedAs {
    /// To the heap, `Send`.
    Send,
    /// To the heap, not `Send`.
    Local,
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
            ("retry", Some(Value::Expr(policy))) => self.retry = Some(policy),
            ("retry", _) => errors.at(&name, "`retry` takes a policy: `retry = Retry::default()`"),
            ("boxed" | "boxed_local" | "associated" | "__last", Some(_)) => {
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
            ("associated", None) => self.associated = true,
            ("__last", None) => self.last = true,
            _ => errors.at(
                &name,
                format!("unknown option `{known}`: `#[{attribute}]` takes {KNOWN}"),
            ),
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
                input.parse::<syn::Lit>()?;
                Some(Value::Other)
            } else {
                Some(Value::Type(input.parse()?))
            }
        } else {
            None
        };
        Ok(Opt { name, value })
    }
}
