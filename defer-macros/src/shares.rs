//! `memoize` and `single_flight`: calls with equal arguments share one run.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::visit::Visit;
use syn::{Expr, GenericParam, Lifetime, Token, Type};

use crate::errors::Errors;
use crate::impl_trait::has_impl_trait;
use crate::model::{Flavor, Function, bare};
use crate::validate::MOST;

/// How calls with equal arguments share a run.
#[derive(Clone)]
pub(crate) struct Shares {
    /// The option, for messages.
    pub(crate) name: Ident,
    pub(crate) how: How,
}

#[derive(Clone)]
pub(crate) enum How {
    /// `memoize`: while it runs, and afterwards.
    Memoize,
    /// `memoize(size = .., expires = ..)`.
    Bounded(Vec<(Ident, Expr)>),
    /// `single_flight`: while it runs.
    SingleFlight,
}

impl Shares {
    /// From `memoize`, `memoize(..)` or `single_flight`.
    pub(crate) fn parse(name: Ident, list: Option<TokenStream>, errors: &mut Errors) -> Self {
        let how = match list {
            _ if name == "single_flight" => How::SingleFlight,
            None => How::Memoize,
            Some(list) => {
                let bounds = |input: ParseStream<'_>| bounds(input, errors);
                match bounds.parse2(list) {
                    Ok(bounds) => How::Bounded(bounds),
                    Err(error) => {
                        errors.push(error);
                        How::Memoize
                    }
                }
            }
        };
        Shares { name, how }
    }
}

const BOUNDS: &str = "`size = number` and `expires = duration`";

fn bounds(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<(Ident, Expr)>> {
    let mut bounds: Vec<(Ident, Expr)> = Vec::new();
    while !input.is_empty() {
        let name: Ident = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                format!("expected a bound of `memoize`: {BOUNDS}"),
            )
        })?;
        input.parse::<Token![=]>()?;
        let bound: Expr = input.parse()?;
        if name != "size" && name != "expires" {
            errors.at(
                &name,
                format!("unknown bound `{name}`: `memoize` takes {BOUNDS}"),
            );
        } else if bounds.iter().any(|(seen, _)| *seen == name) {
            errors.at(&name, format!("`{name}` is given twice: once is enough"));
        } else {
            bounds.push((name, bound));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(bounds)
}

/// Refuse what no key can be made of. What is refused is lowered without the option.
pub(crate) fn validate(function: &mut Function, errors: &mut Errors) {
    let Some(Shares { name, .. }) = &function.options.shares else {
        return;
    };
    if let Some((at, message)) = refusal(function, name) {
        errors.at(at, message);
        function.options.shares = None;
    }
}

fn refusal(function: &Function, name: &Ident) -> Option<(TokenStream, String)> {
    if function.flavor == Flavor::Errback {
        let message = format!(
            "`{name}` cannot go on an `#[errback]`, whose call cannot be known by its arguments: \
             put it on the `#[callback]` inside"
        );
        return Some((name.to_token_stream(), message));
    }
    if function.in_impl {
        let receiver = function.receiver.as_ref();
        let at = receiver.map_or_else(|| name.to_token_stream(), ToTokens::to_token_stream);
        let made = match function.options.shares.as_ref().map(|shares| &shares.how) {
            Some(How::SingleFlight) => "share::single_flight",
            _ => "share::memoize",
        };
        let message = format!(
            "`{name}` goes on a free function: for a method keep a `defer::{made}` of its work in \
             a field"
        );
        return Some((at, message));
    }
    for param in &function.params {
        if let Some(instead) = no_key(&param.written) {
            let message = format!(
                "all the parameters are the key of a call with `{name}`, which outlives it: \
                 {instead}"
            );
            return Some((param.written.to_token_stream(), message));
        }
    }
    let written = function.generics.params.first();
    if let Some(param) = written {
        let what = match param {
            GenericParam::Lifetime(_) => "a lifetime",
            GenericParam::Type(_) | GenericParam::Const(_) => "a generic parameter",
        };
        let message = format!(
            "`{name}` cannot go on a function with {what}, since there is one table of calls for \
             all of it: write a function for each type, or use `defer::share`"
        );
        return Some((param.to_token_stream(), message));
    }
    if function.returns.has_impl {
        let message = format!(
            "what `{name}` keeps needs a type with a name: write it out instead of `impl Trait`"
        );
        return Some((function.returns.ty.to_token_stream(), message));
    }
    let one_more = function.params.get(MOST)?;
    let message = format!(
        "the key of a call with `{name}` has at most {MOST} parts, and this is one more: put some \
         into a struct"
    );
    Some((one_more.written.to_token_stream(), message))
}

/// What to take instead of a type that no key can have.
fn no_key(ty: &Type) -> Option<&'static str> {
    if has_impl_trait(ty) {
        return Some("write a type with a name instead of `impl Trait`");
    }
    let mut borrows = Borrows(false);
    borrows.visit_type(ty);
    if !borrows.0 {
        return None;
    }
    Some(match bare(ty) {
        Type::Reference(_) => "take it by value, a `String` instead of a `&str`",
        _ => "take what borrows nothing",
    })
}

/// Looks for lifetimes that are not `'static`.
struct Borrows(bool);

impl<'a> Visit<'a> for Borrows {
    fn visit_type_reference(&mut self, ty: &'a syn::TypeReference) {
        self.0 |= ty.lifetime.is_none();
        syn::visit::visit_type_reference(self, ty);
    }
    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        self.0 |= lifetime.ident != "static";
    }
    // These have lifetimes of their own.
    fn visit_type_bare_fn(&mut self, _: &'a syn::TypeBareFn) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'a syn::ParenthesizedGenericArguments) {
    }
}
